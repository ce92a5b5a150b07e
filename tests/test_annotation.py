import csv
import json
from fractions import Fraction

import numpy as np
import pytest

from har import annotation, networks, results
from har.classifier import Card, TrainingData, save
from har.clips import ClipSpec
from har.errors import (
    AnnotationMissing,
    ClassifierMissing,
    EncodingFailed,
    LabelsError,
    NotAVideo,
    OptionsError,
    StopRequested,
)
from har.recognition import Scoring
from har.results import LabelOptions, partial
from har.settings import settings
from har.timeline import Piece, TimelineOptions
from har.video import probe, read_frames, write_video

FILES = {"annotated.mp4", "captions.srt", "captions.vtt", "notes.json", "scores.npz", "timeline.csv", "timeline.json"}
FOR_PAGE = FILES | {"proxy.mp4"}


@pytest.fixture(scope="module")
def classifier():
    """A network nobody has trained: what it says means nothing, but it says it of every frame."""
    spec = ClipSpec(6, 64, 64, 0.6)
    model = networks.build("lrcn", 3, spec)
    rng = np.random.default_rng(3)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.3, weight.shape))
    card = Card(
        "untrained", "Untrained", "", "lrcn", ("TaiChi", "squat", "wave"), spec, 0.1, "MIT", TrainingData("none")
    )
    save(settings().classifiers / "untrained", card, model, overwrite=True)
    return "untrained"


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "it's a [video], 50% off.mp4"
    rng = np.random.default_rng(0)
    write_video(path, rng.integers(0, 255, (60, 120, 160, 3), np.uint8), Fraction(30))
    return path


@pytest.fixture(scope="module")
def annotated(video, classifier, tmp_path_factory):
    """An annotated video as pages have it, and the events on the way. Tests must leave it as it is."""
    events = []
    folder = tmp_path_factory.mktemp("annotated")
    result = annotation.annotate(video, folder, classifier, for_page=True, on_event=events.append)
    return result, events


