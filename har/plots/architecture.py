"""A diagram of a network: its layers from the clip at the top to the probabilities at the bottom."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import plotly.graph_objects as go

from har.networks.summary import LayerSummary, NetworkSummary
from har.plots.style import SKY, TRAIN, TRANSPARENT, VALIDATION, escape_text

_MAX_LAYERS = 40  # drawn one by one; of deeper networks, blocks are drawn
_ROW = 28  # pixels
_PARTS = {"encoder": TRAIN, "head": VALIDATION}
_INPUT, _FROZEN = "#8C8C8C", "#8FA8B8"
_SHORT = {"GlobalAveragePooling": "MeanPool", "MaxPooling": "MaxPool", "BatchNormalization": "BatchNorm"}
_LINE = "rgba(128,128,128,0.6)"


@dataclass(frozen=True)
class _Row:
    name: str
    layers: tuple[LayerSummary, ...]

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
    def stream(self) -> str:
        return self.layers[0].stream

    @property
    def frozen(self) -> bool:
        return not any(layer.trainable for layer in self.layers)


def architecture_figure(summary: NetworkSummary) -> go.Figure:
    """A bar for each layer, or for each block of a deep network, as wide as the logarithm of its output's size.

    Layer types are on the left, output shapes on the right, numbers of parameters in the bars. Frozen layers are
    hatched.
    """
    figure = go.Figure()
    ticks: list[tuple[int, str, str]] = []  # row, left, right
    bars = [(0, True)]  # row, and whether it has weights
    shape = summary.clip
    figure.add_trace(
        _bar([0], [math.prod(shape)], [True], {"color": _INPUT}, [""], [f"<b>clip</b><br>{_dimensions(shape)}"])
    )
    ticks.append((0, "clip", _dimensions(shape)))
    place = 1
    for part, rows in _by_part(_rows(summary.layers)):
        if part in _PARTS:
            _add_heading(figure, place, _part_heading(part, rows))
            place += 1
        placed: list[tuple[int, _Row]] = []
        for heading, group in _by_stream(rows):
            if heading:
                _add_heading(figure, place, heading)
                place += 1
            placed += enumerate(group, start=place)
            place += len(group)
        for frozen in (False, True):
            if chosen := [(at, row) for at, row in placed if row.frozen is frozen]:
                figure.add_trace(_row_bars(part, chosen, frozen))
        bars += [(at, row.parameters > 0) for at, row in placed]
        ticks += [(at, row.name, _dimensions(row.shape)) for at, row in placed]
    figure.add_trace(_connectors(bars))
    widest = max(_width(math.prod(each)) for each in [shape, *(layer.output_shape for layer in summary.layers)])
    _set_layout(figure, ticks, place, widest)
    return figure


def _rows(layers: Sequence[LayerSummary]) -> list[_Row]:
    blocks: dict[tuple[str, str], list[LayerSummary]] = {}
    for layer in layers:
        block = layer.block if len(layers) > _MAX_LAYERS else None
        blocks.setdefault((layer.part, block or layer.name), []).append(layer)
    rows = [
        _Row(escape_text(name) if len(members) > 1 else _kind(members[0]), tuple(members))
        for (_, name), members in blocks.items()
    ]
    # Keras lists parallel streams stage by stage, alternating; here they come one after the other.
    groups = groupby(rows, lambda row: bool(row.stream))
    return [row for _, group in groups for row in sorted(group, key=lambda row: row.stream)]


def _by_stream(rows: Iterable[_Row]) -> list[tuple[str, list[_Row]]]:
    """The rows before, in and after each stream, with headings that show that streams are parallel."""
    groups = [(stream, list(group)) for stream, group in groupby(rows, lambda row: row.stream)]
    return [(escape_text(stream) or ("both" if at else ""), group) for at, (stream, group) in enumerate(groups)]


def _by_part(rows: Iterable[_Row]) -> list[tuple[str, list[_Row]]]:
    parts: dict[str, list[_Row]] = {}
    for row in rows:
        parts.setdefault(row.layers[0].part, []).append(row)
    return list(parts.items())


def _row_bars(part: str, rows: Sequence[tuple[int, _Row]], frozen: bool) -> go.Bar:
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
        [_hover_text(row) for _, row in rows],
    )


def _bar(
    places: Sequence[int],
    sizes: Sequence[int],
    thick: Sequence[bool],
    marker: Mapping[str, object],
    texts: Sequence[str],
    hover_texts: Sequence[str],
) -> go.Bar:
    """Centred bars, as wide as the logarithm of the size."""
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
        hovertext=list(hover_texts),
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _add_heading(figure: go.Figure, place: int, text: str) -> None:
    figure.add_annotation(x=0, y=place, text=text, showarrow=False, font={"size": 12}, yshift=-2)


def _part_heading(part: str, rows: Sequence[_Row]) -> str:
    runs = rows[0].layers[0].runs
    notes = [f"<b>{escape_text(part)}</b>"]
    if runs > 1:
        notes.append(f"for each of {runs} frames")
    if all(row.frozen for row in rows):
        notes.append("frozen")
    return ", ".join(notes)


def _hover_text(row: _Row) -> str:
    first = row.layers[0]
    counts = Counter(escape_text(layer.kind) for layer in row.layers)
    title = escape_text(first.name) if len(row.layers) == 1 else row.name
    lines = [
        f"<b>{title}</b>: " + ", ".join(f"{kind} × {count}" if count > 1 else kind for kind, count in counts.items()),
        f"{_dimensions(first.input_shape)} → {_dimensions(row.shape)}",
        f"{row.parameters:,} parameters" + (", frozen" if row.frozen and row.parameters else ""),
        f"{_count(row.macs)} multiply-adds for a clip"
        + (f", in {first.runs} runs" if first.runs > 1 and row.macs else ""),
    ]
    return "<br>".join(lines)


def _width(size: int) -> float:
    return math.log2(size) + 1


def _thickness(with_weights: bool) -> float:
    return 0.8 if with_weights else 0.4


def _kind(layer: LayerSummary) -> str:
    """Short enough for a phone."""
    kind = layer.kind
    for long, short in _SHORT.items():
        kind = kind.replace(long, short)
    return escape_text(kind)


def _dimensions(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _count(number: int) -> str:
    """Three digits and a unit: 12.4 k, 3.41 M, 27.8 G."""
    for size, unit in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return str(number)


def _connectors(bars: Sequence[tuple[int, bool]]) -> go.Bar:
    """Lines from each bar to the next, except across headings."""
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


def _set_layout(figure: go.Figure, ticks: Sequence[tuple[int, str, str]], count: int, widest: float) -> None:
    figure.add_trace(
        go.Scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip")
    )  # so that the second axis is shown
    axis = {
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
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        dragmode=False,
        uniformtext={"minsize": 9, "mode": "hide"},
        xaxis={"visible": False, "fixedrange": True, "range": [-0.53 * widest, 0.53 * widest]},
        yaxis={**axis, "ticktext": [left for _, left, _ in ticks]},
        yaxis2={**axis, "ticktext": [right for _, _, right in ticks], "overlaying": "y", "side": "right"},
    )
