"""The panel on every frame as a subtitle script (Advanced SubStation Alpha), which ffmpeg draws.

Such scripts tell time in hundredths of a second, too coarse for many frame rates. So the script is written for a video
whose clock runs `STRETCH` times slower, and ffmpeg's filters slow the clock before drawing and speed it up afterwards.
An event begins and ends halfway between two frames.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np
from jaxtyping import Float32, Int64

from har.colours import of_labels
from har.exports import one_line
from har.render.layout import SEPARATOR, Layout, fit
from har.render.text import FONT_NAME
from har.timeline import FrameLabels

STRETCH = 1000  # a step of the script's clock is 10 µs of the video's

_UNSURE_TEXT = "unsure"
_NEXT = 2  # further labels beside the one that stands
_AFTER_LAST_SEC = 10.0  # the last event lasts longer than any frame
# Before a share, so that it stays behind a label that is written from right to left.
_FROM_LEFT_ON = "\N{LEFT-TO-RIGHT MARK}"
_WHITE, _DIM, _GREY = "&HFFFFFF&", "&HD0D0D0&", "&HB8B8B8&"

_HEADER = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Text,{font},{size},&H00FFFFFF,&H00000000,&H00000000,-1,1,{outline},0,1,0,0,0,1
Style: Panel,{font},{size},&H00FFFFFF,&H00000000,&H00000000,0,1,0,0,7,0,0,0,1

[Events]
Format: Layer, Start, End, Style, Text
"""


@dataclass(frozen=True)
class _Row:
    """What stands on a frame, as it is written: two equal rows look the same."""

    label: int  # -1: unsure
    share: int | None  # its confidence in per cent; None where a person has given or confirmed it
    others: tuple[tuple[int, int], ...]  # further labels and their per cents


def script(labels: FrameLabels, width: int, height: int) -> str:
    """The whole script for a video's frames.

    Args:
        labels: what stands on each frame, and when each frame is shown.
        width: of the frames that will be drawn on.
        height: of the same.
    """
    names = [one_line(label) for label in labels.labels]
    layout = _layout(labels, names, width, height)
    panel = _Panel(layout, names, of_labels(labels.likeliest()))
    firsts = _changes(labels)
    rows = [_row(labels, frame) for frame in firsts]
    starts, bounds = [*firsts, len(labels.times_sec)], _bounds(labels)
    grounds = [f"Dialogue: 0,{times},Panel,{look}" for times, look in _events(map(panel.ground, rows), starts, bounds)]
    bars = [f"Dialogue: 1,{times},Panel,{look}" for times, look in _events(map(panel.bar, rows), starts, bounds)]
    texts = [f"Dialogue: 2,{times},Text,{look}" for times, look in _events(map(panel.text, rows), starts, bounds)]
    outline = max(1, round(layout.small / 16))
    head = _HEADER.format(width=width, height=height, font=FONT_NAME, size=layout.main, outline=outline)
    return head + "\n".join([*grounds, *bars, *texts, ""])


def _layout(labels: FrameLabels, names: list[str], width: int, height: int) -> Layout:
    standing = np.unique(labels.label_index[labels.label_index >= 0]).tolist()
    guesses = np.unique(labels.top_index[labels.top_index >= 0]).tolist()
    unsure = bool((labels.label_index < 0).any())
    count = min(_NEXT + unsure, labels.top_index.shape[1], len(names))
    main = [names[index] for index in standing] + [_UNSURE_TEXT] * unsure
    return fit(width, height, main, [names[index] for index in guesses], count)


def _changes(labels: FrameLabels) -> list[int]:
    """First frames of runs in which nothing that is written changes."""
    shares = _per_cent(labels.top_probability)
    written = np.column_stack((labels.label_index, _shares(labels), labels.top_index, shares))
    return [0, *(np.flatnonzero((np.diff(written, axis=0) != 0).any(axis=1)) + 1).tolist()]


def _row(labels: FrameLabels, frame: int) -> _Row:
    label = int(labels.label_index[frame])
    top = labels.top_index[frame].tolist()
    shares = _per_cent(labels.top_probability[frame]).tolist()
    others = [(index, share) for index, share in zip(top, shares, strict=True) if index not in (-1, label)]
    marked = labels.marks is not None and labels.marks[frame] > 0
    share = None if marked else int(_per_cent(labels.confidence[frame : frame + 1])[0])
    return _Row(label, share, tuple(others if label < 0 else others[:_NEXT]))


