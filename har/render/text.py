"""How wide text is, and where to break it. The font is shipped, so it is the same everywhere."""

from functools import cache
from pathlib import Path
from unicodedata import east_asian_width

from PIL import ImageFont

FONT_FILE = Path(__file__).parent / "fonts" / "DejaVuSansCondensed-Bold.ttf"
FONT_NAME = "DejaVu Sans Condensed"
ELLIPSIS = "…"

_MEASURED_AT = 200  # pixels; widths grow in proportion
_SLACK = 1.03  # the renderer fits letters to whole pixels


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_FILE), _MEASURED_AT, layout_engine=ImageFont.Layout.BASIC)


@cache
def _letter_per_line() -> float:
    """Size of letters for a line one pixel high. The renderer means the height of a line when it speaks of size."""
    return _MEASURED_AT / sum(_font().getmetrics())


@cache
def width_of(text: str) -> float:
    """Width of text whose line is one pixel high.

    Signs that the font lacks come from a font of the system, if there is one; East Asian ones are as wide as high.
    """
    wide = sum(east_asian_width(sign) in "WF" for sign in text)
    narrow = "".join(sign for sign in text if east_asian_width(sign) not in "WF")
    return (wide + _font().getlength(narrow) / _MEASURED_AT) * _letter_per_line() * _SLACK


def wrap(text: str, width: float, lines: int) -> tuple[list[str], bool]:
    """Break text at spaces, or within a word that is too long; what does not fit ends in an ellipsis.

    Args:
        text: in one line.
        width: in heights of a line.
        lines: how many there may be.

    Returns:
        The lines, and whether all of the text is in them.
    """
    out: list[str] = []
    rest = text
    while rest and len(out) < lines:
        fits = _fitting(rest, width)
        if fits < len(rest) and rest[fits] != " ":
            space = rest.rfind(" ", 0, fits)
            fits = space if space > 0 else fits
        out.append(rest[:fits].rstrip())
        rest = rest[fits:].lstrip()
    if not rest:
        return out, True
    last = f"{out[-1]} {rest}"
    out[-1] = last[: _fitting(last, width - width_of(ELLIPSIS))].rstrip() + ELLIPSIS
    return out, False


def _fitting(text: str, width: float) -> int:
    """How many signs of the text fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
