"""Pictures of text for films, drawn by ffmpeg as in labelled videos, in any script that an installed font has."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from har.exports import single_line
from har.render.glyphs import drawable_labels
from har.render.subtitles import escape
from har.render.text import FONT_FILE, FONT_NAME
from har.video.ffmpeg import Ffmpeg

DIM = 0.8  # brightness of less important lines

_PER_RUN = 100  # pictures of one run of ffmpeg
_CENTRE, _TOP_LEFT = 5, 7  # positions of ASS
_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, BorderStyle, Outline, Shadow, Alignment
Style: Text,{font},{height},&H00FFFFFF,-1,1,0,0,{position}

[Events]
Format: Layer, Start, End, Style, Text
"""


@dataclass(frozen=True)
class Line:
    """A line of text."""

    text: str
    size: int  # height in pixels
    brightness: float = 1.0


def draw_texts(
    texts: Sequence[Sequence[Line]], width: int, height: int, *, centred: bool = False
) -> Iterator[UInt8[np.ndarray, "height width"]]:
    """Draw texts white on black, each in a picture of this size.

    Args:
        texts: the lines of each. Characters that no font of this machine has are spelled in Latin letters.
        width: of the pictures.
        height: of the pictures.
        centred: whether text is centred; otherwise it starts at the top left.

    Raises:
        FfmpegMissing: ffmpeg cannot be started.
    """
    names = list(dict.fromkeys(single_line(line.text) for text in texts for line in text))
    spelled = dict(zip(names, drawable_labels(names), strict=True))
    bodies = [
        "\\N".join(
            f"{{\\fs{line.size}\\c&H{round(255 * line.brightness):02X}"
            f"{round(255 * line.brightness):02X}{round(255 * line.brightness):02X}&}}"
            f"{escape(spelled[single_line(line.text)])}"
            for line in text
        )
        for text in texts
    ]
    head = _HEAD.format(width=width, height=height, font=FONT_NAME, position=_CENTRE if centred else _TOP_LEFT)
    for first in range(0, len(bodies), _PER_RUN):
        yield from _draw(bodies[first : first + _PER_RUN], head, width, height)


def _draw(bodies: Sequence[str], head: str, width: int, height: int) -> Iterator[UInt8[np.ndarray, "height width"]]:
    with tempfile.TemporaryDirectory(prefix="har-text-") as name:
        shutil.copyfile(FONT_FILE, Path(name) / FONT_FILE.name)
        events = (
            f"Dialogue: 0,{_clock(second)},{_clock(second + 1)},Text,{body}\n" for second, body in enumerate(bodies)
        )
        (Path(name) / "text.ass").write_text(head + "".join(events), encoding="utf-8", newline="\n")
        source = ["-f", "lavfi", "-i", f"color=black:s={width}x{height}:r=1:d={len(bodies)}"]
        draw = ["-vf", "ass=text.ass:fontsdir=.", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
        with Ffmpeg(["-nostats", "-loglevel", "error", *source, *draw], cwd=Path(name)) as ffmpeg:
            for _ in bodies:
                picture = np.zeros((height, width), np.uint8)
                ffmpeg.read_into(picture.data.cast("B"))
                yield picture


def _clock(second: int) -> str:
    return f"{second // 3600}:{second // 60 % 60:02}:{second % 60:02}.00"
