"""A small copy of a video that any browser plays."""

import struct
from collections.abc import Callable
from pathlib import Path

from har.settings import settings
from har.video.info import VideoInfo
from har.video.probe import probe
from har.video.process import input_arguments
from har.video.write import run_ffmpeg, under_another_name


def make_preview(
    video: VideoInfo | Path, out: Path, *, mark: str, on_progress: Callable[[float], None] | None = None
) -> None:
    """Write a small MP4 (H.264 baseline, AAC, faststart) with the timing of the original.

    Args:
        video: what to copy.
        out: replaced when all is written.
        mark: told nowhere, but no two files with different marks are alike: Streamlit takes a video for one it already
            has when length, head, middle and tail agree. It stands in a `free` box at the end, which players skip.
        on_progress: told of the share that is done, 0 to 1.

    Raises:
        EncodingFailed: it could not be written.
        VideoError: a path was given, and it cannot be read.
    """
    info = video if isinstance(video, VideoInfo) else probe(video)
    width, height = preview_size(info.width, info.height)
    picture = ["-map", "0:V:0", "-vf", f"scale={width}:{height}:flags=bicubic,setsar=1", "-c:v", "libx264"]
    picture += ["-preset", "veryfast", "-crf", "26", "-profile:v", "baseline", "-pix_fmt", "yuv420p"]
    picture += ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", "96k", "-ac", "2"] if info.has_audio else []
    rest = ["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4", "-y"]
    with under_another_name(out) as beside:
        run_ffmpeg(
            [*input_arguments(info.path), *picture, *sound, *rest, f"file:{beside}"],
            duration_sec=info.duration_sec,
            on_progress=on_progress,
        )
        _append_mark(beside, mark)


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the copy: even, and the shorter side no longer than `settings().preview_short_side`."""
    factor = min(1.0, settings().preview_short_side / min(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def _append_mark(path: Path, mark: str) -> None:
    data = mark.encode()
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(data), b"free") + data)
