"""Copies of a video that all browsers play: small ones, or the video's own streams."""

import struct
from pathlib import Path

from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings
from har.storage.atomic import replacing
from har.video.ffmpeg import input_arguments
from har.video.fit import centre
from har.video.info import VideoInfo
from har.video.picture import deinterlace, scale_to_write
from har.video.sound import OnRemark, aac_arguments, ignore_remark, sound_map, write_with_sound
from har.video.write import NO_METADATA, last_duration_arguments, run_ffmpeg

_KEY_FRAME_INTERVAL = 50  # at most so many frames are decoded to seek


def make_preview(
    info: VideoInfo, out: Path, *, mark: str, on_progress: OnProgress = ignore, on_remark: OnRemark = ignore_remark
) -> None:
    """Write a small MP4 (H.264 baseline, AAC, faststart) with the timing of the original, without its metadata.

    It is written whole or not at all, and its folder is created if need be. `mark`, at most 127 bytes, is stored in a
    `free` box at the end, which players skip. Files with different marks differ: Streamlit takes two videos for the
    same if length, head, middle and tail agree. `on_remark` is called if the sound is left out.

    Raises:
        EncodingFailed: it could not be written.
    """
    width, height = preview_size(info.width, info.height)
    shown = ["setsar=1", "format=yuv420p", centre(width, height)]
    filters = [*deinterlace(info), *scale_to_write(info, width, height), *shown]
    picture = ["-map", info.stream, "-vf", ",".join(filters), "-c:v", "libx264", *last_duration_arguments(info)]
    picture += ["-preset", "veryfast", "-crf", "26", "-profile:v", "baseline", "-pix_fmt", "yuv420p"]
    picture += ["-g", str(_KEY_FRAME_INTERVAL), "-fps_mode", "passthrough", "-enc_time_base", "demux"]
    sound = [*sound_map(info), *aac_arguments(info, "96k", stereo=True)] if info.has_audio else []
    _write(info, picture, sound, out, "mp4", mark, on_progress, on_remark)


def make_proxy(
    info: VideoInfo,
    folder: Path,
    *,
    mark: str,
    on_progress: OnProgress = ignore,
    on_remark: OnRemark = ignore_remark,
) -> Path:
    """Write what a page plays in place of a video: `proxy.mp4` or `proxy.webm`, with every frame at its time.

    It holds the video's own streams without the file's metadata; or, where browsers do not play these or they are too
    large to be kept in memory, a small copy as of `make_preview`, which describes the arguments.

    Returns:
        The proxy's path.

    Raises:
        EncodingFailed: it could not be written.
    """
    if not is_directly_playable(info):
        make_preview(info, out := folder / "proxy.mp4", mark=mark, on_progress=on_progress, on_remark=on_remark)
        return out
    out = folder / f"proxy.{info.container}"
    picture = ["-map", info.stream, "-c", "copy", *last_duration_arguments(info, encoded=False)]
    _write(info, picture, sound_map(info), out, info.container, mark, on_progress, on_remark)
    return out


def is_directly_playable(video: VideoInfo) -> bool:
    """Whether a proxy holds the video's own streams, which takes moments."""
    return video.plays_in_browsers and video.size_bytes <= settings().max_played_bytes


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the copy: even, and the shorter side at most `settings().preview_short_side`."""
    factor = min(1.0, settings().preview_short_side / min(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def _write(
    info: VideoInfo,
    picture: list[str],
    sound: list[str],
    out: Path,
    container: str,
    mark: str,
    on_progress: OnProgress,
    on_remark: OnRemark,
) -> None:
    faststart = ["-movflags", "+faststart"] if container == "mp4" else []
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as temporary:
        target = [*faststart, *NO_METADATA, "-f", container, "-y", f"file:{temporary.absolute()}"]

        def write(sound: list[str], more: list[str]) -> None:
            run_ffmpeg(
                [*input_arguments(info.path), *picture, *sound, *target, *more],
                duration_sec=info.duration_sec,
                on_progress=lambda fraction: on_progress(Progress(Stage.PREPARE_PLAYER, fraction, 1.0)),
            )

        write_with_sound(info, sound, write, on_remark)
        _append_mark(temporary, container, mark)


def _append_mark(path: Path, container: str, mark: str) -> None:
    """Append an element that players skip: `free` in MP4, `Void` in WebM."""
    data = mark.encode()
    head = struct.pack(">I4s", 8 + len(data), b"free") if container == "mp4" else bytes((0xEC, 0x80 | len(data)))
    with path.open("ab") as file:
        file.write(head + data)
