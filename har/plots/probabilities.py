"""The chart of probabilities over time."""

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32, Float64, Int64

from har.plots.style import GRID, TRANSPARENT, label_text
from har.timeline import FrameLabels, timeline_colours

_MOST_POINTS = 2000  # of a line: more than a screen has columns
_MOST_LINES = 6


def probabilities_figure(labels: FrameLabels) -> go.Figure:
    """How probable the likeliest labels were over time, each in the colour that it has on the timeline.

    Args:
        labels: what was recognised, by frame.
    """
    figure = go.Figure()
    for trace in _lines(labels):
        figure.add_trace(trace)
    _lay_out(figure, float(labels.times_sec[-1]))
    return figure


def _lines(labels: FrameLabels) -> Iterable[go.Scatter]:
    """Each label's probability, where it is among the three likeliest."""
    colours = timeline_colours(labels)
    chosen = _thinned(labels.times_sec)
    times = labels.times_sec[chosen]
    for index in labels.likeliest()[:_MOST_LINES]:
        label = labels.labels[index]
        name = label_text(label)
        yield go.Scatter(
            name=name,
            x=times,
            y=_track(labels, index)[chosen],
            mode="lines",
            line={"color": colours[label], "width": 2},
            connectgaps=False,
            showlegend=True,
            hovertemplate=f"<b>{name}</b> %{{y:.0%}}<extra></extra>",
        )


def _track(labels: FrameLabels, index: int) -> Float32[np.ndarray, "frames"]:
    """A label's probability on each frame; not a number where it is not among the top three."""
    here = labels.top_index == index
    values = np.where(here, labels.top_probability, np.float32(0)).sum(axis=1)
    return np.where(here.any(axis=1), values, np.float32(np.nan)).astype(np.float32)


def _thinned(times_sec: Float64[np.ndarray, "frames"]) -> Int64[np.ndarray, "points"]:
    """Frames to draw: all, or as many as a screen can show, evenly, the first and the last among them."""
    count = len(times_sec)
    return np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(np.int64)


def _lay_out(figure: go.Figure, last_sec: float) -> None:
    figure.update_layout(
        height=280,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.12, "xanchor": "left", "x": 0},
        xaxis={
            "range": [0, last_sec],
            "ticksuffix": " s",
            "gridcolor": GRID,
            "zeroline": False,
            "automargin": True,
        },
        yaxis={
            "range": [0, 1.02],
            "tickformat": ".0%",
            "gridcolor": GRID,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
        },
    )
