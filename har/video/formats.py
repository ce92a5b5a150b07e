"""Which video files are accepted, and which of them browsers play."""

from har.video.header import Film

# Of files that may be videos, which reading them decides. Common ones first, as upload boxes list them.
VIDEO_SUFFIXES = (
    *(".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".gif", ".ts", ".mts", ".wmv", ".flv", ".ogv"),
    *(".m2ts", ".m2t", ".vob", ".m2v", ".m1v", ".mpe", ".mpv", ".trp", ".tod", ".evo"),  # MPEG: discs and camcorders
    *(".asf", ".wm", ".dvr-ms", ".divx", ".xvid", ".amv", ".f4v", ".ogm", ".mk3d"),
    *(".3gp", ".3g2", ".qt", ".lrv", ".insv"),
)
# Of videos in formats that are not read.
OTHER_VIDEO_SUFFIXES = (
    *(".rm", ".rmvb", ".mxf", ".dv", ".nut", ".y4m", ".ivf", ".wtv", ".nsv", ".viv", ".swf", ".bik", ".braw", ".r3d"),
    *(".264", ".h264", ".avc", ".265", ".h265", ".hevc", ".obu", ".mjpeg", ".mjpg"),
)
NOT_READ = "a video in a format that is not read: convert it to MP4 (H.264)"  # said of files with such endings

# By container, video and audio codecs. HEVC and QuickTime's container are left out: not all browsers play them.
_PLAYED = {
    "mp4": ({"h264"}, {"aac", "mp3"}),
    "webm": ({"vp8", "vp9", "av1"}, {"vorbis", "opus"}),
}


def plays_in_browsers(film: Film, container: str, audio_codec: str | None) -> bool:
    """Whether all browsers in use play a film together with the sound that is used (None: none)."""
    video_codecs, audio_codecs = _PLAYED.get(container, (set(), set()))
    sound_plays = audio_codec is None or audio_codec in audio_codecs
    return film.codec in video_codecs and film.common_pixels and sound_plays
