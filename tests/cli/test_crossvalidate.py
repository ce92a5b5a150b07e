import pytest

from har.cli import crossvalidate
from har.crossvalidation.folds import CrossValidationResult
from har.errors import StopRequested
from har.progress import Progress, Stage
from tests.cli.test_cli import run
from tests.crossvalidation.test_report import LABELS, row


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
    result = run("crossvalidate", "figures", "--seeds", 3, "--epochs", 5, "--workers", 2, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("accuracy 1.000 on 3 clips (95 % interval 0.439 to 1.000)\n")
    ((options, out, workers),) = calls
    assert (options.seeds, options.recipe.epochs, options.recipe.preset, workers) == (3, 5, "figures", 2)
    assert out == str(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.md", "report.html", "report.json"}


def test_a_failed_fold_is_reported_with_exit_code_2(calls, failed, tmp_path):
    failed.append({"fold": "seed 0, g02", "why": "It failed."})
    result = run("crossvalidate", "figures", "--out", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == "har: seed 0, g02 failed. It failed.\n"


def test_an_interrupted_command_says_how_to_resume(monkeypatch, tmp_path):
    def stop(*arguments):
        raise StopRequested

    monkeypatch.setattr(crossvalidate, "crossvalidate", stop)
    result = run("crossvalidate", "figures", "--out", tmp_path)
    assert result.exit_code == 130
    assert "run the same command again to resume" in result.stderr
