"""Pictures of text for films, drawn by ffmpeg as in labelled videos, in any script that an installed font has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from har.exports import single_line
from har.render.ass_pictures import drawing
from har.render.glyphs import drawable_labels
from har.render.subtitles import escape
from har.render.text import FONT_NAME

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
        part = bodies[first : first + _PER_RUN]
        with drawing(head, part, width, height) as ffmpeg:
            for _ in part:
                picture = np.zeros((height, width), np.uint8)
                ffmpeg.read_into(picture.data.cast("B"))
                yield picture
