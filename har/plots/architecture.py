"""A diagram of a network: its layers from the clip at the top to the probabilities at the bottom."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import plotly.graph_objects as go

from har.networks.parts import ENCODER, HEAD
from har.networks.summary import LayerSummary, NetworkSummary
from har.plots.style import SKY, TRAIN, VALIDATION, apply_style, escape_text

_MAX_LAYERS = 40  # drawn one by one; of deeper networks, blocks are drawn
_ROW = 28  # pixels
_PARTS = {ENCODER: TRAIN, HEAD: VALIDATION}
_INPUT, _FROZEN = "#8C8C8C", "#8FA8B8"
_SHORT = {"GlobalAveragePooling": "MeanPool", "MaxPooling": "MaxPool", "BatchNormalization": "BatchNorm"}
_LINE = "rgba(128,128,128,0.6)"


@dataclass(frozen=True)
class _Row:
    place: int  # from the top
    name: str
    shape: tuple[int, ...]
    hover_text: str
    colour: str
    parameters: int = 0
    frozen: bool = False
    thick: bool = True

    @property
    def width(self) -> float:
        return math.log2(math.prod(self.shape)) + 1

    @property
    def thickness(self) -> float:
        return 0.8 if self.thick else 0.4


def architecture_figure(summary: NetworkSummary) -> go.Figure:
    """A bar for each layer, or for each block of a deep network, as wide as the logarithm of its output's size.

    Layer types are on the left, output shapes on the right, numbers of parameters in the bars. Frozen layers are
    hatched.
    """
    figure = go.Figure()
    rows = [_Row(0, "clip", summary.clip, f"<b>clip</b><br>{_dimensions(summary.clip)}", _INPUT)]
    place = 1

    def add_heading(text: str) -> None:
        nonlocal place
        figure.add_annotation(x=0, y=place, text=text, showarrow=False, font={"size": 12}, yshift=-2)
        place += 1

    parts: dict[str, list[list[LayerSummary]]] = {}
    for block in _blocks(summary.layers):
        parts.setdefault(block[0].part, []).append(block)
    for part, blocks in parts.items():
        if part in _PARTS:
            add_heading(_part_heading(part, blocks))
        for heading, group in _by_stream(blocks):
            if heading:
                add_heading(heading)
            for block in group:
                rows.append(_row(place, block))
                place += 1
    figure.add_trace(_bars(rows))
    figure.add_trace(_connectors(rows))
    _set_layout(figure, rows, place)
    return figure


def _blocks(layers: Sequence[LayerSummary]) -> list[list[LayerSummary]]:
    """Layers that are drawn as one bar."""
    blocks: dict[tuple[str, str], list[LayerSummary]] = {}
    for layer in layers:
        block = layer.block if len(layers) > _MAX_LAYERS else None
        blocks.setdefault((layer.part, block or layer.name), []).append(layer)
    # Keras lists parallel streams stage by stage, alternating; here they come one after the other.
    groups = groupby(blocks.values(), lambda block: bool(block[0].stream))
    return [block for _, group in groups for block in sorted(group, key=lambda block: block[0].stream)]


def _by_stream(blocks: Iterable[list[LayerSummary]]) -> list[tuple[str, list[list[LayerSummary]]]]:
    """Blocks before, in and after each stream, with headings that show that streams are parallel."""
    groups = [(stream, list(group)) for stream, group in groupby(blocks, lambda block: block[0].stream)]
    return [(escape_text(stream) or ("both" if at else ""), group) for at, (stream, group) in enumerate(groups)]


def _part_heading(part: str, blocks: Sequence[list[LayerSummary]]) -> str:
    runs = blocks[0][0].runs
    notes = [f"<b>{escape_text(part)}</b>"]
    if runs > 1:
        notes.append(f"for each of {runs} frames")
    if not any(layer.trainable for block in blocks for layer in block):
        notes.append("frozen")
    return ", ".join(notes)


def _row(place: int, block: Sequence[LayerSummary]) -> _Row:
    first, shape = block[0], block[-1].output_shape
    parameters, macs = sum(layer.parameters for layer in block), sum(layer.macs for layer in block)
    frozen = not any(layer.trainable for layer in block)
    name = escape_text(first.block) if len(block) > 1 else _short_kind(first.kind)
    kinds = Counter(escape_text(layer.kind) for layer in block)
    lines = [
        f"<b>{name if len(block) > 1 else escape_text(first.name)}</b>: "
        + ", ".join(f"{kind} × {count}" if count > 1 else kind for kind, count in kinds.items()),
        f"{_dimensions(first.input_shape)} → {_dimensions(shape)}",
        f"{parameters:,} parameters" + (", frozen" if frozen and parameters else ""),
        f"{_count(macs)} multiply-adds for a clip" + (f", in {first.runs} runs" if first.runs > 1 and macs else ""),
    ]
    colour = _FROZEN if frozen else _PARTS.get(first.part, SKY)
    return _Row(place, name, shape, "<br>".join(lines), colour, parameters, frozen, thick=parameters > 0)


def _short_kind(kind: str) -> str:
    """A layer's type, short enough for a phone."""
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


def _bars(rows: Sequence[_Row]) -> go.Bar:
    return go.Bar(
        y=[row.place for row in rows],
        base=[-row.width / 2 for row in rows],
        x=[row.width for row in rows],
        width=[row.thickness for row in rows],
        orientation="h",
        marker={
            "color": [row.colour for row in rows],
            "opacity": [1 if row.thick else 0.45 for row in rows],
            "pattern": {
                "shape": ["/" if row.frozen else "" for row in rows],
                "size": 7,
                "solidity": 0.25,
                "fgcolor": "#52667A",
                "fillmode": "overlay",
            },
            "line": {"width": 0},
            "cornerradius": 4,
        },
        text=[_count(row.parameters) if row.parameters else "" for row in rows],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 12},
        hovertext=[row.hover_text for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _connectors(rows: Sequence[_Row]) -> go.Bar:
    """Lines from each bar to the next, except across headings."""
    gaps = [
        (above.place + above.thickness / 2, below.place - below.thickness / 2)
        for above, below in pairwise(rows)
        if below.place == above.place + 1
    ]
    return go.Bar(
        y=[(start + end) / 2 for start, end in gaps],
        base=[-0.06] * len(gaps),
        x=[0.12] * len(gaps),
        width=[end - start for start, end in gaps],
        orientation="h",
        marker={"color": _LINE, "line": {"width": 0}},
        hoverinfo="skip",
        showlegend=False,
    )


def _set_layout(figure: go.Figure, rows: Sequence[_Row], count: int) -> None:
    figure.add_trace(go.Scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip"))  # shows the axis
    widest = max(row.width for row in rows)
    axis = {
        "tickvals": [row.place for row in rows],
        "range": [count - 0.4, -0.6],
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        "ticks": "",
    }
    shapes = [_dimensions(row.shape) for row in rows]
    apply_style(figure, count * _ROW + 24, still=True)
    figure.update_layout(
        barmode="overlay",
        hovermode="closest",
        uniformtext={"minsize": 9, "mode": "hide"},
        xaxis={"visible": False, "fixedrange": True, "range": [-0.53 * widest, 0.53 * widest]},
        yaxis={**axis, "ticktext": [row.name for row in rows]},
        yaxis2={**axis, "ticktext": shapes, "overlaying": "y", "side": "right"},
    )