def rows_of(folder):
    with (folder / "timeline.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_everything_a_visitor_takes_away_is_there(annotated):
    result, _ = annotated
    assert {path.name for path in result.folder.iterdir()} == FOR_PAGE
    written = probe(result.folder / "annotated.mp4")
    assert (written.codec, written.fps, written.frame_count) == ("h264", Fraction(30), 60)
    rows = rows_of(result.folder)
    assert len(rows) == 60
    assert list(rows[0]) == ["frame", "time_sec", "label", "confidence"]
    document = json.loads((result.folder / "timeline.json").read_text())
    assert document["segments"][0]["start_sec"] == 0
    assert document["segments"][-1]["end_sec"] == pytest.approx(2.0)
    assert len(document["verdict"]) == 3


def test_the_command_line_leaves_no_files_that_only_pages_need(video, classifier, tmp_path):
    annotation.annotate(video, tmp_path / "out", classifier)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_corrections_of_an_earlier_run_are_put_aside(video, classifier, tmp_path):
    annotation.annotate(video, tmp_path, classifier)
    results.change(results.open_annotation(tmp_path), (Piece(0.0, "juggling", "corrected"),))
    before = (tmp_path / results.CORRECTIONS).read_bytes()
    result = annotation.annotate(video, tmp_path, classifier)
    assert results.corrected(result) == result
    assert (tmp_path / f"earlier-{results.CORRECTIONS}").read_bytes() == before


def test_events_come_in_the_order_of_the_work(annotated):
    _, events = annotated
    kinds = list(dict.fromkeys(type(event).__name__ for event in events))
    assert kinds == ["MakingProxy", "LoadingClassifier", "Scoring", "BurningIn"]
    assert events[-1].done == pytest.approx(1.0)


def test_an_annotation_opens_again_as_it_was(annotated):
    result, _ = annotated
    again = results.open_annotation(result.folder)
    assert (again.info, again.options, again.card) == (result.info, result.options, result.card)
    assert again.labelled.timeline == result.labelled.timeline


def test_other_settings_cost_no_second_look_at_the_video(annotated):
    result, _ = annotated
    sure = results.label(result.scored, LabelOptions(timeline=TimelineOptions(threshold=0.0)))
    unsure = results.label(result.scored, LabelOptions(timeline=TimelineOptions(threshold=1.0)))
    assert {segment.label for segment in sure.timeline.segments} <= {"TaiChi", "squat", "wave"}
    assert {segment.label for segment in unsure.timeline.segments} == {None}


def test_labels_may_be_spelt_in_other_ways(annotated):
    result, _ = annotated
    labelled = results.label(result.scored, LabelOptions(("tai chi",)).spelt_as(result.card.labels))
    assert labelled.frames.labels == ("TaiChi",)


def test_mistakes_are_told_before_any_work(video, classifier, tmp_path):
    def must_not_happen(event):
        raise AssertionError(event)

    with pytest.raises(LabelsError, match="squat"):
        annotation.annotate(video, tmp_path, classifier, LabelOptions(("squart",)), on_event=must_not_happen)
    with pytest.raises(ClassifierMissing):
        annotation.annotate(video, tmp_path, "no-such-classifier", on_event=must_not_happen)
    (tmp_path / "text.mp4").write_text("text")
    with pytest.raises(NotAVideo):
        annotation.annotate(tmp_path / "text.mp4", tmp_path, classifier, on_event=must_not_happen)
    with pytest.raises(OptionsError):
        annotation.annotate_for_page(
            "no-such-sample", tmp_path, classifier, LabelOptions(), 0.1, on_event=must_not_happen
        )


def test_stopping_while_scoring_keeps_all_but_the_video(video, classifier, tmp_path):
    def stop(event):
        if isinstance(event, Scoring):
            raise StopRequested

    result = annotation.annotate(video, tmp_path / "out", classifier, on_event=stop)
    assert result.scored.stopped
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES - {"annotated.mp4"}
    assert json.loads((tmp_path / "out" / "timeline.json").read_text())["stopped"] is True


def test_what_is_stopped_can_still_be_played_where_that_costs_nothing(video, classifier, tmp_path):
    def stop(event):
        if isinstance(event, Scoring):
            raise StopRequested

    annotation.annotate(video, tmp_path, classifier, for_page=True, on_event=stop)
    assert {path.name for path in tmp_path.iterdir()} == FOR_PAGE - {"annotated.mp4"}


def test_a_page_gets_a_longer_video_with_labels_only_when_asked(video, classifier, tmp_path, monkeypatch):
    changed = settings().model_copy(update={"burn_in_sec": 1.0})
    monkeypatch.setattr("har.annotation.settings", lambda: changed)
    annotation.annotate(video, tmp_path / "page", classifier, for_page=True)
    assert {path.name for path in (tmp_path / "page").iterdir()} == FOR_PAGE - {"annotated.mp4"}
    annotation.burn_again(tmp_path / "page", LabelOptions())
    assert {path.name for path in (tmp_path / "page").iterdir()} == FOR_PAGE
    annotation.annotate(video, tmp_path / "out", classifier)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_what_is_played_is_the_video_without_labels(annotated):
    result, _ = annotated
    played = results.to_play(result.folder)
    with read_frames(probe(played)) as copy, read_frames(result.info) as original:
        for one, other in zip(copy, original, strict=True):
            np.testing.assert_array_equal(one, other)


def test_burning_in_makes_up_for_what_there_was_not_to_play(video, classifier, tmp_path):
    annotation.annotate(video, tmp_path, classifier, for_page=True)
    results.to_play(tmp_path).unlink()
    annotation.burn_again(tmp_path, LabelOptions())
    assert results.to_play(tmp_path).name == "proxy.mp4"


def test_a_page_sees_the_work_as_far_as_it_has_come(video, classifier, tmp_path, monkeypatch):
    for pause in ("_EVERY_SEC", "_SHARE"):
        monkeypatch.setattr(partial, pause, -1.0)
    monkeypatch.setattr("har.recognition._HEAD_BATCH", 5)
    sharp = LabelOptions(timeline=TimelineOptions(threshold=0.0, smooth_sec=0.0, min_sec=0.0))
    seen = []

    def look(event):
        if not isinstance(event, results.BurningIn):
            seen.append((type(event).__name__, results.open_growing(tmp_path)))

    result = annotation.annotate(video, tmp_path, classifier, sharp, for_page=True, on_event=look)
    assert {found for name, found in seen if name == "MakingProxy"} == {None}
    counts = [len(found.so_far.labelled.frames.times_sec) for name, found in seen if name == "Scoring"]
    assert counts == sorted(set(counts))
    last = seen[-1][1].so_far.labelled.frames
    np.testing.assert_array_equal(last.label_index, result.labelled.frames.label_index[: counts[-1]])
    assert {path.name for path in tmp_path.iterdir()} == FOR_PAGE
    assert results.open_growing(tmp_path).so_far.labelled.timeline == result.labelled.timeline


def test_what_cannot_be_played_is_scored_all_the_same_and_told_at_the_end(video, classifier, tmp_path, monkeypatch):
    def refuse(*args, **rest):
        raise EncodingFailed("It could not be written.", "", "")

    monkeypatch.setattr("har.annotation.make_proxy", refuse)
    with pytest.raises(EncodingFailed):
        annotation.annotate(video, tmp_path, classifier, for_page=True)
    assert results.is_annotated(tmp_path)


def test_stopping_while_writing_leaves_no_half_video(video, classifier, tmp_path):
    def stop(event):
        if isinstance(event, results.BurningIn):
            raise StopRequested

    with pytest.raises(StopRequested):
        annotation.annotate(video, tmp_path / "out", classifier, on_event=stop)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES - {"annotated.mp4"}


def test_burning_in_again_shows_the_new_settings(video, classifier, tmp_path):
    annotation.annotate(video, tmp_path, classifier, for_page=True)
    before = (tmp_path / "annotated.mp4").read_bytes()
    annotation.burn_again(tmp_path, LabelOptions(timeline=TimelineOptions(threshold=1.0)))
    assert results.open_annotation(tmp_path).options.timeline.threshold == 1.0
    assert (tmp_path / "annotated.mp4").read_bytes() != before
    assert all(row["label"] == "" for row in rows_of(tmp_path))


def test_a_folder_without_an_annotation_says_so(tmp_path):
    assert not results.is_annotated(tmp_path)
    with pytest.raises(AnnotationMissing):
        results.open_annotation(tmp_path)
