"""Texts as pictures, drawn by ffmpeg from subtitles in the ASS format with the font of this package."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from har.render.text import FONT_FILE, FONT_NAME
from har.video.ffmpeg import Ffmpeg

CENTRE, TOP_LEFT = 5, 7  # positions of ASS
_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, BorderStyle, Outline, Shadow, Alignment
Style: Text,{font},{size},&H00FFFFFF,-1,1,0,0,{position}

[Events]
Format: Layer, Start, End, Style, Text
"""


@contextmanager
def drawing(
    texts: Sequence[str], width: int, height: int, position: int, keep: Callable[[str], bool] | None = None
) -> Iterator[Ffmpeg]:
    """An ffmpeg that writes one grey picture, `width × height` bytes, of each text in ASS's syntax, white on black.

    Each of ffmpeg's messages is given to `keep`; without it, only errors are written.
    """
    with tempfile.TemporaryDirectory(prefix="har-text-") as name:
        shutil.copyfile(FONT_FILE, Path(name) / FONT_FILE.name)
        events = (
            f"Dialogue: 0,{_clock(second)},{_clock(second + 1)},Text,{text}\n" for second, text in enumerate(texts)
        )
        size = 2 * height // 3
        head = _HEAD.format(width=width, height=height, font=FONT_NAME, size=size, position=position)
        (Path(name) / "text.ass").write_text(head + "".join(events), encoding="utf-8", newline="\n")
        level = ["-loglevel", "error"] if keep is None else []
        source = ["-f", "lavfi", "-i", f"color=black:s={width}x{height}:r=1:d={len(texts)}"]
        draw = ["-vf", "ass=text.ass:fontsdir=.", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
        with Ffmpeg(["-nostats", *level, *source, *draw], cwd=Path(name), keep=keep or (lambda line: True)) as ffmpeg:
            yield ffmpeg


def _clock(second: int) -> str:
    return f"{second // 3600}:{second // 60 % 60:02}:{second % 60:02}.00"
