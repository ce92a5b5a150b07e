import pytest
from click.testing import CliRunner

from har.cli import crossvalidate, main
from har.crossvalidation import CrossValidationResult
from har.errors import StopRequested
from har.progress import Progress, Stage
from tests.crossvalidation.test_report import LABELS, row


def run(*arguments):
    return CliRunner().invoke(main, ["crossvalidate", *(str(argument) for argument in arguments)])


@pytest.fixture
def failed():
    """Folds that fail."""
    return []


@pytest.fixture
def calls(monkeypatch, failed):
    """The arguments of each cross-validation; nothing is trained."""
    calls = []

    def fake(options, out, workers, on_progress):
        calls.append((options, out, workers))
        on_progress(Progress(Stage.DRAW_CLIPS, 1, 2))
        on_progress(Progress(Stage.TASKS, 0, 2, "folds"))
        return CrossValidationResult(LABELS, "Set", (row(0, "g01", LABELS),), tuple(failed))

    monkeypatch.setattr(crossvalidate, "crossvalidate", fake)
    return calls


def test_accuracy_is_printed_and_reports_are_written(calls, tmp_path):
    result = run("figures", "--seeds", 3, "--epochs", 5, "--workers", 2, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("accuracy 1.000 on 3 clips (95 % interval 0.439 to 1.000)\n")
    ((options, out, workers),) = calls
    assert (options.seeds, options.recipe.epochs, options.recipe.preset, workers) == (3, 5, "figures", 2)
    assert out == str(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.md", "report.html", "report.json"}


def test_a_failed_fold_is_reported_with_exit_code_2(calls, failed, tmp_path):
    failed.append({"fold": "seed 0, g02", "why": "It failed."})
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


def test_an_interrupted_command_says_how_to_resume(monkeypatch, tmp_path):
    def stop(*arguments):
        raise StopRequested

    monkeypatch.setattr(crossvalidate, "crossvalidate", stop)
    result = run("figures", "--out", tmp_path)
    assert result.exit_code == 130
    assert "run the same command again to resume" in result.stderr
