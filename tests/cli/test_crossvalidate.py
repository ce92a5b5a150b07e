import pytest
from click.testing import CliRunner

from har.cli import crossvalidate, main
from har.crossvalidation import CrossDone
from har.errors import StopRequested
from har.jobs import Tally
from tests.crossvalidation.test_report import LABELS, row


def run(*arguments):
    return CliRunner().invoke(main, ["crossvalidate", *(str(argument) for argument in arguments)])


@pytest.fixture
def asked(monkeypatch):
    calls = []
    failed = []

    def pretended(options, out, workers, on_event, on_drawn):
        calls.append((options, out, workers))
        on_drawn(1, 2)
        on_event(Tally(0, 0, 2, 1))
        return CrossDone(LABELS, "Set", (row(0, "g01", LABELS),), tuple(failed))

    monkeypatch.setattr(crossvalidate, "crossvalidate", pretended)
    calls_and_failed = (calls, failed)
    return calls_and_failed


def test_it_tells_the_accuracy_and_leaves_reports(asked, tmp_path):
    result = run("figures", "--seeds", 3, "--epochs", 5, "--workers", 2, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("accuracy 1.000 on 3 clips (95 % interval 0.439 to 1.000)\n")
    ((options, out, workers),) = asked[0]
    assert (options.seeds, options.recipe.epochs, options.recipe.preset, workers) == (3, 5, "figures", 2)
    assert out == str(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.md", "report.html", "report.json"}


def test_a_failed_training_is_told_with_exit_code_2(asked, tmp_path):
    asked[1].append({"fold": "seed 0, g02", "why": "It failed."})
    result = run("figures", "--out", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == "har: seed 0, g02 failed. It failed.\n"


@pytest.mark.parametrize("wrong", [("no-such-folder",), ("figures", "--network", "none"), ("figures", "--epochs", "0")])
def test_a_mistake_is_one_line_and_exit_code_2(wrong, tmp_path):
    result = run(*wrong, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("har: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_who_stops_is_told_how_to_go_on(monkeypatch, tmp_path):
    def stopped(*rest):
        raise StopRequested

    monkeypatch.setattr(crossvalidate, "crossvalidate", stopped)
    result = run("figures", "--out", tmp_path)
    assert result.exit_code == 130
    assert "the same command goes on" in result.stderr
