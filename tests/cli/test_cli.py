import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import click
import numpy as np
import psutil
import pytest
from click.testing import CliRunner

from har import annotation
from har.classifier import read_card
from har.cli import main
from har.cli.options import labels_option
from har.datasets.figures import SAMPLES
from har.errors import StopRequested
from har.progress import Stage
from har.results import LabelOptions, open_annotation
from har.results.store import write_notes
from har.settings import reload_settings
from har.timeline import TimelineOptions
from har.video import probe, run_ffmpeg, write_video
from tests.conftest import ROOT
from tests.exports.data import INFO
from tests.ui.shared_pages import annotated


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_every_command_has_help():
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command.help, name
        assert run(name, "--help").exit_code == 0
        for inner_name, inner in getattr(command, "commands", {}).items():
            assert inner.help, inner_name
            assert run(name, inner_name, "--help").exit_code == 0


def test_a_command_imports_only_what_it_needs():
    code = "import sys, har.cli; har.cli.main(['annotate', '--help'], standalone_mode=False); "
    code += "print(*({'distributed', 'plotly', 'tensorflow', 'streamlit'} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""


def test_classifiers_and_data_sets_are_listed():
    assert "i3d-kinetics400" in run("classifiers").stdout
    assert "lrcn-figures" in run("classifiers").stdout
    assert "figures" in run("datasets").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("annotate", "no-such-video.mp4"),
        ("annotate", ROOT / "README.md", "--threshold", "7"),
        ("compare", "no-such-video.mp4", "--with", "lrcn-figures"),
        ("compare", ROOT / "ui/assets/sample.mp4", "--with", "no-such-classifier"),
        ("evaluate", "no-such-classifier", "figures"),
        ("explain", "no-such-video.mp4", "--at", "1"),
        ("explain", ROOT / "ui/assets/sample.mp4", "--at", "900"),
        ("explain", ROOT / "ui/assets/sample.mp4", "--at", "1", "--classifier", "no-such-classifier"),
        ("train", "no-such-folder"),
        ("train", "figures", "--network", "no-such-network"),
        ("train", "figures", "--labels", "NoSuchAction"),
        ("figures", "out", "--labels", "NoSuchAction"),
        ("figures", "out", "--labels", ""),
        ("figures", "out", "--labels", " , "),
        ("datasets", "show", "no-such-set"),
        ("datasets", "add", "no-such-archive.zip"),
        ("datasets", "add", ROOT / "README.md"),
        ("datasets", "add", "x.zip", "--name", "../x"),
        ("datasets", "add", "x.zip", "--name", "figures"),
        ("datasets", "get", "ucf101"),
        ("datasets", "get", "ucf101", "--preset", "no-such-preset"),
        ("crossvalidate", "no-such-folder", "--out", "out"),
        ("crossvalidate", "figures", "--out", "out", "--network", "none"),
        ("crossvalidate", "figures", "--out", "out", "--epochs", "0"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("har: ")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_is_reported_alike_by_the_installed_command(tmp_path):
    (tmp_path / "text.avi").write_text("no video")
    command = [Path(sys.executable).with_name("har"), "annotate", "text.avi"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("har: text.avi is not a video")
    assert result.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A video of three seconds."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_video(path, (np.full((48, 64, 3), 8 * frame, np.uint8) for frame in range(30)), Fraction(10))
    return path


@pytest.mark.promise("jobs", "Ctrl-C and SIGTERM end a command without incomplete files or processes")
@pytest.mark.training
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_command_in_order(tmp_path, number):
    film, folder = tmp_path / "film.mp4", tmp_path / "film-annotated"
    pictures = "testsrc2=s=640x480:r=25:d=10"
    run_ffmpeg(["-f", "lavfi", "-i", pictures, "-preset", "ultrafast", f"file:{film}"])
    command = [sys.executable, "-m", "har", "annotate", str(film), "--classifier", "lrcn-figures"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while not list(folder.glob(".annotated.*")):
            assert process.poll() is None
            time.sleep(0.05)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "har: stopped; no incomplete files were left behind.\n"
    assert psutil.wait_procs(children, 5)[1] == []
    assert {path.name for path in tmp_path.iterdir()} == {"film.mp4", "film-annotated"}
    assert "timeline.csv" in (names := {path.name for path in folder.iterdir()})
    assert not [name for name in names if name.endswith(".mp4")]


def test_ctrl_c_where_no_progress_is_shown_ends_a_command_in_order(tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("har.datasets.figures.make_sample", interrupt)
    result = run("sample", "--out", tmp_path / "sample.mp4")
    assert (result.exit_code, result.stderr) == (130, "har: stopped; no incomplete files were left behind.\n")


def test_only_results_are_replaced_and_never_the_input(clip, tmp_path):
    for name, message in (("annotated.mp4", "is also the input"), ("proxy.mp4", "is no result of this program")):
        folder = tmp_path / name.removesuffix(".mp4")
        folder.mkdir()
        shutil.copy(clip, folder / name)
        video = folder / name if "input" in message else clip
        refused = run("annotate", video, "--classifier", "lrcn-figures", "--no-video", "--out", folder)
        assert refused.exit_code == 2
        assert message in refused.stderr
        assert [path.read_bytes() for path in folder.iterdir()] == [clip.read_bytes()]


def test_places_that_cannot_be_written_are_reported_in_one_line(clip, result, override):
    place = clip / "x"
    for command in (
        ("annotate", clip, "--classifier", "lrcn-figures", "--out", place),
        ("export", result, "--as", "json", "--out", place),
    ):
        refused = run(*command)
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
        assert str(place) in refused.stderr
    override(home=place)
    refused = run("classifiers")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert f"{place} cannot be used (Not a directory)" in refused.stderr


def test_a_setting_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setenv("HAR_YOUTUBE_HOSTS", "youtu.be")
    reload_settings()
    refused = run("classifiers")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "HAR_YOUTUBE_HOSTS" in refused.stderr


@pytest.mark.training
def test_scores_before_a_stop_are_kept(clip, tmp_path, monkeypatch):
    def stop(progress):
        if progress.stage is Stage.SCORE and progress.done:
            raise StopRequested

    monkeypatch.setattr(sys.modules["har.cli.annotate"], "show_progress", lambda spans: nullcontext(stop))
    result = run("annotate", clip, "--classifier", "lrcn-figures", "--out", tmp_path / "out")
    assert result.exit_code == 130
    assert "stopped; the labels up to" in result.stderr
    assert (tmp_path / "out" / "timeline.csv").exists()


@pytest.mark.training
def test_a_moment_is_explained_in_a_folder(clip, tmp_path, monkeypatch):
    command = ("explain", clip, "--classifier", "lrcn-figures", "--at", "1.2", "--out", tmp_path / "out")
    result = run(*command, "--label", "jumping jack")
    assert result.exit_code == 0, result.output
    facts = json.loads((tmp_path / "out" / "facts.json").read_text())
    assert facts["label"] == "JumpingJack"
    assert len(facts["drops"]) == len(list((tmp_path / "out").glob("overlay-*.png"))) == 20
    assert {"sheet.png", "frames.png", "heat.png"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert result.stdout.startswith(f"JumpingJack {facts['probability']:.3f}")
    refused = run(*command, "--label", "swim")
    assert refused.exit_code == 2
    assert "swim" in refused.stderr
    flat = np.zeros((20, 1, 1), np.float32), ()
    monkeypatch.setattr("har.explain.explanation._heat", lambda *rest: flat)
    same = np.full((24, 10), 0.1, np.float32)
    monkeypatch.setattr("har.explain.explanation.probabilities_of_orders", lambda *rest: same)
    without = run(*command[:-1], tmp_path / "without").stdout
    assert "No heatmap" in without
    assert "frames never lowers it" in without
    assert {path.name for path in (tmp_path / "without").iterdir()} == {"facts.json", "frames.png", "sheet.png"}


@pytest.mark.media
def test_figures_and_a_sample_are_written(tmp_path, monkeypatch):
    monkeypatch.setitem(SAMPLES, "delivery", replace(SAMPLES["delivery"], actions=(("Wave", 1.0), ("PickUp", 1.0))))
    result = run("figures", tmp_path / "set", "--labels", "wave", "--groups", 1)
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "set" / "Wave").glob("v_Wave_g01_c0?.mp4"))) == 4
    result = run("sample", "delivery", "--out", tmp_path / "sample.mp4")
    ground_truth = json.loads(result.stdout)
    assert [segment["label"] for segment in ground_truth] == ["Wave", "PickUp"]
    assert probe(tmp_path / "sample.mp4").duration_sec == pytest.approx(ground_truth[-1]["end_sec"])


def write_dataset(folder, **counts):
    for label, count in counts.items():
        (folder / label).mkdir(parents=True)
        for number in range(1, count + 1):
            frames = iter(np.random.default_rng(number).integers(0, 255, (5, 48, 64, 3), np.uint8))
            write_video(folder / label / f"v_{label}_g{number:02}_c01.mp4", frames, Fraction(25))
    return folder


def test_a_data_set_is_described_as_json(tmp_path):
    folder = write_dataset(tmp_path / "set", Run=3, Jump=2)
    (folder / "Run" / "text.avi").write_text("no video")
    output = json.loads(run("datasets", "show", folder, "--json").stdout)
    assert output["labels"] == ["Jump", "Run"]
    assert output["clip_count"] == 6  # no file has been read yet
    assert output["group_count"] == 3
    assert output["clips_per_label"] == {"Jump": 2, "Run": 4}
    output = json.loads(run("datasets", "show", folder, "--json", "--facts").stdout)
    assert output["clip_count"] == 5
    assert output["facts"]["size"] == [64, 48]
    assert output["facts"]["mean_frame_count"] == 5
    assert [item["name"] for item in output["skipped"]] == ["Run/text.avi"]
    three = write_dataset(tmp_path / "three", Run=2, Jump=1)
    assert re.search(r"^total duration sec +0\.6$", run("datasets", "show", three, "--facts").stdout, re.M)


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        ((), None),
        (("--labels", "run, jump,"), ("run", "jump")),
        (("--labels", '"run, fast",jump'), ("run, fast", "jump")),
        (("--labels", '"run, fast", jump'), ("run, fast", "jump")),
        (("--labels", "run, fast", "--labels", "jump"), ("run, fast", "jump")),
        (("--labels", "run\njump"), ("run", "jump")),
    ],
)
def test_labels_are_given_with_commas_in_quotes_or_one_by_one(arguments, labels):
    given = []
    command = click.Command("some", params=[], callback=lambda labels: given.append(labels))
    CliRunner().invoke(labels_option("Only these.")(command), arguments, catch_exceptions=False)
    assert given == [labels]


