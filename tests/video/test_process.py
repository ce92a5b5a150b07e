"""ffmpeg talks as much as it likes and nobody waits for anybody for ever."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from har.errors import FfmpegMissing
from har.video import process
from har.video.process import Ffmpeg

WRITING = """
import sys
from har.video import run_ffmpeg
slow = ["-re", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25", "-t", "600", "-y", sys.argv[1]]
run_ffmpeg(slow, duration_sec=600, on_progress=lambda done: print(done, flush=True))
"""
NOISE = ["-f", "lavfi", "-i", "testsrc=s=320x240:d=4:r=25", "-f", "rawvideo", "pipe:1"]


def test_a_flood_of_messages_blocks_nothing_and_is_not_kept() -> None:
    with Ffmpeg(["-nostats", "-loglevel", "trace", *NOISE]) as ffmpeg:
        size = sum(len(chunk) for chunk in ffmpeg.chunks())
        assert ffmpeg.finish() == 0
        lines = ffmpeg.messages.lines()
    assert size == 320 * 240 * 3 * 100
    assert 40 < len(lines) <= 80
    assert lines[0].startswith("ffmpeg version") or "Splitting" in lines[0]


def test_a_short_read_means_the_end() -> None:
    buffer = np.empty(1_000_000, np.uint8)
    counts = []
    with Ffmpeg(["-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=500x500:d=0.08:r=25", *NOISE[-3:]]) as ffmpeg:
        for _ in range(3):
            counts.append(ffmpeg.read_into(buffer.data.cast("B")))
    assert counts == [1_000_000, 500_000, 0]


def test_a_pipe_that_was_not_asked_for() -> None:
    with Ffmpeg(["-version"]) as ffmpeg, pytest.raises(ValueError, match="without that pipe"):
        ffmpeg.write(memoryview(b"x"))


@pytest.mark.parametrize("place", ["/nowhere/ffmpeg", __file__])
def test_without_ffmpeg_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(process, "executable", lambda: place)
    with pytest.raises(FfmpegMissing, match="ffmpeg, could not be started") as missing, process.Ffmpeg(["-version"]):
        pass
    assert place not in str(missing.value)


def test_where_the_package_finds_none_that_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(process, "executable", fail)
    with pytest.raises(FfmpegMissing):
        process.Ffmpeg(["-version"])


@pytest.mark.skipif(not process._tie(), reason="setpriv (util-linux 2.33) is not there")
def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITING, tmp_path / "a.mp4"], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        (ffmpeg,) = psutil.Process(parent.pid).children()
        assert "ffmpeg" in ffmpeg.name()
        parent.kill()
    ffmpeg.wait(10)


def test_it_runs_without_what_would_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process._tie.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        assert process._tie() == ()
    finally:
        monkeypatch.undo()
        process._tie.cache_clear()
