"""Written videos can be read again, appear whole or not at all, and writing reports progress."""

import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.errors import EncodingFailed, NoFrames, StopRequested
from har.video import h264_arguments, input_arguments, probe, run_ffmpeg, write_video
from har.video.write import transcoding_arguments
from tests.video.barcode import barcode, number
from tests.video.conftest import InfoOf, Make, Override, first_frame, read_numbers
from tests.video.test_frames import children


def test_written_frames_are_read_again(tmp_path: Path) -> None:
    write_video(tmp_path / "new" / "out.mp4", (barcode(n) for n in range(30)), Fraction(30000, 1001))
    info = probe(tmp_path / "new" / "out.mp4")
    assert (info.codec, info.fps, info.frame_count) == ("h264", Fraction(30000, 1001), 30)
    assert read_numbers(info) == list(range(30))
    data = info.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it loads
    assert os.listdir(tmp_path / "new") == ["out.mp4"]


def test_options_of_x264_are_given_to_x264_only(override: Override) -> None:
    assert "-rc-lookahead" in transcoding_arguments()[1]
    override(encoder="mpeg4")
    assert transcoding_arguments()[1] == h264_arguments()


def test_odd_sides_are_padded_by_one_line_and_frames_need_not_be_contiguous(tmp_path: Path) -> None:
    write_video(tmp_path / "odd.mp4", [barcode(5)[1:, 1:][:, ::-1]] * 2, Fraction(5))
    frame = first_frame(tmp_path / "odd.mp4")
    assert frame.shape == (120, 160, 3)
    assert number(frame[:, ::-1]) == 5


def test_no_frames_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoFrames):
        write_video(tmp_path / "none.mp4", [], Fraction(25))
    assert os.listdir(tmp_path) == []


def test_a_source_that_raises_leaves_the_earlier_file(tmp_path: Path) -> None:
    def frames() -> Iterator[np.ndarray]:
        for n in range(100):
            yield np.tile(barcode(n), (4, 4, 1))
        assert len(os.listdir(tmp_path)) == 2  # ffmpeg has started to write
        raise StopRequested

    (tmp_path / "out.mp4").write_text("before")
    with pytest.raises(StopRequested):
        write_video(tmp_path / "out.mp4", frames(), Fraction(25))
    assert os.listdir(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_text() == "before"
    assert children() == []


def test_an_unknown_encoder_is_reported(tmp_path: Path, override: Override) -> None:
    override(encoder="libnothing")
    with pytest.raises(EncodingFailed, match="libnothing"):
        write_video(tmp_path / "out.mp4", (barcode(n % 256) for n in range(2000)), Fraction(25))
    assert os.listdir(tmp_path) == []


def test_frames_of_different_sizes_are_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expected every frame"):
        write_video(tmp_path / "out.mp4", [barcode(0), barcode(0)[1:]], Fraction(25))


def test_progress_grows_from_0_to_1(info_of: InfoOf, tmp_path: Path) -> None:
    reports: list[float] = []
    info = info_of("sound.mp4")
    encode = ["-vf", "scale=640:480", "-c:v", "libx264", f"file:{tmp_path / 'out.mp4'}"]
    run_ffmpeg([*input_arguments(info.path), *encode], duration_sec=info.duration_sec, on_progress=reports.append)
    assert reports == sorted(reports)
    assert reports[-1] == 1.0
    assert all(0 <= fraction <= 1 for fraction in reports)


def test_an_exception_from_on_progress_ends_ffmpeg(make: Make, tmp_path: Path) -> None:
    def stop(fraction: float) -> None:
        raise StopRequested

    arguments = ["-stream_loop", "-1", *input_arguments(make("h264.mp4")), "-t", "9999", f"file:{tmp_path / 'out.mp4'}"]
    with pytest.raises(StopRequested):
        run_ffmpeg(arguments, duration_sec=9999.0, on_progress=stop)
    assert children() == []


def test_the_error_gives_the_reason(tmp_path: Path) -> None:
    with pytest.raises(EncodingFailed, match="No such file"):
        run_ffmpeg([*input_arguments(tmp_path / "nothing.mp4"), f"file:{tmp_path / 'out.mp4'}"])


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for ffmpeg")
def test_stalled_encoding_is_an_error(override: Override, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stuck = tmp_path / "stuck"  # ffmpeg goes on reporting when it does not advance
    report = 'print("frame=1\\nout_time_us=1000000\\nprogress=continue", flush=True); time.sleep(0.1)'
    stuck.write_text(f"#!{sys.executable}\nimport time\nfor _ in range(50): {report}\n")
    stuck.chmod(0o700)
    monkeypatch.setattr("har.video.ffmpeg.executable", lambda: str(stuck))
    override(ffmpeg_stall_sec=0.4)
    with pytest.raises(EncodingFailed, match="no progress for"):
        run_ffmpeg([], duration_sec=2.0, on_progress=lambda fraction: None)
    assert children() == []


def test_paths_may_be_relative_to_the_working_folder(make: Make, tmp_path: Path) -> None:
    run_ffmpeg([*input_arguments(make("h264.mp4")), "-c", "copy", "file:here.mp4"], cwd=tmp_path)
    assert probe(tmp_path / "here.mp4").frame_count == 50