def test_notes_on_a_data_set_are_shown_and_unknown_groups_are_null(tmp_path):
    for name in ("Run", "run"):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "set" / name / "a.mp4").touch()
    assert "har: note: run: the same label as 'Run'" in run("datasets", "show", tmp_path / "set").stderr
    output = json.loads(run("datasets", "show", tmp_path / "set", "--json").stdout)
    assert [note["name"] for note in output["notes"]] == ["run"]
    assert output["group_count"] is None


def test_an_archive_becomes_a_data_set_that_is_listed(tmp_path):
    folder = write_dataset(tmp_path / "set", Run=3, Jump=2)
    (folder / "Run" / "text.avi").write_text("no video")
    archive = shutil.make_archive(str(tmp_path / "mine"), "zip", folder)
    name = f"mine {secrets.token_hex(4)}"
    result = run("datasets", "add", archive, "--name", name)
    assert result.exit_code == 0, result.output
    assert "2 labels, 5 clips" in result.stdout
    assert "Run/text.avi" in result.stderr
    assert name in run("datasets").stdout
    assert "Jump" in run("datasets", "show", name).stdout
    assert run("datasets", "add", archive, "--name", name).exit_code == 2
    assert "are reserved" in run("datasets", "add", archive, "--name", "ucf101").stderr
    assert "It has no presets" in run("datasets", "get", "figures", "--preset", "all").stderr


