"""Position and text size of the panel, so that it can be read at 160×120 and at 4K."""

from collections.abc import Iterable
from dataclasses import dataclass

from har.render.text import text_width, wrap

_PERCENT = " 100\N{NO-BREAK SPACE}%"  # the widest percentage
SEPARATOR = "  ·  "

_MIN_MAIN, _MIN_SMALL = 13, 11  # pixels; smaller text cannot be read
_MAX_HEIGHT = 0.9  # of the frame's height


@dataclass(frozen=True)
class Layout:
    """Sizes of the panel in pixels, the same on every frame of a video."""

    margin: int  # from the frame's edge to the panel
    padding: int  # from the panel's edge to the text
    bar: int  # width of the coloured bar on the left
    main: int  # line height of the label
    main_lines: int  # how many lines a label may take
    small: int  # line height of the next labels
    side_by_side: bool  # the next labels share one line
    text_width: int  # of the widest line

    @property
    def text_left(self) -> int:
        """Where lines start."""
        return self.margin + self.bar + self.padding

    @property
    def text_top(self) -> int:
        """Where the first line starts: at the top, since players' controls cover the lower edge."""
        return self.margin + self.padding

    @property
    def panel_width(self) -> int:
        """From the bar to the right edge."""
        return self.bar + 2 * self.padding + self.text_width

    def main_text(self, label: str) -> list[str]:
        """A label in lines, with room for the percentage after the last one."""
        return _wrap(label, self.text_width / self.main, self.main_lines)[0]

    def small_text(self, label: str) -> str:
        """A next label, cut to one line."""
        lines, _ = _wrap(label, self.text_width / self.small, 1)
        return lines[0] if lines else ""


def fit_layout(width: int, height: int, main: Iterable[str], small: Iterable[str], small_count: int) -> Layout:
    """The layout with the largest text, up to a size in proportion to the frame, that fits.

    `main` are all texts shown as main label, `small` all next labels, of which `small_count` are shown at once.
    """
    main, small = list(main), list(small)
    side = min(height, 0.8 * width)
    preferred = max(_MIN_MAIN, round(6 + 0.045 * side))
    margin, padding = round(2 + 0.015 * side), round(1 + 0.25 * preferred)
    bar = max(3, round(0.25 * preferred))
    room = width - 2 * margin - 2 * padding - bar
    main_size, main_lines = _main_size(main, room, preferred)
    small_size = max(_MIN_SMALL, round(0.68 * main_size))
    widest = sorted((text_width(label + _PERCENT) for label in small), reverse=True)[:small_count]
    in_one_line = (sum(widest) + (len(widest) - 1) * text_width(SEPARATOR)) * small_size if widest else 0.0
    side_by_side = in_one_line <= room
    rows = 1 if side_by_side else small_count
    main_size, small_size = _fit_height(height - 2 * margin - 2 * padding, main_size, main_lines, small_size, rows)
    lines = [line for label in main for line in _wrap(label, room / main_size, main_lines)[0]]
    main_width = max([text_width(line + _PERCENT) * main_size for line in lines], default=0.0)
    small_width = in_one_line if side_by_side else max(widest, default=0.0) * small_size
    width_used = max(1, min(room, round(max(main_width, small_width) + 1)))
    return Layout(margin, padding, bar, main_size, main_lines, small_size, side_by_side, width_used)


def _main_size(labels: list[str], room: int, preferred: int) -> tuple[int, int]:
    """Size and number of lines: slightly smaller text before more lines, more lines before an ellipsis."""
    sizes = [size for size in (preferred, round(0.9 * preferred), round(0.8 * preferred)) if size >= _MIN_MAIN]
    for lines in (1, 2, 3):
        for size in sizes:
            if all(_wrap(label, room / size, lines)[1] for label in labels):
                return size, lines
    return sizes[-1], 3


def _fit_height(room: int, main: int, main_lines: int, small: int, rows: int) -> tuple[int, int]:
    """Sizes that keep the panel on a frame too small for readable text."""
    height = main * main_lines + small * rows
    factor = min(1.0, _MAX_HEIGHT * max(room, 2) / height)
    return max(1, int(main * factor)), max(1, int(small * factor))


def _wrap(label: str, width: float, lines: int) -> tuple[list[str], bool]:
    """`wrap`, with room for 100 % on every line, since any may be the last."""
    return wrap(label, max(width - text_width(_PERCENT), 1.0), lines)
