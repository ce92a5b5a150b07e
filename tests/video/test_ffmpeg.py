"""Runs of ffmpeg neither block nor outlive their callers, whatever ffmpeg prints."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from har.errors import FfmpegMissing
from har.video import ffmpeg as ffmpeg_module
from har.video.ffmpeg import Ffmpeg

WRITING = """
import sys
from har.video import run_ffmpeg
slow = ["-re", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25", "-t", "600", "-y", sys.argv[1]]
run_ffmpeg(slow, duration_sec=600, on_progress=lambda done: print(done, flush=True))
"""
NOISE = ["-f", "lavfi", "-i", "testsrc=s=320x240:d=4:r=25", "-f", "rawvideo", "pipe:1"]


def test_a_flood_of_messages_neither_blocks_nor_is_kept() -> None:
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


def test_using_a_pipe_that_was_not_opened_is_an_error() -> None:
    with Ffmpeg(["-version"]) as ffmpeg, pytest.raises(ValueError, match="without that pipe"):
        ffmpeg.write(memoryview(b"x"))


@pytest.mark.promise("jobs", "Without ffmpeg a plain message says so")
@pytest.mark.parametrize("path", ["/nowhere/ffmpeg", __file__])
def test_a_missing_ffmpeg_is_reported(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(ffmpeg_module, "executable", lambda: path)
    with pytest.raises(FfmpegMissing, match="ffmpeg, could not be started") as missing, Ffmpeg(["-version"]):
        pass
    assert path not in str(missing.value)


def test_a_package_without_ffmpeg_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(ffmpeg_module, "executable", fail)
    with pytest.raises(FfmpegMissing):
        Ffmpeg(["-version"])


def test_ctrl_c_in_a_terminal_does_not_end_it_before_the_command_does() -> None:
    with Ffmpeg(NOISE) as ffmpeg:
        assert os.getpgid(ffmpeg._process.pid) != os.getpgrp()


@pytest.mark.promise("jobs", "ffmpeg ends with the process that started it")
@pytest.mark.skipif(not ffmpeg_module._prefix(tied=True), reason="setpriv (util-linux 2.33) is missing")
def test_it_is_killed_with_the_process_that_started_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITING, tmp_path / "a.mp4"], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        (ffmpeg,) = psutil.Process(parent.pid).children()
        assert "ffmpeg" in ffmpeg.name()
        parent.kill()
    ffmpeg.wait(10)


def test_it_runs_where_setpriv_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg_module._prefix.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        assert ffmpeg_module._prefix(tied=True) == ()
    finally:
        monkeypatch.undo()
        ffmpeg_module._prefix.cache_clear()


@pytest.mark.promise("hostile", "ffmpeg gets no keys, and no new privileges")
def test_it_gets_neither_keys_nor_new_privileges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAR_OWNER_KEY", "a key that must stay secret")
    raw = ["-f", "rawvideo", "-s", "16x16", "-i", "pipe:0", "-f", "null", "-"]
    with Ffmpeg(raw, pipe_in=True) as ffmpeg:
        process = psutil.Process(ffmpeg._process.pid)
        assert set(process.environ()) <= {*ffmpeg_module._ENVIRONMENT}
        if ffmpeg_module._prefix(tied=False):
            ffmpeg.write(memoryview(bytes(16 * 16 * 2)))  # setpriv has become ffmpeg
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert "NoNewPrivs:\t1" in status
        ffmpeg.finish()
