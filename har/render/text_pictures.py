"""Pictures of text for films, drawn by ffmpeg as in labelled videos, in any script that an installed font has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from har.exports import single_line
from har.render.ass_pictures import CENTRE, TOP_LEFT, drawing
from har.render.glyphs import drawable_labels
from har.render.subtitles import escape

DIM = 0.8  # brightness of less important lines

_PER_RUN = 100  # pictures of one run of ffmpeg


@dataclass(frozen=True)
class Line:
    """A line of text."""

    text: str
    size: int  # height in pixels
    brightness: float = 1.0


def draw_texts(
    texts: Sequence[Sequence[Line]], width: int, height: int, *, centred: bool = False
) -> Iterator[UInt8[np.ndarray, "height width"]]:
    """Draw texts white on black, each in a picture of this size, centred or from the top left.

    Characters that no font of this machine has are spelled in Latin letters.

    Raises:
        FfmpegMissing: ffmpeg cannot be started.
    """
    names = list(dict.fromkeys(single_line(line.text) for text in texts for line in text))
    spelled = dict(zip(names, drawable_labels(names), strict=True))

    def body(line: Line) -> str:
        grey = f"{round(255 * line.brightness):02X}"
        return f"{{\\fs{line.size}\\c&H{grey * 3}&}}{escape(spelled[single_line(line.text)])}"

    bodies = ["\\N".join(map(body, text)) for text in texts]
    for first in range(0, len(bodies), _PER_RUN):
        part = bodies[first : first + _PER_RUN]
        with drawing(part, width, height, CENTRE if centred else TOP_LEFT) as ffmpeg:
            for _ in part:
                picture = np.zeros((height, width), np.uint8)
                ffmpeg.read_into(picture.data.cast("B"))
                yield picture