@pytest.fixture
def result():
    return annotated().folder


def test_a_result_is_exported_into_its_folder(result):
    assert run("export", result, "--as", "activitynet").exit_code == 0
    assert json.loads((result / "activitynet.json").read_text())["version"] == "VERSION 1.3"


def test_a_name_that_is_no_text_can_be_that_of_a_video_and_of_a_file(result, tmp_path):
    stored = open_annotation(result)
    info = replace(stored.info, path=Path(os.fsdecode(b"/bad\xff.mp4")))
    write_notes(result, info, stored.card, stored.options)
    assert open_annotation(result).info == info
    exported = run("export", result, "--as", "csv", "--out", tmp_path / os.fsdecode(b"bad\xff.csv"))
    assert exported.exit_code == 0, exported.output
    assert exported.stdout_bytes.endswith(b"bad\xff.csv\n")


def test_the_video_of_a_result_is_not_overwritten(result):
    video = result / "video.mp4"
    before = video.read_bytes()
    for command in (("reel", result), ("export", result, "--as", "srt")):
        assert "is also the input" in run(*command, "--out", video).stderr
    assert video.read_bytes() == before


def test_a_result_is_corrected_and_kept(result, tmp_path):
    run("export", result, "--as", "label-studio", "--out", tmp_path / "task.json")
    (task,) = json.loads((tmp_path / "task.json").read_text())
    (given,) = task.pop("predictions")
    given["result"][0]["value"]["timelinelabels"] = ["juggling"]
    (tmp_path / "task.json").write_text(json.dumps([task | {"annotations": [given]}]))
    output = run("correct", result, tmp_path / "task.json")
    assert output.exit_code == 0, output.output
    assert "juggling" in output.stdout
    assert "annotated.mp4 still shows" in output.stderr
    assert "corrected" in (result / "timeline.csv").read_text()
    output = run("keep", result, "--dataset", tmp_path / "set")
    assert output.exit_code == 0, output.output
    assert "group g01" in output.stdout
    assert len(list((tmp_path / "set" / "juggling").glob("v_Juggling_g01_c??.mp4"))) == 1
    assert "juggling" not in run("correct", result, "--undo").stdout
    assert "nothing to undo. A correction was expected" in run("correct", result, "--undo").stderr
    assert run("correct", result, "--undo", "--take-back").exit_code == 2
    assert run("correct", result, tmp_path / "none.json").exit_code == 2
    assert run("keep", result, "--dataset", tmp_path / "set").exit_code == 2
    assert run("keep", result, "--dataset", tmp_path / "set", "--all").exit_code == 0
    assert not (tmp_path / "set" / "juggling").exists()


