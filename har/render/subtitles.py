"""The panel on every frame as a subtitle script (Advanced SubStation Alpha), which ffmpeg draws.

Such scripts have times in hundredths of a second, too coarse for many frame rates. So the script is written for a video
that is `TIME_SCALE` times slower, and ffmpeg's filters slow the video before drawing and speed it up afterwards.
Events start and end halfway between two frames.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np
from jaxtyping import Float32, Int64

from har.colours import label_colours
from har.exports import single_line
from har.labels import display_name
from har.render.glyphs import drawable_labels
from har.render.layout import SEPARATOR, Layout, fit_layout
from har.render.text import FONT_NAME
from har.timeline import FrameLabels

TIME_SCALE = 1000  # one step of the script's clock is 10 µs of the video's

_UNSURE_TEXT = "unsure"
_NEXT_COUNT = 2  # labels below the main one
_AFTER_LAST_SEC = 10.0  # the last event lasts longer than any frame
_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"  # keeps a percentage behind a label that is written from right to left
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
class _Content:
    """What the panel says on a frame; equal contents look the same."""

    label: int  # -1: unsure
    percent: int | None  # confidence; None where a person has given or confirmed the label
    others: tuple[tuple[int, int], ...]  # further labels and their percentages


def subtitle_script(labels: FrameLabels, width: int, height: int) -> str:
    """The script for a whole video, whose frames have this width and height."""
    names = drawable_labels([single_line(display_name(label)) for label in labels.labels])
    layout = _layout(labels, names, width, height)
    panel = _Panel(layout, names, label_colours(labels.ranked_labels()))
    firsts = _changes(labels)
    contents = [_content(labels, frame) for frame in firsts]
    starts, bounds = [*firsts, len(labels.times_sec)], _bounds(labels)
    lines = [
        f"Dialogue: {layer},{times},{style},{text}"
        for layer, (style, draw) in enumerate((("Panel", panel.ground), ("Panel", panel.bar), ("Text", panel.text)))
        for times, text in _events(map(draw, contents), starts, bounds)
    ]
    outline = max(1, round(layout.small / 16))
    head = _HEADER.format(width=width, height=height, font=FONT_NAME, size=layout.main, outline=outline)
    return head + "\n".join([*lines, ""])


def _layout(labels: FrameLabels, names: list[str], width: int, height: int) -> Layout:
    shown = np.unique(labels.label_index[labels.label_index >= 0]).tolist()
    others = np.unique(labels.top_index[labels.top_index >= 0]).tolist()
    unsure = bool((labels.label_index < 0).any())
    count = min(_NEXT_COUNT + unsure, labels.top_index.shape[1], len(names))
    main = [names[index] for index in shown] + [_UNSURE_TEXT] * unsure
    return fit_layout(width, height, main, [names[index] for index in others], count)


def _changes(labels: FrameLabels) -> list[int]:
    """The first frame of each run of frames with the same content."""
    confidence = _percent(labels.confidence)
    shown = confidence if labels.marks is None else np.where(labels.marks > 0, -1, confidence)
    contents = np.column_stack((labels.label_index, shown, labels.top_index, _percent(labels.top_probability)))
    return [0, *(np.flatnonzero((np.diff(contents, axis=0) != 0).any(axis=1)) + 1).tolist()]


def _content(labels: FrameLabels, frame: int) -> _Content:
    label = int(labels.label_index[frame])
    top = labels.top_index[frame].tolist()
    percents = _percent(labels.top_probability[frame]).tolist()
    others = [(index, percent) for index, percent in zip(top, percents, strict=True) if index not in (-1, label)]
    marked = labels.marks is not None and labels.marks[frame] > 0
    percent = None if marked else int(_percent(labels.confidence[frame : frame + 1])[0])
    return _Content(label, percent, tuple(others if label < 0 else others[:_NEXT_COUNT]))


def _percent(probability: Float32[np.ndarray, "..."]) -> Int64[np.ndarray, "..."]:
    return np.rint(probability.astype(np.float64) * 100).astype(np.int64)


def _bounds(labels: FrameLabels) -> list[float]:
    """Times halfway between a frame and the one before; 0 before the first, and well after the last."""
    times = labels.times_sec
    middle = (times[:-1] + times[1:]) / 2
    return [0.0, *middle.clip(0).tolist(), float(times[-1]) + _AFTER_LAST_SEC]


def _events(texts: Iterable[str], starts: list[int], bounds: list[float]) -> Iterator[tuple[str, str]]:
    """Join equal neighbours: start and end of each event, and its text."""
    first = 0
    for text, equal in groupby(texts):
        end = first + sum(1 for _ in equal)
        yield f"{_clock(bounds[starts[first]])},{_clock(bounds[starts[end]])}", text
        first = end


def _clock(seconds: float) -> str:
    hundredths = round(seconds * TIME_SCALE * 100)
    return f"{hundredths // 360_000}:{hundredths // 6_000 % 60:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"


class _Panel:
    """Writes drawing commands: a dark ground, a bar in the label's colour at its left, and lines of text."""

    def __init__(self, layout: Layout, names: list[str], colours: dict[int, str]) -> None:
        self._layout = layout
        self._colours = colours
        self._main = {
            index: [escape(line) for line in layout.main_text(names[index])] for index in colours if index >= 0
        }
        self._main[-1] = [_UNSURE_TEXT]
        self._small = cache(lambda index: escape(layout.small_text(names[index])))

    def ground(self, content: _Content) -> str:
        return self._box(content, self._layout.panel_width, "&H000000&", "&H50&")

    def bar(self, content: _Content) -> str:
        colour = self._colours[content.label]
        red, green, blue = colour[1:3], colour[3:5], colour[5:7]
        return self._box(content, self._layout.bar, f"&H{blue}{green}{red}&", "&H00&")

    def text(self, content: _Content) -> str:
        layout = self._layout
        colour, percent = (_GREY, "") if content.label < 0 else (_WHITE, _percent_text(content.percent))
        main = "\\N".join(self._main[content.label]) + percent
        below = "".join(f"\\N{{\\fs{layout.small}\\c{_DIM}}}{line}" for line in self._lines_below(content))
        position = f"\\an7\\pos({layout.text_left},{layout.text_top})"
        return f"{{{position}\\fs{layout.main}\\c{colour}}}{main}{below}"

    def _lines_below(self, content: _Content) -> list[str]:
        others = [f"{self._small(index)}{_percent_text(percent)}" for index, percent in content.others]
        return [SEPARATOR.join(others)] if self._layout.side_by_side and others else others

    def _box(self, content: _Content, width: int, colour: str, alpha: str) -> str:
        layout = self._layout
        lines = layout.main * len(self._main[content.label]) + layout.small * len(self._lines_below(content))
        height = lines + 2 * layout.padding
        position = f"\\pos({layout.margin},{layout.margin})"
        path = f"m 0 0 l {width} 0 {width} {height} 0 {height}"
        return f"{{{position}\\1c{colour}\\1a{alpha}\\p1}}{path}{{\\p0}}"


def _percent_text(percent: int | None) -> str:
    return "" if percent is None else f"{_LEFT_TO_RIGHT} {percent}\N{NO-BREAK SPACE}%"


def escape(text: str) -> str:
    r"""Escape commands: those in braces, and `\N`, `\n` and `\h`, which are line breaks and a space.

    A backslash is followed by an invisible character, so that it has no meaning together with the next one.
    """
    return text.replace("\\", "\\\N{WORD JOINER}").replace("{", "\\{").replace("}", "\\}")
