"""Guesses: the closest label where a timeline is unsure, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from har.timeline import TimelineOptions, WindowScores, guess, label_frames

RAW = TimelineOptions(threshold=0.6, hysteresis=0.0, min_sec=0, smooth_sec=0)


def guesses(rows, marks=None):
    """Of a video in which each window is a frame of a second."""
    times = np.arange(len(rows), dtype=np.float64)
    scores = WindowScores(("A", "B"), times, times + 1, np.array(rows, np.float32))
    frames = label_frames(scores, times, RAW)
    if marks is not None:
        frames = replace(frames, marks=np.array(marks))
    return [(part.start_sec, part.end_sec, part.label) for part in guess(scores, frames, RAW, float(len(rows)))]


def test_only_unsure_parts_have_guesses():
    assert guesses([[0.9, 0.1], [0.4, 0.3], [0.4, 0.3], [0.1, 0.5], [0.2, 0.8]]) == [(1, 3, "A"), (3, 4, "B")]
    assert guesses([[0.9, 0.1], [0.2, 0.8]]) == []


def test_windows_without_any_of_the_labels_have_no_guess():
    assert guesses([[0.4, 0.3], [0.0, 0.0], [0.1, 0.2]]) == [(0, 1, "A"), (2, 3, "B")]


def test_what_a_person_marked_as_unsure_has_no_guess():
    assert guesses([[0.4, 0.3], [0.4, 0.3], [0.4, 0.3]], marks=[0, 2, 1]) == [(0, 1, "A")]


def test_the_confidence_of_a_guess_is_the_mean_probability_of_its_label():
    times = np.arange(2.0)
    scores = WindowScores(("A", "B"), times, times + 1, np.array([[0.5, 0.1], [0.3, 0.1]], np.float32))
    (part,) = guess(scores, label_frames(scores, times, RAW), RAW, 2.0)
    assert part.confidence == pytest.approx(0.4)
