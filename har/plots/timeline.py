"""The chart of a timeline."""

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32, Float64, Int64

from har.colours import PALETTE, UNSURE, of_labels
from har.plots.ground import CLEAR, GRID, plain
from har.timeline import FrameLabels, Segment, Timeline

_MOST_POINTS = 2000  # of a line: more than a screen has columns
_MOST_LINES = 6


def timeline_figure(timeline: Timeline, labels: FrameLabels, truth: Timeline | None = None) -> go.Figure:
    """Segments as coloured bars over time, and below them how probable the likeliest labels were.

    Colours are those of the bar beside the burned-in label.

    Args:
        timeline: what was recognised.
        labels: the same by frame.
        truth: what really happens, as far as known; stands in a row of its own.
    """
    figure = go.Figure()
    colours = _colours(timeline, labels, truth)
    rows = {"recognised": timeline} | ({"true": truth} if truth else {})
    for row, (name, shown) in enumerate(rows.items()):
        for label, parts in _by_label(shown).items():
            figure.add_trace(_bars(name, label, parts, colours[label], first=row == 0))
    for trace in _lines(labels, colours):
        figure.add_trace(trace)
    _lay_out(figure, timeline.duration_sec, list(rows))
    return figure


def _colours(timeline: Timeline, labels: FrameLabels, truth: Timeline | None) -> dict[str | None, str]:
    """By name; None is unsure. Labels that never stand on a frame get what is left."""
    colours: dict[str | None, str] = {None: UNSURE}
    for index, colour in of_labels(labels.label_index).items():
        if index >= 0:
            colours[labels.labels[index]] = colour
    also = [labels.labels[index] for index in _likeliest(labels)]
    for shown in (timeline, *([truth] if truth else [])):
        also += [part.label for part in shown.segments if part.label is not None]
    for label in also:
        colours.setdefault(label, PALETTE[(len(colours) - 1) % len(PALETTE)])
    return colours


def _by_label(timeline: Timeline) -> dict[str | None, list[Segment]]:
    parts: dict[str | None, list[Segment]] = {}
    for part in timeline.segments:
        parts.setdefault(part.label, []).append(part)
    return parts


def _bars(row: str, label: str | None, parts: list[Segment], colour: str, *, first: bool) -> go.Bar:
    name = plain(label)
    told = [f"{_clock(part.start_sec)} – {_clock(part.end_sec)}" for part in parts]
    if first:
        told = [
            f"{span}<br>confidence {part.confidence:.0%}<br>{_windows(part.support)}"
            for span, part in zip(told, parts, strict=True)
        ]
    return go.Bar(
        name=name,
        legendgroup=name,
        showlegend=first,
        orientation="h",
        y=[row] * len(parts),
        base=[part.start_sec for part in parts],
        x=[part.end_sec - part.start_sec for part in parts],
        marker={
            "color": colour,
            "line": {"width": 0},
            "pattern": {"shape": "/" if label is None else "", "size": 6, "solidity": 0.3},
        },
        customdata=told,
        hovertemplate=f"<b>{name}</b><br>%{{customdata}}<extra></extra>",
        xaxis="x",
        yaxis="y",
    )


def _lines(labels: FrameLabels, colours: dict[str | None, str]) -> Iterable[go.Scatter]:
    """Each label's probability over time, where it is among the three likeliest."""
    chosen = _thinned(labels.times_sec)
    times = labels.times_sec[chosen]
    for index in _likeliest(labels):
        label = labels.labels[index]
        name = plain(label)
        yield go.Scatter(
            name=name,
            legendgroup=name,
            showlegend=not (labels.label_index == index).any(),  # else the bars stand for it
            x=times,
            y=_track(labels, index)[chosen],
            mode="lines",
            line={"color": colours[label], "width": 2},
            connectgaps=False,
            hovertemplate=f"<b>{name}</b> %{{y:.0%}}<extra></extra>",
            xaxis="x",
            yaxis="y2",
        )


def _likeliest(labels: FrameLabels) -> list[int]:
    """The labels with the highest sum of probabilities among the top three of each frame."""
    there = labels.top_index >= 0
    sums = np.bincount(labels.top_index[there], labels.top_probability[there].astype(np.float64), len(labels.labels))
    order = np.argsort(-sums, kind="stable")[:_MOST_LINES]
    return [int(index) for index in order if sums[index] > 0]


def _track(labels: FrameLabels, index: int) -> Float32[np.ndarray, "frames"]:
    """A label's probability on each frame; not a number where it is not among the top three."""
    here = labels.top_index == index
    values = np.where(here, labels.top_probability, np.float32(0)).sum(axis=1)
    return np.where(here.any(axis=1), values, np.float32(np.nan)).astype(np.float32)


def _thinned(times_sec: Float64[np.ndarray, "frames"]) -> Int64[np.ndarray, "points"]:
    """Frames to draw: all, or as many as a screen can show, evenly, the first and the last among them."""
    count = len(times_sec)
    return np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(np.int64)


def _lay_out(figure: go.Figure, duration_sec: float, rows: list[str]) -> None:
    share = 0.14 * len(rows)  # of the chart's height
    figure.update_layout(
        height=300 + 30 * len(rows),
        barmode="overlay",
        bargap=0.2,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.12, "xanchor": "left", "x": 0},
        xaxis={
            "range": [0, duration_sec],
            "ticksuffix": " s",
            "anchor": "y2",
            "gridcolor": GRID,
            "zeroline": False,
            "automargin": True,
        },
        yaxis={
            "domain": [1 - share, 1],
            "categoryorder": "array",
            "categoryarray": rows[::-1],
            "showgrid": False,
            "showticklabels": len(rows) > 1,
            "automargin": True,
            "fixedrange": True,
        },
        yaxis2={
            "domain": [0, 0.92 - share],
            "range": [0, 1.02],
            "tickformat": ".0%",
            "gridcolor": GRID,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
        },
    )


def _windows(count: int) -> str:
    if count == 0:
        return "in no window: taken from the nearest"
    return f"{count} window{'s' if count > 1 else ''} at least behind each frame"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
