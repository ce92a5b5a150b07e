"""A classifier whose encoder has a memory: what a frame gives depends on the frames before it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.classifier import Classifier
from har.classifier.model import ENCODER, HEAD
from har.clips import ClipSpec, read_for_spec
from har.recognition import encode_frames, score, window_probabilities
from har.video import probe, write_video
from tests.classifier.conftest import CARD
from tests.video.test_shots import scene

SPEC = ClipSpec(frames=4, height=2, width=2, span_sec=0.8)


class RunningSum:
    """Feature of a frame: the brightness of all frames so far."""

    input_shape = (2, 2, 3)

    def start(self) -> Callable[[np.ndarray], np.ndarray]:
        total = np.zeros(1, np.float32)

        def encode(frames: np.ndarray) -> np.ndarray:
            sums: np.ndarray = total + frames.mean(axis=(1, 2, 3), dtype=np.float32)[:, None].cumsum(axis=0)
            total[:] = sums[-1]
            return sums

        return encode

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        return self.start()(frames)


class LastStep:
    """Probabilities from the last step of a window."""

    input_shape = (4, 1)

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        share = windows[:, -1, :] / 1000
        return np.concatenate([share, 1 - share, np.zeros_like(share)], axis=1)


@pytest.fixture
def classifier() -> Classifier:
    return Classifier(replace(CARD, spec=SPEC), {ENCODER: RunningSum(), HEAD: LastStep()})


def film(*brightness: int) -> np.ndarray:
    return np.stack([np.full((2, 2, 3), value, np.uint8) for value in brightness])


def test_each_clip_begins_without_a_past(classifier: Classifier) -> None:
    clips = np.stack([film(1, 2, 3, 4), film(10, 20, 30, 40)])
    np.testing.assert_allclose(classifier(clips)[:, 0], [0.010, 0.100], rtol=1e-5)


def test_windows_of_a_film_share_its_past(classifier: Classifier) -> None:
    steps = encode_frames(iter(film(*[10] * 40)), classifier)  # more frames than are encoded at once
    (rows,) = window_probabilities([steps], classifier, 4)
    np.testing.assert_allclose(rows[:, 0], np.arange(1, 11) * 40 / 1000, rtol=1e-5)


def test_a_second_film_begins_afresh(classifier: Classifier) -> None:
    first, second = (np.concatenate(list(encode_frames(iter(film(5, 5)), classifier))) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_shot_begins_without_a_past(classifier: Classifier, tmp_path: Path) -> None:
    frames = (scene(shot, step) for shot, count in enumerate((50, 15, 40)) for step in range(count))
    write_video(tmp_path / "edited.mp4", frames, Fraction(25))
    info = probe(tmp_path / "edited.mp4")
    scores = score(info, classifier, 0.2).scores
    with read_for_spec(info, SPEC, fps=SPEC.rate, find_cuts=True) as reader:
        samples = np.stack(list(reader))
        firsts = [0, *(cut.sample for cut in reader.cuts)]
    assert len(firsts) == 3
    short = samples[firsts[1] : firsts[2]][[0, 1, 2, 1]]  # three samples for four places
    clips = np.stack([samples[:4], short, samples[firsts[2] :][:4]])
    begins = np.searchsorted(scores.start_sec, [0.0, *scores.cuts_sec])
    np.testing.assert_allclose(scores.probabilities[begins], classifier(clips), rtol=1e-5)
