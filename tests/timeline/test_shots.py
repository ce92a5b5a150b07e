"""A video with cuts: each shot is labelled from its own windows, and no segment reaches over a cut."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.timeline import (
    Piece,
    TimelineOptions,
    WindowScores,
    apply_pieces,
    guess,
    label_frames,
    load_scores,
    restrict,
    save_scores,
    segment,
    stable_labels,
)
from har.timeline.scores import Scored

NAMES = ("A", "B")
CUTS = (4.0, 4.4, 7.0)  # the second shot has no window
FRAMES = np.arange(250) / 25
ROWS = st.lists(st.sampled_from([(0.9, 0.1), (0.1, 0.9), (0.5, 0.45), (0.0, 0.0)]), min_size=12, max_size=12)
OPTIONS = st.builds(
    TimelineOptions,
    threshold=st.sampled_from([0.0, 0.4, 0.6]),
    min_sec=st.sampled_from([0.0, 0.5, 2.0]),
    smooth_sec=st.sampled_from([0.0, 1.0, 3.0]),
)
STARTS = np.array([0, 0.5, 1, 1.5, 2, 4.4, 4.9, 5, 7, 7.5, 8, 8.02])
ENDS = np.array([2, 2.5, 3, 3.5, 4, 6.4, 6.9, 7, 9, 9.5, 10, 10])


def scores_of(rows):
    return WindowScores(NAMES, STARTS, ENDS, np.array(rows, np.float32), np.array(CUTS))


def shot(frame_times):
    return np.searchsorted(CUTS, frame_times, "right")


@given(ROWS, OPTIONS)
def test_each_shot_is_labelled_as_if_it_were_a_video(rows, options):
    scores = scores_of(rows)
    whole = label_frames(scores, FRAMES, options)
    for number in (0, 2, 3):
        windows, frames = shot(STARTS) == number, shot(FRAMES) == number
        own = WindowScores(NAMES, STARTS[windows], ENDS[windows], scores.probabilities[windows])
        alone = label_frames(own, FRAMES[frames], options)
        for name in ("label_index", "confidence", "top_index", "top_probability", "support"):
            np.testing.assert_array_equal(getattr(whole, name)[frames], getattr(alone, name), name)


@given(ROWS, OPTIONS)
def test_no_segment_reaches_over_a_cut(rows, options):
    scores = scores_of(rows)
    labels = label_frames(scores, FRAMES, options)
    for part in (*segment(labels, 10.0).segments, *guess(scores, labels, options, 10.0)):
        assert not any(part.start_sec < cut < part.end_sec for cut in CUTS)
    assert set(CUTS) <= {part.start_sec for part in segment(labels, 10.0).segments}


def test_a_shot_without_windows_is_unsure():
    labels = label_frames(scores_of([(0.9, 0.1)] * 12), FRAMES, TimelineOptions(threshold=0.0))
    unsure = labels.label_index < 0
    np.testing.assert_array_equal(FRAMES[unsure], FRAMES[shot(FRAMES) == 1])
    assert not labels.confidence[unsure].any()
    assert not labels.support[unsure].any()


@given(ROWS, OPTIONS, st.integers(1, 12))
def test_labels_shown_while_a_video_is_scored_do_not_change_at_cuts(rows, options, count):
    scores = scores_of(rows)
    final = label_frames(scores, FRAMES, options)
    known = np.array([cut for cut in CUTS if cut < ENDS[count - 1]])
    begin = WindowScores(NAMES, STARTS[:count], ENDS[:count], scores.probabilities[:count], known)
    stable = stable_labels(begin, FRAMES, options)
    if stable is not None:
        np.testing.assert_array_equal(stable.label_index, final.label_index[: len(stable.times_sec)])


def test_cuts_are_kept_when_labels_are_chosen_and_scores_stored(tmp_path):
    scored = Scored(scores_of([(0.9, 0.1)] * 12), FRAMES, 10.0)
    save_scores(tmp_path / "scores.npz", scored)
    again = load_scores(tmp_path / "scores.npz").scores
    np.testing.assert_array_equal(again.cuts_sec, CUTS)
    np.testing.assert_array_equal(restrict(again, ["B"]).cuts_sec, CUTS)


def test_a_correction_across_a_cut_holds_as_the_person_made_it():
    scores, options = scores_of([(0.9, 0.1)] * 12), TimelineOptions()
    labels = label_frames(scores, FRAMES, options)
    pieces = (Piece(0.0, "A"), Piece(3.0, "B", "corrected"), Piece(8.0, "A"))
    changed, timeline = apply_pieces(labels, scores, options, pieces, 10.0)
    assert [(part.start_sec, part.end_sec, part.label) for part in timeline.segments] == [
        (0.0, 3.0, "A"),
        (3.0, 8.0, "B"),
        (8.0, 10.0, "A"),
    ]
    assert changed.confidence[FRAMES == 5.0] == pytest.approx(0.1)  # of the shot's own windows
    assert changed.confidence[FRAMES == 4.2] == 0  # it has none


@pytest.mark.parametrize(
    ("cuts", "message"), [([1.0], "a window reaches over a cut"), ([4.4, 4.0], "ascend"), ([np.nan], "ascend")]
)
def test_impossible_cuts_are_refused(cuts, message):
    with pytest.raises(ValueError, match=message):
        replace(scores_of([(0.9, 0.1)] * 12), cuts_sec=np.array(cuts))