@pytest.mark.training
def test_an_impossible_training_leaves_no_folder(tmp_path):
    broken = tmp_path / "clips" / "wave" / "v_wave_g01_c01.mp4"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no video")
    result = run("train", tmp_path / "clips", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


@pytest.fixture
def annotates(monkeypatch):
    """The folders that `har annotate` writes to, with notes alone; the fake raises after that."""
    folders = []

    def annotate(video, folder, *arguments, **options):
        folders.append(str(folder))
        folder.mkdir(exist_ok=True)
        write_notes(folder, replace(INFO, path=video.absolute()), read_card("lrcn-figures"), LabelOptions())
        raise StopRequested

    monkeypatch.setattr(annotation, "annotate", annotate)
    return folders


@pytest.mark.promise("jobs", "Videos with the same name do not overwrite each other's results")
def test_a_second_video_of_the_name_gets_a_folder_of_its_own(annotates, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "x-annotated" not in run("annotate", "a/x.mp4").stderr
    assert "har: x-annotated has the results of" in run("annotate", "b/x.mp4").stderr
    for video in ("a/x.mp4", "b/x.mp4", "c/x.mp4"):
        run("annotate", video)
    assert annotates == ["x-annotated", "x-annotated-2", "x-annotated", "x-annotated-2", "x-annotated-3"]


@pytest.mark.parametrize(("threshold", "is_printed"), [(0.4, False), (1.0, True)])
def test_the_closest_labels_are_printed_when_most_is_unsure(monkeypatch, tmp_path, threshold, is_printed):
    result = open_annotation(annotated().folder).relabelled(LabelOptions(timeline=TimelineOptions(threshold=threshold)))
    monkeypatch.setattr(annotation, "annotate", lambda *arguments, **options: result)
    output = run("annotate", "holiday.mp4", "--out", tmp_path / "out")
    assert output.exit_code == 0
    printed = "har: 100% of the video is unsure. Closest labels: squat (52%), wave (48%)." in output.stderr
    assert printed is is_printed
    assert ("unsure" in output.stdout) is is_printed  # a guess is not printed as a segment
    assert ("--labels" in output.stderr) is is_printed


def test_a_video_unlike_the_training_clips_has_no_closest_labels(monkeypatch, tmp_path):
    result = open_annotation(annotated().folder)
    nothing = replace(result.scored.scores, probabilities=np.zeros_like(result.scored.scores.probabilities))
    novel = replace(result, scored=replace(result.scored, scores=nothing)).relabelled(LabelOptions())
    monkeypatch.setattr(annotation, "annotate", lambda *arguments, **options: novel)
    output = run("annotate", "holiday.mp4", "--out", tmp_path / "out")
    assert output.exit_code == 0
    assert "none of these labels: it looks unlike the clips" in output.stderr
    assert "Closest" not in output.stderr


def test_replacing_another_video_s_results_is_said(annotates, tmp_path):
    run("annotate", "a/x.mp4", "--out", tmp_path / "out")
    assert "are replaced" not in run("annotate", "a/x.mp4", "--out", tmp_path / "out").stderr
    assert "a/x.mp4 in" in run("annotate", "b/y.mp4", "--out", tmp_path / "out").stderr


@pytest.mark.training
def test_ground_truth_is_checked_first_and_compared_with(clip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ("annotate", clip, "--classifier", "lrcn-figures", "--truth", "truth.csv")
    (tmp_path / "truth.csv").write_text("start_sec,end_sec,label\n0,1,sit down\n1,99,wave\n")
    result = run(*command)
    assert result.exit_code == 2
    assert "Line 3 is from 1 to 99 s, but the video is from 0 to 3.00 s" in result.stderr
    assert not (tmp_path / "clip-annotated").exists()
    (tmp_path / "truth.csv").write_text("start_sec,end_sec,label\n0,1,sit down\n1,3,levitating\n")
    result = run(*command)
    assert result.exit_code == 0, result.stderr
    assert "counted as wrong: levitating" in result.stderr
    assert "frame accuracy 0." in result.stdout
    output = json.loads((tmp_path / "clip-annotated/timeline.json").read_text())["truth"]
    assert f"{output['frame_accuracy']:.3f}" in result.stdout
    assert f"{output['segmental_f1']['0.25']:.3f} at 0.25" in result.stdout
    assert run("export", "clip-annotated", "--as", "json").exit_code == 0
    assert json.loads((tmp_path / "clip-annotated/timeline.json").read_text())["truth"] == output
    assert run(*command[:-2]).exit_code == 0
    assert open_annotation(tmp_path / "clip-annotated").ground_truth is None  # as the new timeline.json says


def test_published_networks_are_listed_and_fetched(tmp_path, override, shared):
    copy = shared / "pretrained/movinet_int8.tflite"
    override(home=tmp_path, movinet_url=str(copy), min_free_bytes=0)
    assert "movinet-a0-stream    not here" in run("weights", "list").stdout
    fetched = run("weights", "fetch")
    assert fetched.exit_code == 0, fetched.stderr
    assert Path(fetched.stdout.strip()).read_bytes() == copy.read_bytes()
    assert "movinet-a0-stream    here" in run("weights", "list").stdout


def test_a_network_that_cannot_be_fetched_is_reported_in_one_line(tmp_path, override):
    override(home=tmp_path, movinet_url=str(tmp_path / "nothing"), min_free_bytes=0)
    fetched = run("weights", "fetch", "movinet-a0-stream")
    assert (fetched.exit_code, len(fetched.stderr.splitlines())) == (2, 1)
    assert "MoViNet-A0-Stream cannot be read (No such file or directory)" in fetched.stderr


@pytest.mark.training
def test_two_classifiers_are_compared(clip):
    same = run("compare", clip, "--classifier", "lrcn-figures", "--with", "lrcn-figures")
    assert same.exit_code == 0, same.stderr
    assert same.stdout == "lrcn-figures and lrcn-figures agree on 100.0% of frames\n"
    different = run("compare", clip, "--classifier", "lrcn-figures", "--with", "lrcn-ucf101-10")
    *lines, last = different.stdout.splitlines()
    assert last.startswith("lrcn-figures and lrcn-ucf101-10 agree on ")
    seconds = sum(float(line.split()[1]) - float(line.split()[0]) for line in lines)
    assert 1 - seconds / 3 == pytest.approx(float(last.split()[-3].rstrip("%")) / 100, abs=0.01)
