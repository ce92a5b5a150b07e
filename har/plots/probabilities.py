"""The chart of probabilities over time."""

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32

from har.plots.style import apply_style, label_text
from har.timeline import FrameLabels, timeline_colours

_MAX_POINTS = 2000  # per line: more than a screen has columns
_MAX_LINES = 6


def probabilities_figure(frames: FrameLabels) -> go.Figure:
    """The probabilities of the most probable labels over time, in their colours on the timeline."""
    figure = go.Figure(list(_lines(frames)))
    apply_style(figure, 280)
    figure.update_layout(hovermode="closest", legend={"yanchor": "top", "y": -0.12})
    figure.update_xaxes(range=[0, float(frames.times_sec[-1])], ticksuffix=" s")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure


def _lines(frames: FrameLabels) -> Iterable[go.Scatter]:
    """One line per label, with gaps where it is not among the three most probable."""
    colours = timeline_colours(frames)
    count = len(frames.times_sec)
    chosen = np.linspace(0, count - 1, min(count, _MAX_POINTS)).round().astype(np.int64)
    for index in frames.ranked_labels()[:_MAX_LINES]:
        name = label_text(frames.labels[index])
        yield go.Scatter(
            name=name,
            x=frames.times_sec[chosen],
            y=_probability(frames, index)[chosen],
            mode="lines",
            line={"color": colours[frames.labels[index]], "width": 2},
            connectgaps=False,
            showlegend=True,
            hovertemplate=f"<b>{name}</b> %{{y:.0%}}<extra></extra>",
        )


def _probability(frames: FrameLabels, index: int) -> Float32[np.ndarray, "frames"]:
    """A label's probability on each frame; NaN where it is not among the three most probable."""
    here = frames.top_index == index
    values = np.where(here, frames.top_probability, np.float32(0)).sum(axis=1)
    return np.where(here.any(axis=1), values, np.float32(np.nan)).astype(np.float32)
