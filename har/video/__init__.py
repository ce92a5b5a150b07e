"""Videos in and out through ffmpeg, which runs as a process of its own: a malformed file may end it, but never us."""

from har.video.cut import cut
from har.video.frames import FrameReader, read_frames
from har.video.info import VideoInfo
from har.video.preview import is_played_as_it_is, make_preview, make_proxy
from har.video.probe import probe
from har.video.process import CONTAINERS, input_arguments
from har.video.write import h264_arguments, run_ffmpeg, under_another_name, write_video

__all__ = [
    "CONTAINERS",
    "FrameReader",
    "VideoInfo",
    "cut",
    "h264_arguments",
    "input_arguments",
    "is_played_as_it_is",
    "make_preview",
    "make_proxy",
    "probe",
    "read_frames",
    "run_ffmpeg",
    "under_another_name",
    "write_video",
]
