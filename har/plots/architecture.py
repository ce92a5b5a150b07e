"""A network drawn: its layers from the clip at the top to the probabilities at the bottom."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import plotly.graph_objects as go

from har.networks.summary import LayerFacts, NetworkFacts
from har.plots.data import SKY, TRAIN, VALIDATION
from har.plots.ground import CLEAR, plain

_MOST_LAYERS = 40  # drawn each for itself; with more, blocks stand for their layers
_ROW = 28  # pixels
_PARTS = {"encoder": TRAIN, "head": VALIDATION}
_INPUT, _FROZEN = "#8C8C8C", "#8FA8B8"
_STREAM = re.compile(r"(frame|motion)(?=\d*_(?!labels))")  # a layer of one of two CNNs side by side
_STREAMS = {"frame": "one CNN for the frame", "motion": "one beside it for what changes"}
_SHORT = {"GlobalAveragePooling": "MeanPool", "MaxPooling": "MaxPool", "BatchNormalization": "BatchNorm"}
_LINE = "rgba(128,128,128,0.6)"


@dataclass(frozen=True)
class _Row:
    name: str
    layers: tuple[LayerFacts, ...]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.layers[-1].output_shape

    @property
    def frozen(self) -> bool:
        return not any(layer.trainable for layer in self.layers)


def architecture_figure(facts: NetworkFacts) -> go.Figure:
    """A bar for each layer, or for each block of a deep network; the wider, the more numbers it hands on (logarithmic).

    Left stand kinds, right the shapes handed on, in the bars numbers of parameters. What does not learn is hatched.
    """
    figure = go.Figure()
    ticks: list[tuple[int, str, str]] = []  # row, left, right
    bars = [(0, True)]  # row, and whether it has weights
    shape = facts.clip
    figure.add_trace(
        _bar([0], [math.prod(shape)], [True], {"color": _INPUT}, [""], [f"<b>clip</b><br>{_sides(shape)}"])
    )
    ticks.append((0, "clip", _sides(shape)))
    place = 1
    for part, rows in _by_part(_rows(facts.layers)):
        if part in _PARTS:
            _head_line(figure, place, _about(part, rows))
            place += 1
        placed: list[tuple[int, _Row]] = []
        for title, run in _by_stream(rows):
            if title:
                _head_line(figure, place, title)
                place += 1
            placed += enumerate(run, start=place)
            place += len(run)
        for frozen in (False, True):
            if chosen := [(at, row) for at, row in placed if row.frozen is frozen]:
                figure.add_trace(_blocks(part, chosen, frozen))
        bars += [(at, row.parameters > 0) for at, row in placed]
        ticks += [(at, row.name, _sides(row.shape)) for at, row in placed]
    figure.add_trace(_links(bars))
    widest = max(map(_width, [math.prod(shape), *(math.prod(layer.output_shape) for layer in facts.layers)]))
    _lay_out(figure, ticks, place, widest)
    return figure


def _rows(layers: Sequence[LayerFacts]) -> list[_Row]:
    blocks: dict[tuple[str, str], list[LayerFacts]] = {}
    for layer in layers:
        block = layer.block if len(layers) > _MOST_LAYERS else None
        blocks.setdefault((layer.part, block or layer.name), []).append(layer)
    rows = [
        _Row(plain(name) if len(inside) > 1 else _kind(inside[0]), tuple(inside))
        for (_, name), inside in blocks.items()
    ]
    # Keras lists streams stage by stage, one of each in turn: here one after the other.
    runs = groupby(rows, lambda row: bool(_STREAM.match(row.layers[0].name)))
    return [row for in_streams, run in runs for row in (sorted(run, key=_stream) if in_streams else run)]


def _stream(row: _Row) -> str:
    found = _STREAM.match(row.layers[0].name)
    return found[1] if found else ""


def _by_stream(rows: Iterable[_Row]) -> list[tuple[str, list[_Row]]]:
    """The rows before, in and after each stream, with headings: side by side must not look like one after another."""
    runs = [(stream, list(run)) for stream, run in groupby(rows, _stream)]
    return [(_STREAMS[stream] if stream else "both" if at else "", run) for at, (stream, run) in enumerate(runs)]


def _by_part(rows: Iterable[_Row]) -> list[tuple[str, list[_Row]]]:
    parts: dict[str, list[_Row]] = {}
    for row in rows:
        parts.setdefault(row.layers[0].part, []).append(row)
    return list(parts.items())


def _blocks(part: str, rows: Sequence[tuple[int, _Row]], frozen: bool) -> go.Bar:
    marker = {
        "color": _FROZEN if frozen else _PARTS.get(part, SKY),
        "opacity": [1 if row.parameters else 0.45 for _, row in rows],
        "pattern": {
            "shape": "/" if frozen else "",
            "size": 7,
            "solidity": 0.25,
            "fgcolor": "#52667A",
            "fillmode": "overlay",
        },
    }
    return _bar(
        [at for at, _ in rows],
        [math.prod(row.shape) for _, row in rows],
        [row.parameters > 0 for _, row in rows],
        marker,
        [_count(row.parameters) if row.parameters else "" for _, row in rows],
        [_told(row) for _, row in rows],
    )


def _bar(
    places: Sequence[int],
    sizes: Sequence[int],
    thick: Sequence[bool],
    marker: Mapping[str, object],
    texts: Sequence[str],
    told: Sequence[str],
) -> go.Bar:
    """Bars about the middle, as wide as the logarithm of what they hand on."""
    widths = [_width(size) for size in sizes]
    return go.Bar(
        y=list(places),
        base=[-width / 2 for width in widths],
        x=widths,
        width=[_thickness(each) for each in thick],
        orientation="h",
        marker={**marker, "line": {"width": 0}, "cornerradius": 4},
        text=list(texts),
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 12},
        hovertext=list(told),
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _head_line(figure: go.Figure, place: int, text: str) -> None:
    figure.add_annotation(x=0, y=place, text=text, showarrow=False, font={"size": 12}, yshift=-2)


def _about(part: str, rows: Sequence[_Row]) -> str:
    runs = rows[0].layers[0].runs
    said = [f"<b>{plain(part)}</b>"]
    if runs > 1:
        said.append(f"for each of {runs} frames")
    if all(row.frozen for row in rows):
        said.append("does not learn")
    return ", ".join(said)


def _told(row: _Row) -> str:
    first = row.layers[0]
    kinds = Counter(layer.kind for layer in row.layers)
    title = plain(first.name) if len(row.layers) == 1 else row.name
    lines = [
        f"<b>{title}</b>: " + ", ".join(f"{plain(kind)} × {n}" if n > 1 else plain(kind) for kind, n in kinds.items()),
        f"{_sides(first.input_shape)} → {_sides(row.shape)}",
        f"{row.parameters:,} parameters" + (", which stay as they are" if row.frozen and row.parameters else ""),
        f"{_count(row.macs)} multiply-adds for a clip"
        + (f", in {first.runs} runs" if first.runs > 1 and row.macs else ""),
    ]
    return "<br>".join(lines)


def _width(size: int) -> float:
    return math.log2(size) + 1


def _thickness(with_weights: bool) -> float:
    return 0.8 if with_weights else 0.4


def _kind(layer: LayerFacts) -> str:
    """Short enough for a phone."""
    kind = layer.kind
    for long, short in _SHORT.items():
        kind = kind.replace(long, short)
    return plain(kind)


def _sides(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _count(number: int) -> str:
    """Three digits and a unit: 12.4 k, 3.41 M, 27.8 G."""
    for size, unit in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return str(number)


def _links(bars: Sequence[tuple[int, bool]]) -> go.Bar:
    """Strokes from each bar to the next, except where a heading stands between them."""
    gaps = [
        (above + _thickness(thick) / 2, below - _thickness(next_thick) / 2)
        for (above, thick), (below, next_thick) in pairwise(bars)
        if below == above + 1
    ]
    return go.Bar(
        y=[(begin + end) / 2 for begin, end in gaps],
        base=[-0.06] * len(gaps),
        x=[0.12] * len(gaps),
        width=[end - begin for begin, end in gaps],
        orientation="h",
        marker={"color": _LINE, "line": {"width": 0}},
        hoverinfo="skip",
        showlegend=False,
    )


def _lay_out(figure: go.Figure, ticks: Sequence[tuple[int, str, str]], count: int, widest: float) -> None:
    figure.add_trace(go.Scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip"))  # shows the axis
    shown = {
        "tickvals": [at for at, _, _ in ticks],
        "range": [count - 0.4, -0.6],
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        "ticks": "",
    }
    figure.update_layout(
        height=count * _ROW + 24,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        dragmode=False,
        uniformtext={"minsize": 9, "mode": "hide"},
        xaxis={"visible": False, "fixedrange": True, "range": [-0.53 * widest, 0.53 * widest]},
        yaxis={**shown, "ticktext": [left for _, left, _ in ticks]},
        yaxis2={**shown, "ticktext": [right for _, _, right in ticks], "overlaying": "y", "side": "right"},
    )
