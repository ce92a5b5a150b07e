"""What is known of a video before its frames are read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

_HELD_FRAMES = 0.25  # by how much more or less than one usual frame
UNKNOWN_COLOUR = ("unknown", "unknown", "unknown")
Fields = Literal["auto", "tff", "bff"]  # as marked on each frame, top first, bottom first


@dataclass(frozen=True)
class VideoInfo:
    """A video file, as `probe` describes it."""

    path: Path
    width: int  # pixels as displayed: rotation and pixel aspect applied, square pixels
    height: int
    fps: Fraction  # frames per second; where variable_rate, that of nearly all frames, or the mean
    duration_sec: float  # from the file's first moment to the end of the last frame
    frame_count: int | None  # as many as the file holds, which in a damaged one may be more than can be decoded
    has_audio: bool  # that can be decoded
    codec: str  # as ffmpeg names it: h264, vp9, …
    container: str  # mp4, avi, …
    variable_rate: bool  # frames do not follow each other at equal distances
    size_bytes: int
    warning: str | None  # a sentence for users: the file is damaged, and the readable part is used
    progressive: bool = False  # not interlaced; False also where unknown
    plays_in_browsers: bool = False  # all browsers in use play its own streams
    audio_stream: int = 0  # number of the sound track that is used, if has_audio
    audio_layout: str = "stereo"  # of its channels, as ffmpeg names it
    pixel_format: str = ""  # as ffmpeg names it
    colour: tuple[str, str, str] = UNKNOWN_COLOUR  # matrix, primaries, transfer; as ffmpeg names them
    fields: Fields | None = None  # which field of interlaced frames is shown first; None: not interlaced
    stream: str = "0:V:0"  # the film's, as ffmpeg's -map names it; by default the first that is not cover art
    last_frame_sec: float | None = None  # when the last frame is shown; None: unknown
    remarks: tuple[str, ...] = ()  # sentences for users: what is left out of copies, or converted

    @property
    def last_frame_is_held(self) -> bool:
        """Whether the last frame lasts clearly longer, or shorter, than usual ones."""
        if self.last_frame_sec is None:
            return False
        return abs((self.duration_sec - self.last_frame_sec) * float(self.fps) - 1) > _HELD_FRAMES

    def notices(self, warning: str | None = None) -> tuple[str, ...]:
        """All sentences for users: a warning from reading it (or this video's own), and the remarks."""
        return tuple(filter(None, (warning or self.warning, *self.remarks)))

    def remarked(self, remarks: Iterable[str]) -> "VideoInfo":
        """The same video with further remarks, each once."""
        return replace(self, remarks=tuple(dict.fromkeys((*self.remarks, *remarks))))
