"""One video from file to results."""

import csv
import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har import annotation, networks, results
from har.classifier import Card, TrainingData, save
from har.clips import ClipSpec
from har.errors import (
    AnnotationMissing,
    ClassifierMissing,
    DownloadFailed,
    EncodingFailed,
    LabelsError,
    NotAVideo,
    OptionsError,
    StopRequested,
)
from har.progress import Stage
from har.results import LabelOptions, partial
from har.settings import settings
from har.timeline import Piece, TimelineOptions
from har.video import probe, read_frames, write_video
from har.youtube import VideoDetails
from har.youtube.details import Media

pytestmark = pytest.mark.training

FILES = {"annotated.mp4", "captions.srt", "captions.vtt", "notes.json", "scores.npz", "timeline.csv", "timeline.json"}
PLAYABLE = FILES | {"proxy.mp4"}
LABELLED = "annotated.mp4"
DETAILS = VideoDetails("aqz-KE-bpKQ", "../../evil\n", "", 10.0, Media("https://x", None), None)


@pytest.fixture(scope="module")
def classifier():
    """An untrained network: its labels mean nothing, but every frame has one."""
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
    write_video(path, rng.integers(0, 255, (60, 48, 64, 3), np.uint8), Fraction(30))
    return path


@pytest.fixture(scope="module")
def annotated(video, classifier, tmp_path_factory):
    """An annotated video with a player copy, and the progress on the way. Tests must not change it."""
    reports = []
    folder = tmp_path_factory.mktemp("annotated")
    result = annotation.annotate(video, folder, classifier, with_player_copy=True, on_progress=reports.append)
    return result, reports


