"""A section of a video as a small video of its own."""

from pathlib import Path

from har.storage.atomic import replacing
from har.video.ffmpeg import input_arguments
from har.video.info import VideoInfo
from har.video.picture import deinterlace, scale_to_write
from har.video.preview import preview_size
from har.video.write import NO_METADATA, h264_arguments, run_ffmpeg

_EARLY_SEC = 0.001  # much less than a frame lasts: times are rounded on the way
_EXTRA_SEC = 1.0


def cut_clip(info: VideoInfo, start_sec: float, end_sec: float, out: Path) -> None:
    """Write the frames of `[start_sec, end_sec)` as an MP4 (H.264, no sound), no larger than a preview.

    The intervals between frames stay; the file's metadata does not.

    Args:
        info: the video.
        start_sec: the time of the first frame.
        end_sec: the time of the first frame left out.
        out: written whole or not at all.

    Raises:
        EncodingFailed: it could not be written, or not within the limits of `settings()`.
    """
    width, height = preview_size(info.width, info.height)
    begin_sec = max(0.0, start_sec - _EARLY_SEC)
    length_sec = end_sec - _EARLY_SEC - begin_sec
    # `trim` ends the clip by the clock. `-t` counts from the first frame, and only saves reading further.
    seek = ["-ss", f"{begin_sec:.6f}", "-t", f"{length_sec + _EXTRA_SEC:.6f}"]
    trim = f"trim=end={length_sec:.6f}"
    filters = [*deinterlace(info), trim, *scale_to_write(info, width, height), "setsar=1"]
    picture = ["-map", "0:V:0", "-vf", ",".join(filters), *h264_arguments(), "-fps_mode", "passthrough"]
    container = ["-enc_time_base", "demux", "-movflags", "+faststart", *NO_METADATA, "-f", "mp4"]
    with replacing(out) as temporary:
        run_ffmpeg([*input_arguments(info.path, *seek), *picture, *container, "-y", f"file:{temporary.absolute()}"])
