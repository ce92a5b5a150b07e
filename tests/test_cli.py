import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from har.cli import main
from har.datasets.figures import ACTIONS
from har.video import probe
from tests.conftest import ROOT


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_every_command_has_help_and_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for name, command in main.commands.items():
        assert command.help, name
        assert f"har {name}" in readme
        assert run(name, "--help").exit_code == 0


def test_what_is_there_is_listed():
    assert "i3d-kinetics400" in run("classifiers").stdout
    assert "lrcn-figures" in run("classifiers").stdout
    assert "figures" in run("datasets").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("annotate", "no-such-video.mp4"),
        ("annotate", ROOT / "README.md"),
        ("annotate", ROOT / "README.md", "--threshold", "7"),
        ("evaluate", "no-such-classifier", "figures"),
        ("train", "no-such-folder"),
        ("train", "figures", "--network", "no-such-network"),
        ("train", "figures", "--labels", "NoSuchAction"),
        ("figures", "out", "--labels", "NoSuchAction"),
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


def test_a_mistake_is_the_same_in_a_process_of_its_own(tmp_path):
    (tmp_path / "text.avi").write_text("no video")
    command = [sys.executable, "-m", "har", "annotate", str(tmp_path / "text.avi")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("har: text.avi is not a video")
    assert result.stderr.count("\n") == 1


def test_figures_and_a_sample_are_written(tmp_path):
    result = run("figures", tmp_path / "set", "--labels", "wave")
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "set" / "Wave").glob("v_Wave_g??_c??.mp4"))) == 100
    result = run("sample", "delivery", "--out", tmp_path / "sample.mp4")
    truth = json.loads(result.stdout)
    assert {segment["label"] for segment in truth} <= set(ACTIONS)
    assert probe(tmp_path / "sample.mp4").duration_sec == pytest.approx(truth[-1]["end_sec"])