def _shares(labels: FrameLabels) -> Int64[np.ndarray, "frames"]:
    """Confidence in per cent, -1 where it is not written."""
    shares = _per_cent(labels.confidence)
    return shares if labels.marks is None else np.where(labels.marks > 0, -1, shares)


def _per_cent(probability: Float32[np.ndarray, "..."]) -> Int64[np.ndarray, "..."]:
    return np.rint(probability.astype(np.float64) * 100).astype(np.int64)


def _bounds(labels: FrameLabels) -> list[float]:
    """Times halfway between a frame and the one before; before the first and after the last, far from both."""
    times = labels.times_sec
    middle = (times[:-1] + times[1:]) / 2
    return [0.0, *middle.clip(0).tolist(), float(times[-1]) + _AFTER_LAST_SEC]


def _events(looks: Iterable[str], starts: list[int], bounds: list[float]) -> Iterator[tuple[str, str]]:
    """Join neighbours that look the same: start and end of each event, and its look."""
    at = 0
    for look, same in groupby(looks):
        end = at + sum(1 for _ in same)
        yield f"{_clock(bounds[starts[at]])},{_clock(bounds[starts[end]])}", look
        at = end


def _clock(seconds: float) -> str:
    hundredths = round(seconds * STRETCH * 100)
    return f"{hundredths // 360_000}:{hundredths // 6_000 % 60:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"


class _Panel:
    """Writes what is drawn for a row: a ground, a bar in the label's colour at its left, and lines of text."""

    def __init__(self, layout: Layout, names: list[str], colours: dict[int, str]) -> None:
        self._layout = layout
        self._colours = colours
        self._main = {
            index: [escape(line) for line in layout.main_text(names[index])] for index in colours if index >= 0
        }
        self._main[-1] = [_UNSURE_TEXT]
        self._small = cache(lambda index: escape(layout.small_text(names[index])))

    def ground(self, row: _Row) -> str:
        """Dark and half transparent, so that text can be read on anything."""
        return self._box(row, self._layout.panel_width, "&H000000&", "&H50&")

    def bar(self, row: _Row) -> str:
        """Tells the label by its colour."""
        colour = self._colours[row.label]
        red, green, blue = colour[1:3], colour[3:5], colour[5:7]
        return self._box(row, self._layout.bar, f"&H{blue}{green}{red}&", "&H00&")

    def text(self, row: _Row) -> str:
        """The label and its share, below them the next ones."""
        layout = self._layout
        colour, share = (_GREY, "") if row.label < 0 else (_WHITE, _share(row.share))
        main = "\\N".join(self._main[row.label]) + share
        below = "".join(f"\\N{{\\fs{layout.small}\\c{_DIM}}}{line}" for line in self._below(row))
        place = f"\\an7\\pos({layout.text_left},{layout.text_top})"
        return f"{{{place}\\fs{layout.main}\\c{colour}}}{main}{below}"

    def _below(self, row: _Row) -> list[str]:
        others = [f"{self._small(index)}{_share(share)}" for index, share in row.others]
        return [SEPARATOR.join(others)] if self._layout.side_by_side and others else others

    def _box(self, row: _Row, width: int, colour: str, alpha: str) -> str:
        layout = self._layout
        lines = layout.main * len(self._main[row.label]) + layout.small * len(self._below(row))
        height = lines + 2 * layout.padding
        place = f"\\pos({layout.margin},{layout.margin})"
        path = f"m 0 0 l {width} 0 {width} {height} 0 {height}"
        return f"{{{place}\\1c{colour}\\1a{alpha}\\p1}}{path}{{\\p0}}"


def _share(per_cent: int | None) -> str:
    return "" if per_cent is None else f"{_FROM_LEFT_ON} {per_cent}\N{NO-BREAK SPACE}%"


def escape(text: str) -> str:
    r"""Text in which nothing acts as a command: braces hold those, and `\N`, `\n`, `\h` are line breaks and a space.

    A backslash is followed by a sign of no width, so that it means nothing together with what comes next.
    """
    return text.replace("\\", "\\\N{WORD JOINER}").replace("{", "\\{").replace("}", "\\}")
