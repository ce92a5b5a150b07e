"""A stretch of a video as a small video of its own."""

from pathlib import Path

from har.video.info import VideoInfo
from har.video.preview import preview_size
from har.video.process import input_arguments
from har.video.write import h264_arguments, run_ffmpeg, under_another_name

_BEFORE_SEC = 0.001  # much less than a frame lasts: times are rounded on the way
_LONGER_SEC = 1.0


def cut(info: VideoInfo, start_sec: float, end_sec: float, out: Path) -> None:
    """Write the frames of `[start_sec, end_sec)` as an MP4 (H.264, no sound), no larger than a preview.

    Each frame keeps its distance to the next. Nothing of what the original says of its making comes along.

    Args:
        info: the video.
        start_sec: the time of the first frame.
        end_sec: that of the first one that is left out.
        out: replaced when all is written.

    Raises:
        EncodingFailed: it could not be written, or not within the limits of `settings()`.
    """
    width, height = preview_size(info.width, info.height)
    begin, length = max(0.0, start_sec - _BEFORE_SEC), end_sec - _BEFORE_SEC - max(0.0, start_sec - _BEFORE_SEC)
    # The filter ends it by the clock; the option alone, which saves reading on, would count from the first frame.
    seek = ["-ss", f"{begin:.6f}", "-t", f"{length + _LONGER_SEC:.6f}"]
    filters = f"trim=end={length:.6f},scale={width}:{height}:flags=bicubic,setsar=1"
    picture = ["-map", "0:V:0", "-vf", filters, *h264_arguments(), "-fps_mode", "passthrough"]
    times = ["-enc_time_base", "demux", "-movflags", "+faststart", "-f", "mp4"]
    bare = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"]
    with under_another_name(out) as beside:
        run_ffmpeg([*input_arguments(info.path, *seek), *picture, *times, *bare, "-y", f"file:{beside.absolute()}"])
