"""Width and wrapping of text, in the font that comes with this package."""

from bisect import bisect_right
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import east_asian_width

from PIL import ImageFont

FONT_FILE = Path(__file__).parent / "fonts" / "DejaVuSansCondensed-Bold.ttf"
FONT_NAME = "DejaVu Sans Condensed"
ELLIPSIS = "…"

_UNASSIGNED = "\U0010fffd"  # for private use
_MEASURED_AT = 200  # pixels; widths are proportional
_SLACK = 1.03  # the renderer fits letters to whole pixels


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_FILE), _MEASURED_AT, layout_engine=ImageFont.Layout.BASIC)


@cache
def font_has(character: str) -> bool:
    """Whether the font has a glyph for a character: otherwise, it draws the same box as for an unassigned one."""
    return _drawn(character) != _drawn(_UNASSIGNED)


def _drawn(character: str) -> tuple[object, bytes]:
    mask = _font().getmask(character)
    return mask.size, bytes(mask)


@lru_cache(4096)
def text_width(text: str) -> float:
    """Width of text in line heights.

    Characters that the font lacks come from a font of the system, if there is one; East Asian ones are square.
    """
    wide = sum(east_asian_width(character) in "WF" for character in text)
    narrow = "".join(character for character in text if east_asian_width(character) not in "WF")
    line_height = sum(_font().getmetrics()) / _MEASURED_AT  # the renderer's font size is the height of a line
    return (wide + _font().getlength(narrow) / _MEASURED_AT) / line_height * _SLACK


def wrap(text: str, width: float, max_lines: int) -> tuple[list[str], bool]:
    """Break a line at spaces, or within a word that is too long; text that does not fit ends in an ellipsis.

    Returns:
        The lines, at most `width` line heights wide, and whether they contain all of the text.
    """
    lines: list[str] = []
    rest = text
    while rest and len(lines) < max_lines:
        fits = _fitting(rest, width)
        if fits < len(rest) and rest[fits] != " ":
            space = rest.rfind(" ", 0, fits)
            fits = space if space > 0 else fits
        lines.append(rest[:fits].rstrip())
        rest = rest[fits:].lstrip()
    if not rest:
        return lines, True
    last = f"{lines[-1]} {rest}"
    lines[-1] = last[: _fitting(last, width - text_width(ELLIPSIS))].rstrip() + ELLIPSIS
    return lines, False


def _fitting(text: str, width: float) -> int:
    """How many characters of the text fit, at least one."""
    return max(1, bisect_right(range(1, len(text) + 1), width, key=lambda count: text_width(text[:count])))
