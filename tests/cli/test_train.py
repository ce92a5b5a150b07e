import pytest

from har.classifier import read_card
from har.training.outcome import read_outcome
from tests.cli.test_cli import run
from tests.tiny_clips import write_shades


@pytest.mark.training
def test_a_trained_classifier_is_saved_with_its_report_and_can_be_evaluated(tmp_path):
    (tmp_path / "shades").mkdir()
    clips, out = write_shades(tmp_path / "shades", range(5)), tmp_path / "out"
    (clips / "dark" / "broken.mp4").write_bytes(b"no video")
    result = run("train", clips, "--recipe", "tutorial", "--epochs", 1, "--out", out)
    assert result.exit_code == 0, result.stderr
    files = {"card.json", "model.keras", "outcome.json", "report.html", "weights.npz"}
    assert {path.name for path in out.iterdir()} == files
    assert read_card(out).labels == ("bright", "dark")
    outcome = read_outcome(out)
    assert outcome.examination is not None
    assert f"test accuracy {outcome.examination.report.accuracy:.3f} on 2 clips" in result.stdout
    report = (out / "report.html").read_text()
    assert "bright · dark (LRCN, tutorial)" in report
    assert "Left out: dark/broken.mp4" in report
    assert [item.name for item in outcome.skipped] == ["dark/broken.mp4"]
    assert "har: skipped: dark/broken.mp4: broken.mp4 is not a video" in result.stderr
    evaluated = run("evaluate", out, clips)
    assert evaluated.exit_code == 0, evaluated.stderr
    assert "har: skipped: dark/broken.mp4" in evaluated.stderr
    assert f"accuracy {outcome.examination.report.accuracy:.3f} on 2 clips" in evaluated.stdout
