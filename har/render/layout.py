"""Where the panel stands on a frame, and how large its text is, so that it can be read at 160×120 and at 4K."""

from collections.abc import Iterable
from dataclasses import dataclass

from har.render.text import width_of, wrap

PERCENT = " 100\N{NO-BREAK SPACE}%"  # the widest share
SEPARATOR = "  ·  "

_LEAST_MAIN, _LEAST_SMALL = 13, 11  # pixels; letters of lower lines cannot be told apart
_HIGHEST_SHARE = 0.9  # of the frame's height that the panel may take


@dataclass(frozen=True)
class Layout:
    """Sizes in pixels of the burned-in panel, the same on every frame of a video."""

    width: int  # of the frame
    height: int
    margin: int  # from the frame's edge to the panel
    padding: int  # from the panel's edge to the text
    bar: int  # width of the coloured bar at the left
    main: int  # height of a line of the label
    main_lines: int  # how many of them a label may take
    small: int  # height of a line of the runners-up
    side_by_side: bool  # the runners-up share one line
    text_width: int  # of the widest line

    @property
    def text_left(self) -> int:
        """Where lines begin."""
        return self.margin + self.bar + self.padding

    @property
    def text_top(self) -> int:
        """Where the first line begins: at the top of the frame, for players cover its lower edge."""
        return self.margin + self.padding

    @property
    def panel_width(self) -> int:
        """From the bar to the right edge."""
        return self.bar + 2 * self.padding + self.text_width

    def main_text(self, label: str) -> list[str]:
        """A label in lines that leave room for the share behind the last one."""
        lines, _ = _with_room(label, self.text_width / self.main, self.main_lines)
        return lines

    def small_text(self, label: str) -> str:
        """A runner-up's label in one line, or in its share of one."""
        lines, _ = _with_room(label, self.text_width / self.small, 1)
        return lines[0] if lines else ""


def fit(width: int, height: int, main: Iterable[str], small: Iterable[str], small_count: int) -> Layout:
    """The largest text, up to a size that suits the frame, with which everything fits.

    Args:
        width: of the frame.
        height: of the frame.
        main: every text that will stand as a label.
        small: every label that will stand as a runner-up.
        small_count: how many of those stand there at once.
    """
    main, small = list(main), list(small)
    side = min(height, 0.8 * width)
    wanted = max(_LEAST_MAIN, round(6 + 0.045 * side))
    margin, padding = round(2 + 0.015 * side), round(1 + 0.25 * wanted)
    bar = max(3, round(0.25 * wanted))
    room = width - 2 * margin - 2 * padding - bar
    main_size, main_lines = _main_size(main, room, wanted)
    small_size = max(_LEAST_SMALL, round(0.68 * main_size))
    widest = sorted((width_of(label + PERCENT) for label in small), reverse=True)[:small_count]
    in_one_line = (sum(widest) + (len(widest) - 1) * width_of(SEPARATOR)) * small_size if widest else 0.0
    side_by_side = in_one_line <= room
    rows = 1 if side_by_side else small_count
    main_size, small_size = _within(height - 2 * margin - 2 * padding, main_size, main_lines, small_size, rows)
    lines = [line for label in main for line in _with_room(label, room / main_size, main_lines)[0]]
    used = max([width_of(line + PERCENT) * main_size for line in lines], default=0.0)
    below = in_one_line if side_by_side else max(widest, default=0.0) * small_size
    text_width = max(1, min(room, round(max(used, below) + 1)))
    return Layout(width, height, margin, padding, bar, main_size, main_lines, small_size, side_by_side, text_width)


def _main_size(labels: list[str], room: int, wanted: int) -> tuple[int, int]:
    """Size and number of lines: rather a little smaller than broken, rather broken than tiny or cut off."""
    sizes = [size for size in (wanted, round(0.9 * wanted), round(0.8 * wanted)) if size >= _LEAST_MAIN]
    for lines in (1, 2, 3):
        for size in sizes:
            if all(_with_room(label, room / size, lines)[1] for label in labels):
                return size, lines
    return sizes[-1], 3


def _within(room: int, main: int, main_lines: int, small: int, rows: int) -> tuple[int, int]:
    """Sizes that keep the panel on a frame that is smaller than any text one can read."""
    highest = main * main_lines + small * rows
    factor = min(1.0, _HIGHEST_SHARE * max(room, 2) / highest)
    return max(1, int(main * factor)), max(1, int(small * factor))


def _with_room(label: str, width: float, lines: int) -> tuple[list[str], bool]:
    """`wrap`, with room for a share of 100 % on every line, since any may be the last."""
    return wrap(label, max(width - width_of(PERCENT), 1.0), lines)
