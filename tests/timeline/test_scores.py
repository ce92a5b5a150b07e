"""Window scores: storing them, restricting them to chosen labels, the verdict on the whole video."""

import numpy as np
import pytest

from har.errors import LabelsError, ScoresDamaged
from har.timeline import Scored, WindowScores, load_scores, restrict, save_scores, verdict


def scores_of(rows: list[list[float]], labels: tuple[str, ...] | None = None) -> WindowScores:
    start = np.arange(len(rows), dtype=np.float64)
    names = labels or tuple("abcdefghijklmnop"[: len(rows[0])])
    return WindowScores(names, start, start + 2.0, np.array(rows, np.float32))


@pytest.mark.parametrize(("stopped", "warning"), [(False, None), (True, "The file is truncated. ‘日本語’")])
def test_saved_scores_are_loaded_bit_for_bit_with_any_label(tmp_path, stopped, warning):
    scores = scores_of([[0.1, 0.9], [1 / 3, 2 / 3]], ("日本語 \\ {\\an8}", "nul\0"))
    scored = Scored(scores, np.arange(75) * 1001 / 30000, 2.5025, stopped, warning)
    save_scores(tmp_path / "scores.npz", scored)
    again = load_scores(tmp_path / "scores.npz")
    assert (again.scores.labels, again.stopped, again.warning) == (scores.labels, stopped, warning)
    assert (again.times_sec.tobytes(), again.duration_sec) == (scored.times_sec.tobytes(), 2.5025)
    for name in ("start_sec", "end_sec", "probabilities"):
        assert getattr(again.scores, name).tobytes() == getattr(scores, name).tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["scores.npz"]


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 truncated"])
def test_missing_and_damaged_files_are_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "scores.npz").write_bytes(content)
    with pytest.raises(ScoresDamaged, match=r"scores\.npz"):
        load_scores(tmp_path / "scores.npz")


@pytest.mark.promise("hostile", "Stored scores run no code when they are opened")
def test_files_with_code_are_refused(tmp_path):
    with (tmp_path / "scores.npz").open("wb") as file:
        np.savez(file, texts=np.array([print], dtype=object))
    with pytest.raises(ScoresDamaged):
        load_scores(tmp_path / "scores.npz")


@pytest.mark.parametrize(
    ("start", "end", "rows"),
    [
        ([0, 1], [2, 3], [[0.5, 0.5]]),  # fewer rows than windows
        ([0, 1], [2, 3], [[0.5], [0.5]]),  # fewer columns than labels
        ([1, 0], [3, 2], [[0.5, 0.5]] * 2),  # descending
        ([0, 0], [2, 2], [[0.5, 0.5]] * 2),  # one window twice
        ([0, 1], [3, 2], [[0.5, 0.5]] * 2),  # one inside the other
        ([0, 1], [0, 3], [[0.5, 0.5]] * 2),  # no length
        ([0, np.nan], [2, 3], [[0.5, 0.5]] * 2),
        ([0, 1], [2, 3], [[0.5, np.nan], [0.5, 0.5]]),
        ([0, 1], [2, 3], [[-0.5, 0.5], [0.5, 0.5]]),
        ([0, 1], [2, 3], [[1.5, 0.5], [0.5, 0.5]]),
        ([], [], np.zeros((0, 2))),
    ],
)
def test_invalid_scores_are_refused(start, end, rows):
    with pytest.raises((ValueError, TypeError)):  # TypeError: from the annotated shapes, which tests check
        WindowScores(("a", "b"), np.array(start, float), np.array(end, float), np.array(rows, np.float32))


def test_duplicate_labels_are_refused():
    with pytest.raises(ValueError, match="distinct"):
        scores_of([[0.5, 0.5]], ("a", "a"))


def test_restricted_scores_are_renormalised_in_the_chosen_order():
    restricted = restrict(scores_of([[0.5, 0.3, 0.1, 0.1]]), ["c", "a"])
    assert restricted.labels == ("c", "a")
    np.testing.assert_allclose(restricted.probabilities, [[1 / 6, 5 / 6]], rtol=1e-6)


@pytest.mark.promise("numbers", "Windows without any of the chosen labels become unsure")
def test_windows_without_the_chosen_labels_become_zeros():
    # The chance level of two of four labels is 0.5; a fifth of it is 0.1.
    restricted = restrict(scores_of([[0.06, 0.03, 0.9, 0.01], [0.06, 0.05, 0.88, 0.01]]), ["a", "b"])
    np.testing.assert_allclose(restricted.probabilities, [[0, 0], [6 / 11, 5 / 11]], rtol=1e-6)


def test_floor_share_zero_keeps_all_but_empty_windows():
    restricted = restrict(scores_of([[1e-6, 0, 1, 0], [0, 0, 1, 0]]), ["a", "b"], floor_share=0)
    np.testing.assert_array_equal(restricted.probabilities, [[1, 0], [0, 0]])


def test_choosing_all_labels_changes_at_most_their_order():
    scores = scores_of([[0.25, 0.75]])
    assert restrict(scores, ["a", "b"]) is scores
    turned = restrict(scores, ["b", "a"])
    assert turned.labels == ("b", "a")
    np.testing.assert_array_equal(turned.probabilities, [[0.75, 0.25]])


def test_unknown_labels_are_refused_with_suggestions():
    scores = scores_of([[0.2, 0.3, 0.5]], ("tai chi", "squat", "bench pressing"))
    with pytest.raises(LabelsError, match=r"‘TaiChi’.*mean ‘tai chi’"):
        restrict(scores, ["squat", "TaiChi"])
    with pytest.raises(LabelsError, match="list of its labels"):
        restrict(scores, ["zzzz"])
    with pytest.raises(LabelsError, match="No label"):
        restrict(scores, [])


def test_verdict_is_the_mean_over_windows():
    scores = scores_of([[0.0, 0.6, 0.4, 0.0], [0.4, 0.2, 0.4, 0.0]])
    assert [(label, round(share, 6)) for label, share in verdict(scores)] == [("b", 0.4), ("c", 0.4), ("a", 0.2)]
    assert len(verdict(scores, count=9)) == 4
