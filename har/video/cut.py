"""A stretch of a video as a small video of its own."""

from pathlib import Path

from har.video.info import VideoInfo
from har.video.preview import preview_size
from har.video.process import input_arguments
from har.video.write import h264_arguments, run_ffmpeg, under_another_name

_BEFORE_SEC = 0.001  # much less than a frame lasts: times are rounded on the way


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
    picture = ["-map", "0:V:0", "-vf", f"scale={width}:{height}:flags=bicubic,setsar=1", *h264_arguments()]
    times = ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    bare = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"]
    seek = ["-ss", f"{max(0.0, start_sec - _BEFORE_SEC):.6f}", "-t", f"{end_sec - start_sec:.6f}"]
    with under_another_name(out) as beside:
        run_ffmpeg(
            [
                *input_arguments(info.path, *seek),
                *picture,
                *times,
                *bare,
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
                "-y",
                f"file:{beside.absolute()}",
            ],
            duration_sec=end_sec - start_sec,
        )
