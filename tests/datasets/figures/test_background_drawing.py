import os
from pathlib import Path

import pytest

from har.datasets import ensure_drawn, figures
from har.datasets.figures.background_drawing import DrawingProcess
from har.video import probe

pytestmark = pytest.mark.media


@pytest.fixture
def missing() -> list[Path]:
    """Clips of the set that are not drawn yet."""
    paths = [video.path for video in figures.list_figures(["Wave"], groups=[21, 22]).videos[:3]]
    for path in paths:
        path.unlink(missing_ok=True)
    return paths


def test_clips_are_drawn_by_another_process_which_is_restarted_if_it_was_killed(missing: list[Path]) -> None:
    drawer = DrawingProcess()
    for path in missing[:2]:
        drawer.draw(path)
        assert probe(path).frame_count
    assert drawer._process is not None
    assert drawer._process.pid != os.getpid()
    written = missing[0].stat().st_mtime_ns
    drawer.draw(missing[0])
    assert missing[0].stat().st_mtime_ns == written
    drawer._process.kill()
    drawer._process.wait()
    drawer.draw(missing[2])
    assert missing[2].exists()
    drawer.stop()
    assert drawer._process is None


def test_the_process_ends_when_it_is_idle(missing: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("har.datasets.figures.background_drawing._IDLE_SEC", 0.2)
    drawer = DrawingProcess()
    drawer.draw(missing[0])
    process = drawer._process
    assert process is not None
    assert process.wait(timeout=30) == 0


def test_paths_outside_the_set_are_ignored(tmp_path: Path, missing: list[Path]) -> None:
    ensure_drawn(figures.list_figures(["Wave"], groups=[21], root=tmp_path).videos[:1])
    assert not list(tmp_path.rglob("*.mp4"))
