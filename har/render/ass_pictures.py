"""Texts as pictures, drawn by ffmpeg from subtitles in the ASS format with the font of this package."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from har.render.text import FONT_FILE
from har.video.ffmpeg import Ffmpeg


@contextmanager
def drawing(
    head: str, texts: Sequence[str], width: int, height: int, keep: Callable[[str], bool] | None = None
) -> Iterator[Ffmpeg]:
    """An ffmpeg that writes one grey picture, `width × height` bytes, of each text, white on black.

    Args:
        head: of the ASS file, up to and with the format of its events; it has a style 'Text'.
        texts: in the syntax of ASS.
        width: of a picture.
        height: of a picture.
        keep: gets each of ffmpeg's messages; None: only errors are written.
    """
    with tempfile.TemporaryDirectory(prefix="har-text-") as name:
        shutil.copyfile(FONT_FILE, Path(name) / FONT_FILE.name)
        events = (
            f"Dialogue: 0,{_clock(second)},{_clock(second + 1)},Text,{text}\n" for second, text in enumerate(texts)
        )
        (Path(name) / "text.ass").write_text(head + "".join(events), encoding="utf-8", newline="\n")
        level = ["-loglevel", "error"] if keep is None else []
        source = ["-f", "lavfi", "-i", f"color=black:s={width}x{height}:r=1:d={len(texts)}"]
        draw = ["-vf", "ass=text.ass:fontsdir=.", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
        with Ffmpeg(["-nostats", *level, *source, *draw], cwd=Path(name), keep=keep or (lambda line: True)) as ffmpeg:
            yield ffmpeg


def _clock(second: int) -> str:
    return f"{second // 3600}:{second // 60 % 60:02}:{second % 60:02}.00"
