"""Copies of a video that any browser plays: a small one, or one of its own streams."""

import struct
from collections.abc import Callable
from pathlib import Path

from har.settings import settings
from har.video.info import VideoInfo
from har.video.probe import probe
from har.video.process import input_arguments
from har.video.write import run_ffmpeg, under_another_name

_KEY_FRAMES_APART = 50  # at most so many frames are decoded to show one that somebody jumps to


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
    picture += ["-g", str(_KEY_FRAMES_APART), "-fps_mode", "passthrough", "-enc_time_base", "demux"]
    sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", "96k", "-ac", "2"] if info.has_audio else []
    _write(info, [*picture, *sound], out, "mp4", mark, on_progress)


def make_proxy(
    video: VideoInfo, folder: Path, *, mark: str, on_progress: Callable[[float], None] | None = None
) -> Path:
    """Write what a page plays in place of a video: `proxy.mp4` or `proxy.webm`, with every frame at its time.

    It holds the streams of the video as they are, without what else its file says (where, when and with what it was
    made); or, where browsers do not play these or they are too large to be kept in memory, a small copy as of
    `make_preview`.

    Args:
        video: what to play.
        folder: where to.
        mark: as for `make_preview`.
        on_progress: told of the share that is done, 0 to 1.

    Raises:
        EncodingFailed: it could not be written.
    """
    if not is_played_as_it_is(video):
        make_preview(video, out := folder / "proxy.mp4", mark=mark, on_progress=on_progress)
        return out
    out = folder / f"proxy.{video.container}"
    sound = ["-map", "0:a:0"] if video.has_audio else []
    _write(video, ["-map", "0:V:0", *sound, "-c", "copy"], out, video.container, mark, on_progress)
    return out


def is_played_as_it_is(video: VideoInfo) -> bool:
    """Whether a page plays a video's own streams, which is quick to arrange."""
    return video.plays_in_browsers and video.size_bytes <= settings().max_played_bytes


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the copy: even, and the shorter side no longer than `settings().preview_short_side`."""
    factor = min(1.0, settings().preview_short_side / min(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def _write(
    info: VideoInfo,
    streams: list[str],
    out: Path,
    container: str,
    mark: str,
    on_progress: Callable[[float], None] | None,
) -> None:
    """Nothing of what the original says about where, when and with what it was made comes along."""
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    rest = ["-map_metadata", "-1", "-map_chapters", "-1", *exact, "-f", container, "-y"]
    faststart = ["-movflags", "+faststart"] if container == "mp4" else []
    with under_another_name(out) as beside:
        run_ffmpeg(
            [*input_arguments(info.path), *streams, *faststart, *rest, f"file:{beside}"],
            duration_sec=info.duration_sec,
            on_progress=on_progress,
        )
        _append_mark(beside, container, mark)


def _append_mark(path: Path, container: str, mark: str) -> None:
    """At the end, in an element that players skip: `free` in MP4, `Void` in WebM."""
    data = mark.encode()
    head = struct.pack(">I4s", 8 + len(data), b"free") if container == "mp4" else bytes((0xEC, 0x80 | len(data)))
    with path.open("ab") as file:
        file.write(head + data)
