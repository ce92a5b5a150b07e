"""Which video files are accepted, and which of them browsers play."""

from har.video.header import Header

# Of files that may be videos, which reading them decides. Common ones first, as upload boxes list them.
VIDEO_SUFFIXES = (
    *(".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".gif", ".ts", ".mts", ".wmv", ".flv", ".ogv"),
    ".3gp",
)

# By container, video and audio codecs. HEVC and QuickTime's container are left out: not all browsers play them.
_PLAYED = {
    "mp4": ({"h264"}, {"aac", "mp3"}),
    "webm": ({"vp8", "vp9", "av1"}, {"vorbis", "opus"}),
}


def plays_in_browsers(header: Header, container: str, audio_codec: str | None) -> bool:
    """Whether all browsers in use play a file's picture together with the sound that is used (None: none)."""
    video_codecs, audio_codecs = _PLAYED.get(container, (set(), set()))
    sound_plays = audio_codec is None or audio_codec in audio_codecs
    return header.codec in video_codecs and header.common_pixels and sound_plays
