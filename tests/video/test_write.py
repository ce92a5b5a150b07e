"""What is written can be read again, appears whole or not at all, and tells how far it is."""

import os
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.errors import EncodingFailed, NoFrames, StopRequested
from har.settings import settings
from har.video import h264_arguments, input_arguments, probe, read_frames, run_ffmpeg, write_video
from har.video import write as write_module
from har.video.write import transcoding_arguments
from tests.video.barcode import barcode, number
from tests.video.conftest import Make
from tests.video.test_frames import children


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_video(tmp_path / "new" / "out.mp4", (barcode(n) for n in range(30)), Fraction(30000, 1001))
    info = probe(tmp_path / "new" / "out.mp4")
    assert (info.codec, info.fps, info.frame_count) == ("h264", Fraction(30000, 1001), 30)
    with read_frames(info) as reader:
        assert [number(frame) for frame in reader] == list(range(30))
    data = info.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it loads
    assert os.listdir(tmp_path / "new") == ["out.mp4"]


def test_only_x264_is_told_what_only_x264_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "-rc-lookahead" in transcoding_arguments()[1]
    other = settings().model_copy(update={"encoder": "mpeg4"})
    monkeypatch.setattr(write_module, "settings", lambda: other)
    assert transcoding_arguments()[1] == h264_arguments()


def test_odd_sides_get_one_more_line(tmp_path: Path) -> None:
    write_video(tmp_path / "odd.mp4", [np.zeros((33, 47, 3), np.uint8)] * 3, Fraction(5))
    info = probe(tmp_path / "odd.mp4")
    assert (info.width, info.height) == (48, 34)


def test_frames_need_not_be_contiguous(tmp_path: Path) -> None:
    write_video(tmp_path / "out.mp4", [barcode(5)[:, ::-1]] * 2, Fraction(5))
    with read_frames(probe(tmp_path / "out.mp4")) as reader:
        assert number(next(reader)[:, ::-1]) == 5


def test_no_frames_no_video(tmp_path: Path) -> None:
    with pytest.raises(NoFrames):
        write_video(tmp_path / "none.mp4", [], Fraction(25))
    assert os.listdir(tmp_path) == []


def test_a_source_that_raises_leaves_nothing_behind_and_keeps_what_was_there(tmp_path: Path) -> None:
    def frames() -> Iterator[np.ndarray]:
        for n in range(100):
            yield np.tile(barcode(n), (4, 4, 1))
        assert len(os.listdir(tmp_path)) == 2  # ffmpeg has begun to write
        raise StopRequested

    (tmp_path / "out.mp4").write_text("before")
    with pytest.raises(StopRequested):
        write_video(tmp_path / "out.mp4", frames(), Fraction(25))
    assert os.listdir(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_text() == "before"
    assert children() == []


def test_an_encoder_that_is_not_there(tmp_path: Path, limits: Callable[..., None]) -> None:
    limits(encoder="libnothing")
    with pytest.raises(EncodingFailed, match="libnothing"):
        write_video(tmp_path / "out.mp4", (barcode(n % 256) for n in range(2000)), Fraction(25))
    assert os.listdir(tmp_path) == []


def test_frames_of_another_size_are_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expected every frame"):
        write_video(tmp_path / "out.mp4", [barcode(0), barcode(0)[1:]], Fraction(25))


def test_progress_grows_from_0_to_1(make: Make, tmp_path: Path) -> None:
    told: list[float] = []
    info = probe(make("sound.mp4"))
    encode = ["-vf", "scale=640:480", "-c:v", "libx264", f"file:{tmp_path / 'out.mp4'}"]
    run_ffmpeg([*input_arguments(info.path), *encode], duration_sec=info.duration_sec, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert all(0 <= share <= 1 for share in told)


def test_what_progress_raises_ends_ffmpeg(make: Make, tmp_path: Path) -> None:
    def stop(share: float) -> None:
        raise StopRequested

    arguments = ["-stream_loop", "-1", *input_arguments(make("h264.mp4")), "-t", "9999", f"file:{tmp_path / 'out.mp4'}"]
    with pytest.raises(StopRequested):
        run_ffmpeg(arguments, duration_sec=9999.0, on_progress=stop)
    assert children() == []


def test_failure_says_why(tmp_path: Path) -> None:
    with pytest.raises(EncodingFailed, match="No such file"):
        run_ffmpeg([*input_arguments(tmp_path / "nothing.mp4"), f"file:{tmp_path / 'out.mp4'}"])


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for ffmpeg")
def test_no_progress_is_a_failure(limits: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stuck = tmp_path / "stuck"  # ffmpeg goes on telling where it is when it does not move
    tell = 'print("frame=1\\nout_time_us=1000000\\nprogress=continue", flush=True); time.sleep(0.1)'
    stuck.write_text(f"#!{sys.executable}\nimport time\nfor _ in range(50): {tell}\n")
    stuck.chmod(0o700)
    monkeypatch.setattr("har.video.process.executable", lambda: str(stuck))
    limits(ffmpeg_stall_sec=0.4)
    with pytest.raises(EncodingFailed, match="no progress for"):
        run_ffmpeg([], duration_sec=2.0, on_progress=lambda share: None)
    assert children() == []


def test_paths_may_be_relative_to_a_folder(make: Make, tmp_path: Path) -> None:
    run_ffmpeg([*input_arguments(make("h264.mp4")), "-c", "copy", "file:here.mp4"], cwd=tmp_path)
    assert probe(tmp_path / "here.mp4").frame_count == 50
