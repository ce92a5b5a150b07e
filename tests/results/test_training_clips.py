"""Corrected segments become clips to train on."""

import pytest

from har import results
from har.datasets import open_dataset
from har.datasets.sources import user
from har.errors import AnnotationMissing, CorrectionsRefused, StopRequested
from har.results import Cutting, clips_of
from har.results.training_clips import Kept
from har.settings import settings
from har.timeline import Piece, Segment, Timeline
from har.video import probe
from tests.browser.made import FPS, make_result
from tests.datasets.sources.conftest import files
from tests.video.test_cut import numbers


def at(frame):
    return float(frame / FPS)


PIECES = (
    Piece(0.0, "squat"),
    Piece(at(60), "wave", "corrected"),
    Piece(at(180), None, "corrected"),
    Piece(at(200), "juggling", "confirmed"),
    Piece(at(203), "walk", "corrected"),
)


@pytest.fixture
def result():
    made = make_result(settings().home, [0] * 17)
    result = results.open_annotation(made.folder)
    results.change(result, PIECES)
    return result


def parts(*lengths, mark="corrected", label="wave"):
    ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
    return Timeline(
        tuple(Segment(end - length, end, label, 1.0, 1, mark) for end, length in zip(ends, lengths, strict=True))
    )


@pytest.mark.parametrize(
    ("length", "clips"),
    [
        (0.1, []),
        (0.5, [(0, 0.5)]),
        (2.0, [(0, 2)]),
        (3.9, [(0, 3.9)]),
        (4.0, [(0, 2), (2, 4)]),
        (5.0, [(0, 2.5), (2.5, 5)]),
    ],
)
def test_a_long_segment_gives_as_many_clips_as_spans_fit_in(length, clips):
    assert [(start, end) for _, start, end in clips_of(parts(length), 2.0)] == clips


def test_only_what_a_person_has_looked_at_and_named():
    assert clips_of(parts(2.0, mark=None), 2.0) == []
    assert len(clips_of(parts(2.0, mark=None), 2.0, every=True)) == 1
    assert clips_of(parts(2.0, label=None), 2.0, every=True) == []
    assert len(clips_of(parts(2.0, mark="confirmed"), 2.0)) == 1


def test_clips_hold_the_frames_of_their_segments(result, tmp_path):
    events = []
    kept = results.keep(result.folder, tmp_path / "set", on_event=events.append)
    span_sec = result.card.spec.span_sec
    assert kept == Kept("g01", {"wave": int(at(120) / span_sec + 1e-6), "walk": 1}, 1)
    clips = {video.label: [] for video in open_dataset(str(tmp_path / "set")).videos}
    for video in open_dataset(str(tmp_path / "set")).videos:
        clips[video.label] += numbers(video.path)
    assert clips == {"wave": list(range(60, 180)), "walk": list(range(203, 250))}
    assert events[-1] == Cutting(3, 3)


def test_the_same_result_again_replaces_its_group(result, tmp_path):
    results.keep(result.folder, tmp_path / "set")
    results.change(result, (Piece(0.0, "walk", "corrected"),))
    results.keep(result.folder, tmp_path / "set")
    dataset = open_dataset(str(tmp_path / "set"))
    assert (dataset.labels, dataset.groups) == (("walk",), ("g01",))
    assert sum(probe(video.path).frame_count for video in dataset.videos) == 250


def test_stopping_leaves_the_set_as_it_was(result, tmp_path):
    results.keep(result.folder, tmp_path / "set")
    before = files(tmp_path / "set")

    def stop(event):
        if event.done == 1:
            raise StopRequested

    results.change(result, (Piece(0.0, "walk", "corrected"),))
    with pytest.raises(StopRequested):
        results.keep(result.folder, tmp_path / "set", on_event=stop)
    assert files(tmp_path / "set") == before
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_page_keeps_into_a_set_of_the_visitors_own(result):
    name = user.new_name()
    results.keep_for_page(result.folder, name)
    assert open_dataset(name).labels == ("walk", "wave")


def test_what_cannot_be_kept_is_told_in_words(result, tmp_path, monkeypatch):
    mine = settings().model_copy(update={"max_kept_clips": 2})
    monkeypatch.setattr("har.results.training_clips.settings", lambda: mine)
    with pytest.raises(CorrectionsRefused, match="3 clips"):
        results.keep(result.folder, tmp_path / "set")
    monkeypatch.undo()
    results.change(result, None)
    with pytest.raises(CorrectionsRefused, match="corrected or confirmed"):
        results.keep(result.folder, tmp_path / "set")
    result.info.path.unlink()
    with pytest.raises(AnnotationMissing, match="not where it was"):
        results.keep(result.folder, tmp_path / "set", every=True)
    assert not (tmp_path / "set").exists()