def rows_of(folder):
    with (folder / "timeline.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_all_files_are_written_with_progress_in_the_order_of_the_work(annotated):
    result, reports = annotated
    stages = list(dict.fromkeys(progress.stage for progress in reports))
    assert stages == [Stage.PREPARE_PLAYER, Stage.LOAD_CLASSIFIER, Stage.SCORE, Stage.WRITE_VIDEO]
    assert reports[-1].fraction == pytest.approx(1.0)
    assert {path.name for path in result.folder.iterdir()} == PLAYABLE
    written = probe(result.folder / "annotated.mp4")
    assert (written.codec, written.fps, written.frame_count) == ("h264", Fraction(30), 60)
    rows = rows_of(result.folder)
    assert len(rows) == 60
    assert list(rows[0]) == ["frame", "time_sec", "label", "confidence"]
    document = json.loads((result.folder / "timeline.json").read_text())
    assert document["segments"][0]["start_sec"] == 0
    assert document["segments"][-1]["end_sec"] == pytest.approx(2.0)
    assert len(document["verdict"]) == 3


def test_corrections_of_an_earlier_run_are_renamed(video, classifier, tmp_path):
    annotation.annotate(video, tmp_path, classifier, burn_in=False)
    results.replace_segments(results.open_annotation(tmp_path), (Piece(0.0, "juggling", "corrected"),))
    before = (tmp_path / results.CORRECTIONS).read_bytes()
    result = annotation.annotate(video, tmp_path, classifier, burn_in=False)
    assert results.apply_corrections(result) == result
    assert (tmp_path / f"earlier-{results.CORRECTIONS}").read_bytes() == before


def test_stored_annotation_opens_unchanged_and_is_played_with_the_original_frames(annotated):
    result, _ = annotated
    again = results.open_annotation(result.folder)
    assert (again.info, again.options, again.card) == (result.info, result.options, result.card)
    assert again.segments == result.segments
    with read_frames(probe(results.playable_file(result.folder))) as copy, read_frames(result.info) as original:
        for one, other in zip(copy, original, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.promise("numbers", "Threshold and smoothing act on stored scores")
def test_options_are_applied_to_stored_scores_with_labels_in_any_spelling(annotated):
    result, _ = annotated
    low, high = (
        result.relabelled(LabelOptions(timeline=TimelineOptions(threshold=threshold))) for threshold in (0.0, 1.0)
    )
    assert {segment.label for segment in low.segments} <= {"TaiChi", "squat", "wave"}
    assert {segment.label for segment in high.segments} == {None}
    relabelled = result.relabelled(LabelOptions(("tai chi",)).canonicalize(result.card.labels))
    assert relabelled.frames.labels == ("TaiChi",)


def test_mistakes_are_reported_before_any_work(video, classifier, tmp_path):
    def unexpected(progress):
        raise AssertionError(progress)

    with pytest.raises(LabelsError, match="squat"):
        annotation.annotate(video, tmp_path, classifier, LabelOptions(("squart",)), on_progress=unexpected)
    with pytest.raises(ClassifierMissing):
        annotation.annotate(video, tmp_path, "no-such-classifier", on_progress=unexpected)
    (tmp_path / "text.mp4").write_text("text")
    with pytest.raises(NotAVideo):
        annotation.annotate(tmp_path / "text.mp4", tmp_path, classifier, on_progress=unexpected)
    with pytest.raises(OptionsError):
        annotation.annotate(annotation.GeneratedSample("no-such-sample"), tmp_path, classifier, on_progress=unexpected)


def stop_at(stage):
    def on_progress(progress):
        if progress.stage is stage and progress.done:
            raise StopRequested

    return on_progress


@pytest.mark.promise("jobs", "Stopping an annotation keeps the frames recognised so far")
@pytest.mark.parametrize(("with_player_copy", "files"), [(False, FILES), (True, PLAYABLE)])
def test_stopping_during_scoring_keeps_all_but_the_labelled_video(video, classifier, tmp_path, with_player_copy, files):
    options = {"with_player_copy": with_player_copy, "partial": True, "on_progress": stop_at(Stage.SCORE)}
    result = annotation.annotate(video, tmp_path / "out", classifier, **options)
    assert result.scored.stopped
    assert {path.name for path in (tmp_path / "out").iterdir()} == files - {LABELLED}
    assert json.loads((tmp_path / "out" / "timeline.json").read_text())["stopped"] is True


def test_stopping_during_burn_in_leaves_no_incomplete_video(video, classifier, tmp_path):
    with pytest.raises(StopRequested):
        annotation.annotate(video, tmp_path / "out", classifier, on_progress=stop_at(Stage.WRITE_VIDEO))
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES - {LABELLED}


def test_labels_can_be_burned_in_later(video, classifier, tmp_path):
    annotation.annotate_job(video, tmp_path, classifier, LabelOptions(), 0.1, False)
    assert {path.name for path in tmp_path.iterdir()} == PLAYABLE - {LABELLED}
    results.playable_file(tmp_path).unlink()
    annotation.burn_in_again(tmp_path, LabelOptions(timeline=TimelineOptions(threshold=1.0)))
    assert {path.name for path in tmp_path.iterdir()} == PLAYABLE  # the player copy, too
    assert results.open_annotation(tmp_path).options.timeline.threshold == 1.0
    assert all(row["label"] == "" for row in rows_of(tmp_path))
    before = (tmp_path / LABELLED).read_bytes()
    annotation.burn_in_again(tmp_path, LabelOptions(timeline=TimelineOptions(threshold=0.0)))
    assert (tmp_path / LABELLED).read_bytes() != before


def test_partial_annotation_grows_during_scoring(video, classifier, tmp_path, monkeypatch):
    for pause in ("_INTERVAL_SEC", "_TIME_SHARE"):
        monkeypatch.setattr(partial, pause, -1.0)
    monkeypatch.setattr("har.recognition._HEAD_BATCH", 5)
    sharp = LabelOptions(timeline=TimelineOptions(threshold=0.0, smooth_sec=0.0, min_sec=0.0))
    seen = []

    def look(progress):
        if progress.stage is not Stage.WRITE_VIDEO and progress.done:
            seen.append((progress.stage, results.open_partial(tmp_path)))

    result = annotation.annotate(
        video, tmp_path, classifier, sharp, with_player_copy=True, partial=True, on_progress=look
    )
    assert {current for stage, current in seen if stage is Stage.PREPARE_PLAYER} == {None}
    counts = [len(current.annotation.frames.times_sec) for stage, current in seen if stage is Stage.SCORE]
    assert counts == sorted(set(counts))
    last = seen[-1][1].annotation.frames
    np.testing.assert_array_equal(last.label_index, result.frames.label_index[: counts[-1]])
    assert {path.name for path in tmp_path.iterdir()} == PLAYABLE
    assert results.open_partial(tmp_path).annotation.segments == result.segments


def test_failed_player_copy_is_reported_after_scoring(video, classifier, tmp_path, monkeypatch):
    def refuse(*args, **rest):
        raise EncodingFailed("It could not be written.", "", "")

    assert not results.is_annotated(tmp_path)
    with pytest.raises(AnnotationMissing):
        results.open_annotation(tmp_path)
    monkeypatch.setattr("har.annotation.make_proxy", refuse)
    with pytest.raises(EncodingFailed):
        annotation.annotate(video, tmp_path, classifier, with_player_copy=True, burn_in=False)
    assert results.is_annotated(tmp_path)


@pytest.mark.parametrize("writer", ["har.annotation.make_proxy", "har.render.burn_in"])
def test_what_a_copy_lacks_is_in_the_result_and_its_files(writer, video, classifier, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, lambda *args, on_remark, **rest: on_remark("It has no sound."))
    is_played = writer.endswith("proxy")
    result = annotation.annotate(video, tmp_path, classifier, with_player_copy=is_played, burn_in=not is_played)
    assert result.info.remarks == results.open_annotation(tmp_path).info.remarks == ("It has no sound.",)
    assert json.loads((tmp_path / "timeline.json").read_text())["video"]["warning"] == "It has no sound."


def test_youtube_section_is_fetched_into_the_folder_and_annotated(video, classifier, tmp_path, monkeypatch):
    fetched = []

    def fetch(details, start_sec, end_sec, target, on_progress):
        fetched.append((details, start_sec, end_sec))
        target.parent.mkdir(parents=True)
        return Path(shutil.copy(video, target))

    monkeypatch.setattr("har.annotation.fetch_section", fetch)
    section = annotation.YouTubeSection(DETAILS, 1.0, 2.0)
    result = annotation.annotate(section, tmp_path / "out", classifier, burn_in=False)
    assert fetched == [(DETAILS, 1.0, 2.0)]
    assert result.info.path == tmp_path / "out" / "video.mp4"
    assert results.is_annotated(tmp_path / "out")


def test_stopping_during_the_fetch_leaves_nothing(classifier, tmp_path, monkeypatch):
    def fetch(*arguments):
        raise StopRequested

    monkeypatch.setattr("har.annotation.fetch_section", fetch)
    with pytest.raises(StopRequested):
        annotation.annotate(annotation.YouTubeSection(DETAILS, 1.0, 2.0), tmp_path / "out", classifier)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def without_preferred(tmp_path, override):
    """The preferred classifier cannot be downloaded."""
    override(home=tmp_path / "home", movinet_url=str(tmp_path / "nothing"), min_free_bytes=0)
    noise = np.random.default_rng(0).integers(0, 255, (75, 48, 64, 3), np.uint8)
    write_video(tmp_path / "clip.mp4", iter(noise), Fraction(25))
    return tmp_path / "clip.mp4"


def test_a_job_with_the_default_uses_another_classifier_and_its_options_if_the_download_fails(
    without_preferred, tmp_path
):
    asked = LabelOptions(("yoga", "archery"), TimelineOptions(threshold=0.3))
    stages = []
    out = tmp_path / "out"
    annotation.annotate_job(without_preferred, out, None, asked, 0.6, False, lambda each: stages.append(each.stage))
    result = results.open_annotation(out)
    assert result.card.name == "i3d-kinetics400"
    assert result.options == LabelOptions(("yoga", "archery"))
    assert np.diff(result.scored.scores.start_sec)[0] == pytest.approx(result.card.stride_sec)
    (remark,) = result.info.remarks
    assert remark.startswith("MoViNet could not be downloaded, so I3D was used.")
    assert stages[0] is Stage.DOWNLOAD


@pytest.mark.parametrize(
    ("classifier", "labels"),
    [(None, ("acting in play",)), ("movinet-kinetics600", None)],
    ids=["labels that only the default has", "the default by name"],
)
def test_a_job_that_no_other_classifier_can_do_fails_if_the_download_fails(
    classifier, labels, without_preferred, tmp_path
):
    with pytest.raises(DownloadFailed, match="No such file"):
        annotation.annotate_job(without_preferred, tmp_path / "out", classifier, LabelOptions(labels), 0.6, False)
    assert not (tmp_path / "out").exists()
