"""ffmpeg talks as much as it likes and nobody waits for anybody for ever."""

import numpy as np
import pytest

from har.errors import FfmpegMissing
from har.video import process
from har.video.process import Ffmpeg

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
