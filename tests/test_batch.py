"""Annotating many videos."""

import json
import secrets
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har import batch as module
from har import networks
from har.annotation import annotate
from har.batch import MANIFEST, BatchOptions, BatchResult, annotate_many
from har.classifier import Card, TrainingData, save
from har.clips import ClipSpec
from har.errors import ClassifierMissing, LabelsError, LocationError, OptionsError, StopRequested, VideoMissing
from har.progress import ignore
from har.results import CORRECTIONS, LabelOptions, open_annotation
from har.settings import settings
from har.storage import remote
from har.timeline import TimelineOptions
from har.video import write_video

pytestmark = pytest.mark.training

TEXTS = {"notes.json", "captions.srt", "captions.vtt", "scores.npz", "timeline.csv", "timeline.json"}


@pytest.fixture(scope="module")
def classifier():
    spec = ClipSpec(4, 64, 64, 0.4)
    card = Card("many", "Many", "", "lrcn", ("TaiChi", "squat"), spec, 0.2, "MIT", TrainingData("none"))
    save(settings().classifiers / "many", card, networks.build("lrcn", 2, spec), overwrite=True)
    return "many"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two small videos."""
    folder = tmp_path_factory.mktemp("made")
    for name in "ab":
        frames = np.random.default_rng(ord(name)).integers(0, 255, (15, 48, 64, 3), np.uint8)
        write_video(folder / f"{name}.mp4", iter(frames), Fraction(10))
    return folder


@pytest.fixture
def videos(made, tmp_path):
    shutil.copytree(made, tmp_path / "videos")
    return tmp_path / "videos"


def rows(out):
    lines = (remote.read(f"{out}/{MANIFEST}") or b"").splitlines()
    return {Path(row["video"]).name: row for row in map(json.loads, lines)}


def run(videos, out, classifier, on_progress=ignore, **options):
    chosen = BatchOptions(classifier, burn_in=False, **options)
    return annotate_many([str(video) for video in videos], str(out), chosen, 0, on_progress)


def test_each_video_has_the_same_results_as_alone(videos, classifier, tmp_path):
    out = tmp_path / "out"
    reports = []
    assert run(sorted(videos.iterdir()), out, classifier, reports.append) == BatchResult(2, 0, 0)
    annotate(videos / "a.mp4", tmp_path / "alone", classifier, burn_in=False)
    for name in TEXTS - {"scores.npz", "notes.json"}:
        assert (out / "a-annotated" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    assert {path.name for path in (out / "b-annotated").iterdir()} == TEXTS
    assert [(row["state"], row["duration_sec"]) for row in rows(out).values()] == [("done", 1.5)] * 2
    assert (reports[0].done, reports[-1].done, reports[-1].total) == (0, 2, 2)


def test_labelled_video_is_optional_and_removed_if_outdated(videos, classifier, tmp_path):
    annotate_many([str(videos / "a.mp4")], str(tmp_path / "out"), BatchOptions(classifier), 0)
    assert (tmp_path / "out/a-annotated/annotated.mp4").exists()
    assert run([videos / "a.mp4"], tmp_path / "out", classifier).done == 1
    assert {path.name for path in (tmp_path / "out/a-annotated").iterdir()} == TEXTS


def test_corrections_of_earlier_results_are_set_aside(videos, classifier, tmp_path):
    folder = tmp_path / "out" / "a-annotated"
    run([videos / "a.mp4"], tmp_path / "out", classifier)
    (folder / CORRECTIONS).write_text("{}")
    shutil.copy(videos / "b.mp4", videos / "a.mp4")
    assert run([videos / "a.mp4"], tmp_path / "out", classifier).done == 1
    assert not (folder / CORRECTIONS).exists()
    assert (folder / f"earlier-{CORRECTIONS}").read_text() == "{}"


@pytest.mark.promise("jobs", "The same command resumes interrupted work, and repeats nothing")
def test_failed_videos_are_recorded_and_retried_alone(videos, classifier, tmp_path):
    out, good = tmp_path / "out", (videos / "b.mp4").read_bytes()
    (videos / "b.mp4").write_bytes(b"no video")
    assert run([videos / "a.mp4", videos / "b.mp4"], out, classifier) == BatchResult(1, 0, 1)
    row = rows(out)["b.mp4"]
    assert (row["state"], row["error"]) == ("failed", "NotAVideo")
    assert "b.mp4 is not a video" in row["why"]
    (videos / "b.mp4").write_bytes(good)
    assert run([videos / "a.mp4", videos / "b.mp4"], out, classifier) == BatchResult(1, 1, 0)
    assert {name: row["state"] for name, row in rows(out).items()} == {"a.mp4": "done", "b.mp4": "done"}
    assert run([videos / "a.mp4", videos / "b.mp4"], out, classifier) == BatchResult(0, 2, 0)


def test_changed_options_files_or_classifiers_and_missing_results_are_done_again(videos, classifier, tmp_path):
    out, two = tmp_path / "out", sorted(videos.iterdir())
    run(two, out, classifier)
    firm = LabelOptions(timeline=TimelineOptions(threshold=0.9))
    assert run(two, out, classifier, labels=firm).done == 2
    assert run(two, out, classifier, labels=firm, stride_sec=0.1).done == 2
    assert run(two, out, classifier, labels=firm, stride_sec=0.1).earlier == 2
    shutil.copy(videos / "b.mp4", videos / "a.mp4")
    assert run(two, out, classifier, labels=firm, stride_sec=0.1) == BatchResult(1, 1, 0)
    shutil.rmtree(out / "b-annotated")
    assert run(two, out, classifier, labels=firm, stride_sec=0.1) == BatchResult(1, 1, 0)
    assert len(rows(out)) == 2
    card = settings().classifiers / classifier / "card.json"
    text = card.read_text()
    card.write_text(text.replace('"Many"', '"Other"'))
    try:  # changed files are another classifier
        assert run(two, out, classifier, labels=firm, stride_sec=0.1).done == 2
    finally:
        card.write_text(text)


def test_a_network_that_is_published_whole_has_no_weights_to_compare():
    published, other = (module.classifier_digest(name) for name in ("movinet-kinetics600", "i3d-kinetics400"))
    assert published != other
    assert published == module.classifier_digest("movinet-kinetics600")


@pytest.mark.promise("jobs", "Videos with the same name do not overwrite each other's results")
def test_videos_with_the_same_name_have_their_own_folders(videos, classifier, tmp_path):
    names = ["one/a.mp4", "two/a.mp4", "two/A.mp4", "...mp4", f"{MANIFEST}.mp4", "50% [off]\n.mp4"]
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(videos / "a.mp4", tmp_path / "in" / name)
    paths = [tmp_path / "in" / name for name in names]
    out = tmp_path / "out"
    assert run(paths, out, classifier).done == len(names)
    folders = [row["folder"] for row in map(json.loads, (out / MANIFEST).read_text().splitlines())]
    assert len({folder.casefold() for folder in folders}) == len(names)
    assert {path.name for path in out.iterdir()} == {MANIFEST, *folders}
    assert folders[:3] == ["a-annotated", "a-annotated-2", "A-annotated-3"]
    assert run(reversed(paths), out, classifier).earlier == len(names)  # the same ones as before
    assert run([f"file://{paths[0]}", paths[0]], out, classifier).earlier == 1
    assert run(paths + paths, out, classifier).earlier == len(names)  # duplicates count once


@pytest.mark.promise("jobs", "Videos with the same name do not overwrite each other's results")
def test_results_of_a_video_that_was_annotated_alone_stay(videos, classifier, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "other").mkdir()
    other = Path(shutil.copy(videos / "a.mp4", tmp_path / "other"))
    annotate(other, out / "a-annotated", classifier, burn_in=False)
    result = run([videos / "a.mp4", videos / "b.mp4"], out, classifier)
    assert result == BatchResult(2, 0, 0, ((str(videos / "a.mp4"), "a-annotated-2"),))
    assert open_annotation(out / "a-annotated").info.path == other


def test_videos_and_results_may_be_remote(videos, classifier):
    root = f"memory://{secrets.token_hex(4)}"
    remote.upload_folder(videos, f"{root}/in")
    out = f"{root}/out"
    assert run([f"{root}/in/a.mp4", f"{root}/in/none.mp4"], out, classifier) == BatchResult(1, 0, 1)
    assert remote.list_names(f"{out}/a-annotated") == TEXTS
    assert rows(out)["none.mp4"]["error"] == "LocationError"
    assert json.loads(remote.read(f"{out}/a-annotated/timeline.json"))["video"]["name"] == "a.mp4"
    assert run([f"{root}/in/a.mp4"], out, classifier) == BatchResult(0, 1, 0)


def test_too_large_videos_are_not_fetched(videos, classifier, monkeypatch, override):
    root = f"memory://{secrets.token_hex(4)}"
    remote.upload_folder(videos, root)
    override(max_video_bytes=10)
    monkeypatch.setattr(remote, "fetch", None)
    run([f"{root}/a.mp4"], f"{root}/out", classifier)
    assert rows(f"{root}/out")["a.mp4"]["error"] == "VideoTooLarge"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"classifier": "no-such"}, ClassifierMissing),
        ({"labels": LabelOptions(("wrestling",))}, LabelsError),
        ({"stride_sec": 0.0}, OptionsError),
        ({"videos": ["."]}, VideoMissing),
        ({"videos": ["ftp://host/a.mp4"]}, LocationError),
        ({"out": "ftp://host/out"}, LocationError),
    ],
)
def test_mistakes_are_reported_before_anything_is_written(changed, error, classifier, tmp_path):
    arguments = {"videos": ["a.mp4"], "out": tmp_path / "out", "classifier": classifier} | changed
    with pytest.raises(error):
        run(**arguments)
    assert not (tmp_path / "out").exists()


def test_stopping_keeps_finished_videos_and_nothing_of_the_rest(videos, classifier, tmp_path):
    def stop(progress):
        if progress.done == 1:
            raise StopRequested

    with pytest.raises(StopRequested):
        run(sorted(videos.iterdir()), tmp_path / "out", classifier, stop)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {MANIFEST, "a-annotated"}
    assert run(sorted(videos.iterdir()), tmp_path / "out", classifier) == BatchResult(1, 1, 0)


def test_results_on_a_workers_own_disk_are_a_failure(videos, classifier, tmp_path, monkeypatch):
    monkeypatch.setattr(remote, "upload_folder", lambda folder, target: None)
    run([videos / "a.mp4"], tmp_path / "out", classifier)
    assert "share" in rows(tmp_path / "out")["a.mp4"]["why"]


def test_another_classifier_on_a_worker_is_refused(videos, classifier, tmp_path):
    shared = module._prepare(BatchOptions(classifier))
    other = module.SharedOptions(shared.options, "other", shared.digest)
    with pytest.raises(module.ClassifierDamaged, match="differs from the one requested"):
        module.annotate_one(str(videos / "a.mp4"), str(tmp_path), other)
