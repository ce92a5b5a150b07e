"""MoviePy composes films: its frames come from our reader and go through `frames_of` to our encoder.

It is imported only when a film is made. It starts no process and reads no settings: `moviepy.config`, which reads an
`.env` file and starts programs, is replaced by constants.
"""

import os
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import UInt8

from har.errors import LocationError, OptionsError
from har.progress import OnProgress, Progress, Stage
from har.video import FrameReader, VideoInfo

Clip = Any  # of MoviePy, which has no types

DARK = (24, 26, 32)  # background of titles and grids

_GROUND_OPACITY = 0.69  # of the box behind a caption


@cache
def moviepy() -> Any:
    """Import MoviePy, which has no types."""
    constants = ModuleType("moviepy.config")
    constants.FFMPEG_BINARY = constants.FFPLAY_BINARY = "unset"  # type: ignore[attr-defined]
    sys.modules.setdefault(constants.__name__, constants)
    import moviepy

    return moviepy


def check_suffix(out: Path, *suffixes: str) -> None:
    """Check the name of a film.

    Raises:
        OptionsError: another suffix.
    """
    if out.suffix.lower() not in suffixes:
        raise OptionsError(
            f"The film was to be written to {out.name}.",
            f"Films are written as {' or '.join(suffixes)}.",
            f"Choose a name that ends in {suffixes[0]}.",
        )


def ensure_folder(out: Path) -> None:
    """Create a film's folder if it does not exist, before minutes of work.

    Raises:
        LocationError: it cannot be created or written to.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(out.parent, os.W_OK):
            raise PermissionError("Permission denied")
    except OSError as error:
        raise LocationError(
            f"No film can be written to {out.parent} ({error.strerror or error}).",
            "A folder was expected that exists or can be created.",
            "Choose another place.",
        ) from error


class Footage:
    """A part of a video, read one frame at a time, in order, as MoviePy requests them.

    Its reader starts with the first frame and ends with the last one, so in a film of many only those on screen are
    open. If the video ends early, its last frame is repeated. Lengths are in frames of the film.
    """

    def __init__(
        self, open_reader: Callable[[], FrameReader], size: tuple[int, int], frame_count: int, fps: Fraction
    ) -> None:
        self._open_reader = open_reader
        self._reader: FrameReader | None = None
        self._frame: UInt8[np.ndarray, "height width 3"] | None = None
        self._number = -1  # of the frame
        self.size, self.frame_count, self.fps = size, frame_count, fps

    def clip(self) -> Clip:
        """Return it as a clip."""
        return clip_of(self.frame_at, self.size, self.frame_count, self.fps)

    def close(self) -> None:
        """End its reader, if it runs."""
        if self._reader is not None:
            self._reader.close()

    def frame_at(self, time_sec: float) -> UInt8[np.ndarray, "height width 3"]:
        """The frame at a time, no earlier than that of the call before."""
        wanted = min(round(time_sec * float(self.fps)), self.frame_count - 1)
        if self._reader is None:
            self._reader = self._open_reader()
        while self._number < wanted or self._frame is None:
            self._number += 1
            if (frame := next(self._reader, None)) is not None:
                self._frame = frame
        if self._number == self.frame_count - 1:
            self._reader.close()
        return self._frame


def clip_of(frame_at: Callable[[float], np.ndarray], size: tuple[int, int], frame_count: int, fps: Fraction) -> Clip:
    """A clip from a function of the time.

    MoviePy's own constructor, and its `transform`, request the first frame immediately: the readers of all shots would
    run from the beginning.
    """
    clip = moviepy().VideoClip(duration=frame_count / float(fps))
    clip.frame_function, clip.size = frame_at, size
    return clip


def scaled(info: VideoInfo, width: float, height: float) -> tuple[int, int]:
    """Width and height at which a video's picture fits into a box."""
    factor = min(width / info.width, height / info.height)
    return max(2, round(info.width * factor)), max(2, round(info.height * factor))


def layered(ground: Clip, *clips: Clip) -> Clip:
    """Clips on a background as large as the result. MoviePy's own take eight bytes per value, and are kept."""
    return moviepy().CompositeVideoClip([ground, *clips], use_bgclip=True)


def plain(colour: tuple[int, int, int], size: tuple[int, int], frame_count: int, fps: Fraction) -> Clip:
    """A picture of one colour."""
    picture = np.full((size[1], size[0], 3), colour, np.uint8)
    return clip_of(lambda time_sec: picture, size, frame_count, fps)


def crossfaded(clip: Clip, start: int, frame_count: int, fade: int, fps: Fraction) -> list[Clip]:
    """Place a clip that fades in, as two parts: MoviePy would blend all frames of one clip, which takes twice as long.

    Start and lengths are in frames of the film.
    """
    if not fade:
        return [placed(clip, start, frame_count, fps)]
    effect = moviepy().vfx.CrossFadeIn(fade / float(fps))
    rest = clip_of(lambda time_sec: clip.get_frame(time_sec + fade / float(fps)), clip.size, frame_count - fade, fps)
    return [
        placed(clip, start, fade, fps).with_effects([effect]),
        placed(rest, start + fade, frame_count - fade, fps),
    ]


def placed(clip: Clip, start: int, frame_count: int, fps: Fraction) -> Clip:
    """A clip that starts at a frame of the film and lasts for a number of frames."""
    rate = float(fps)
    return clip.with_start(start / rate).with_end((start + frame_count) / rate)


def caption(text: UInt8[np.ndarray, "height width"], padding: int, bar: int = 0, colour: str = "#000000") -> Clip:
    """Text on a dark, translucent background, with a bar in a colour `#RRGGBB` at the left.

    Empty space at the right of the text is cut off.
    """
    width = int(np.flatnonzero(text.any(axis=0)).max(initial=0)) + 1
    ink = np.pad(text[:, :width], ((padding, padding), (padding + bar, padding))).astype(np.float32) / 255
    opacity = ink + (1 - ink) * _GROUND_OPACITY
    picture = np.repeat((ink / opacity)[..., None], 4, axis=2)
    picture[..., 3] = opacity
    picture[:, :bar] = (*(value / 255 for value in rgb(colour)), 1.0)
    return moviepy().ImageClip(np.rint(picture * 255).astype(np.uint8))


def rgb(colour: str) -> tuple[int, int, int]:
    """The values of a colour `#RRGGBB`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def card(text: UInt8[np.ndarray, "height width"]) -> Clip:
    """A title: text in a dark picture of the same size."""
    ink = text[..., None].astype(np.float32) / 255
    return moviepy().ImageClip(np.rint(DARK + ink * (255 - np.array(DARK, np.float32))).astype(np.uint8))


def frames_of(
    film: Clip, frame_count: int, fps: Fraction, on_progress: OnProgress
) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """The frames of a film, composed one by one."""
    film.duration = (frame_count + 0.5) / float(fps)  # MoviePy rounds down
    for number, frame in enumerate(film.iter_frames(fps=float(fps), dtype="uint8")):
        on_progress(Progress(Stage.WRITE_FILM, number, frame_count))
        yield frame
