"""Videos in and out through ffmpeg, in a separate process: a malformed file may crash it, but never us."""

from har.video.cut import cut_clip
from har.video.ffmpeg import input_arguments
from har.video.formats import VIDEO_SUFFIXES
from har.video.frames import FrameReader, first_sample, frame_times, read_frames
from har.video.info import VideoInfo
from har.video.preview import is_directly_playable, make_preview, make_proxy
from har.video.probe import probe
from har.video.shots import Cut
from har.video.write import h264_arguments, run_ffmpeg, write_gif, write_video
