"""One label for each frame: when it begins and ends, and when there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.errors import OptionsError
from har.timeline import TimelineOptions, WindowScores, label_frames

RAW = TimelineOptions(threshold=0.4, hysteresis=0.1, min_sec=0, smooth_sec=0)
SHORT = TimelineOptions(min_sec=0.5, smooth_sec=0)


def labelled(rows, options=RAW, fps=10.0):
    """Labels where each frame is a window of its own; as a string, a dot where unsure."""
    times = np.arange(len(rows)) / fps
    probabilities = np.array(rows, np.float32)
    labels = tuple("ABCDE"[: probabilities.shape[1]])
    return label_frames(WindowScores(labels, times, times + 0.5 / fps, probabilities), times, options)


def drawn(result):
    return "".join("." if index < 0 else result.labels[index] for index in result.label_index)


@pytest.mark.promise("numbers", "Frames below the threshold are unsure")
def test_below_the_threshold_is_unsure_with_the_confidence_of_the_most_probable_label():
    result = labelled([[0.39, 0.3], [0.3, 0.38]])
    assert drawn(result) == ".."
    np.testing.assert_allclose(result.confidence, [0.39, 0.38])
    assert result.label(0) is None


def test_threshold_is_inclusive_also_for_one_label_and_one_frame():
    for threshold in (0.1, 0.3, 0.4, 0.7):
        options = TimelineOptions(threshold=threshold, hysteresis=0, min_sec=0, smooth_sec=0)
        result = labelled([[threshold]], options)
        assert (drawn(result), result.top_index.tolist()) == ("A", [[0, -1, -1]])


A, B, UNSURE = [0.8, 0.1], [0.2, 0.7], [0.2, 0.2]


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        ([[0.35, 0], [0.4, 0], [0.35, 0], [0.31, 0], [0.29, 0], [0.35, 0]], RAW, ".AAA.."),  # lasts to 0.4 - 0.1
        ([A] * 10 + [B] * 5 + [A] * 10, SHORT, "A" * 10 + "B" * 5 + "A" * 10),  # exactly the minimum duration
        ([A, [0.1, 0.8]] * 20, SHORT, "." * 40),  # flicker
        ([A] * 10 + [UNSURE] * 2 + [A] * 10, SHORT, "A" * 10 + ".." + "A" * 10),  # a gap of low probability
        ([A] * 3, TimelineOptions(min_sec=5, smooth_sec=0), "AAA"),  # a video shorter than the minimum duration
    ],
)
def test_labels(rows, options, expected):
    assert drawn(labelled(rows, options)) == expected


def test_label_lasts_until_another_leads_by_more_than_the_hysteresis():
    result = labelled([[0.5, 0.4], [0.45, 0.5], [0.42, 0.5], [0.38, 0.5], [0.45, 0.5], [0.55, 0.44]])
    assert drawn(result) == "AAABBA"
    np.testing.assert_allclose(result.confidence, [0.5, 0.45, 0.42, 0.5, 0.5, 0.55])


def test_all_zero_frames_are_unsure_even_at_threshold_zero():
    options = TimelineOptions(threshold=0, hysteresis=0.5, min_sec=0, smooth_sec=0)
    result = labelled([[0.5, 0.1], [0, 0]], options)
    assert drawn(result) == "A."
    assert result.top_index.tolist() == [[0, 1, -1], [-1, -1, -1]]
    assert result.confidence[1] == 0


def test_short_run_between_equal_labels_takes_that_label_and_its_probability():
    rows = [[0.8, 0.1]] * 10 + [[0.2, 0.7]] * 4 + [[0.8, 0.1]] * 10
    result = labelled(rows, SHORT)
    assert drawn(result) == "A" * 24
    np.testing.assert_allclose(result.confidence[10:14], 0.2, rtol=1e-6)
    assert result.top_index[10, 0] == 1


def test_short_run_between_different_labels_is_unsure():
    rows = [[0.8, 0.1, 0]] * 10 + [[0.2, 0.7, 0]] * 4 + [[0, 0.1, 0.8]] * 10
    result = labelled(rows, SHORT)
    assert drawn(result) == "A" * 10 + "...." + "C" * 10
    np.testing.assert_allclose(result.confidence[10:14], 0.7)


@pytest.mark.parametrize(("inside", "closed"), [(0.35, True), (0.25, False)])
def test_short_gap_is_closed_only_if_the_label_stayed_probable(inside, closed):
    """Two consecutive short runs of other labels leave a gap within A."""
    rows = [[0.8, 0.1, 0]] * 10 + [[inside, 0.6, 0]] * 2 + [[inside, 0, 0.6]] * 2 + [[0.8, 0.1, 0]] * 10
    result = labelled(rows, SHORT)
    assert drawn(result) == "A" * 10 + ("AAAA" if closed else "....") + "A" * 10
    np.testing.assert_allclose(result.confidence[10:14], inside if closed else 0.6, rtol=1e-6)


@pytest.mark.parametrize("name", ["threshold", "hysteresis", "min_sec", "smooth_sec"])
@pytest.mark.parametrize("value", [-0.1, 4000.0, float("nan")])
def test_options_out_of_range_are_refused(name, value):
    with pytest.raises(OptionsError, match=name):
        TimelineOptions(**{name: value})


probabilities = st.lists(st.lists(st.integers(0, 33), min_size=3, max_size=3), min_size=1, max_size=80)


@given(probabilities, st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 0.4]))
def test_higher_threshold_never_has_fewer_unsure_frames(rows, one, other, smooth_sec):
    low, high = sorted((one, other))
    unsure = [
        labelled(np.array(rows) / 100, TimelineOptions(threshold, 0, 0, smooth_sec)).label_index < 0
        for threshold in (low, high)
    ]
    assert (unsure[1] >= unsure[0]).all()


@given(probabilities, st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 2), st.floats(0, 2))
def test_labels_have_their_confidence_and_minimum_duration(rows, threshold, hysteresis, min_sec, smooth_sec):
    options = TimelineOptions(threshold, hysteresis, min_sec, smooth_sec)
    result = labelled(np.array(rows) / 100, options)
    assert (np.diff(result.top_probability, axis=1) <= 0).all()
    unsure = result.label_index < 0
    np.testing.assert_array_equal(result.confidence[unsure], result.top_probability[unsure, 0])
    assert (result.confidence <= result.top_probability[:, 0] + 1e-6).all()
    edges = np.flatnonzero(np.diff(result.label_index)) + 1
    for first, last in zip([0, *edges], [*edges, len(rows)], strict=True):
        if result.label_index[first] >= 0 and last - first < len(rows):
            assert (last - first) / 10 >= min_sec - 1e-6


@given(probabilities, st.integers(1, 400))
def test_labels_do_not_depend_on_block_size(rows, block):
    from har.timeline import frame_labels

    table = np.array(rows) / 100
    whole = labelled(table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame_labels, "_BLOCK_VALUES", 3 * block)
        patch.setattr(frame_labels, "_MIN_BLOCK_FRAMES", 1)
        parts = labelled(table)
    np.testing.assert_array_equal(whole.label_index, parts.label_index)
    np.testing.assert_allclose(whole.confidence, parts.confidence, atol=1e-6)
