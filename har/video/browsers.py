"""Which videos browsers play as they are."""

from har.video.header import Header

# By container, codecs of pictures and of sound. HEVC is left out although some browsers have it; so is QuickTime's own
# container, which not all take.
_PLAYED = {
    "mp4": ({"h264"}, {"aac", "mp3"}),
    "webm": ({"vp8", "vp9", "av1"}, {"vorbis", "opus"}),
}


def plays_in_browsers(header: Header, container: str) -> bool:
    """Whether every browser in use plays a file with such a header."""
    pictures, sound = _PLAYED.get(container, (set(), set()))
    heard = header.audio_codec is None or (header.has_audio and header.audio_codec in sound)
    return header.codec in pictures and header.common_pixels and heard
