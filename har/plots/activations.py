"""Charts of a recurrent layer's gates and of the probabilities after each step of a clip."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Float64
from plotly.subplots import make_subplots

from har.colours import PALETTE, label_colours
from har.explain.gates import NAMES, Gates
from har.plots.style import GRID, LEAKED, TRAIN, TRANSPARENT, apply_style, label_text

_MARK = "rgba(128,128,128,0.9)"
_UNSIGNED = [[0, TRANSPARENT], [1, TRAIN]]  # 0 has the colour of the page
_SIGNED = [[0, LEAKED], [0.5, "rgba(213,94,0,0)"], [0.5, "rgba(0,114,178,0)"], [1, TRAIN]]
_GATES = ("input", "forget", "output")  # from 0 to 1; the other values have signs
_TITLES = {"input": "input gate", "forget": "forget gate", "output": "output gate", "hidden": "hidden state"}
_COLOURS = dict(zip(NAMES, (PALETTE[place] for place in (2, 0, 3, 1, 4, 5)), strict=True))
_DASHES = dict(zip(NAMES, ("dot", "dash", "longdash", "dashdot", "solid", "solid"), strict=True))
_MAX_LINES = 4


def gates_figure(gates: Gates, times_sec: Float64[np.ndarray, "steps"], unit: int) -> go.Figure:
    """Six heatmaps over time, with one row per unit: orange is negative, blue is positive."""
    figure = make_subplots(
        rows=2,
        cols=3,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=[_TITLES.get(name, name) for name in NAMES],
        horizontal_spacing=0.03,
        vertical_spacing=0.14,
    )
    for place, name in enumerate(NAMES):
        values = getattr(gates, name).T
        limit = 1.0 if name in _GATES else max(1.0, float(np.abs(values).max()))
        figure.add_trace(
            go.Heatmap(
                z=values,
                x=times_sec,
                zmin=0.0 if name in _GATES else -limit,
                zmax=limit,
                colorscale=_UNSIGNED if name in _GATES else _SIGNED,
                showscale=False,
                hovertemplate=f"{_TITLES.get(name, name)} of unit %{{y}}<br>at %{{x:.2f}} s: %{{z:.3f}}<extra></extra>",
            ),
            row=place // 3 + 1,
            col=place % 3 + 1,
        )
    apply_style(figure, 460, still=True)
    figure.update_layout(margin_t=28, hovermode="closest")
    figure.update_annotations(font_size=13)
    figure.update_xaxes(showgrid=False, ticksuffix=" s", nticks=4)
    figure.update_yaxes(showgrid=False, autorange="reversed", nticks=5)
    lines, rows = [], []
    for axis in ["", *range(2, len(NAMES) + 1)]:  # all at once: `add_vline` checks the whole figure for each panel
        lines += _marks(times_sec, str(axis))
        along = {"type": "rect", "xref": f"x{axis} domain", "yref": f"y{axis}", "line": {"color": _MARK, "width": 1}}
        rows += [along | {"x0": 0, "x1": 1, "y0": unit - 0.5, "y1": unit + 0.5}]
    figure.update_layout(shapes=lines + rows)
    return figure


def unit_figure(gates: Gates, times_sec: Float64[np.ndarray, "steps"], unit: int) -> go.Figure:
    """Gates, cell and state of one unit over time."""
    figure = go.Figure()
    for name in NAMES:
        width = 3 if name in ("cell", "hidden") else 1.5
        figure.add_trace(
            go.Scatter(
                name=_TITLES.get(name, name),
                x=times_sec,
                y=getattr(gates, name)[:, unit],
                mode="lines",
                line={"color": _COLOURS[name], "dash": _DASHES[name], "width": width},
                hovertemplate=f"{_TITLES.get(name, name)} %{{y:.3f}}<extra></extra>",
            )
        )
    _over_time(figure, times_sec, 320)
    figure.update_yaxes(range=None)
    return figure


def steps_figure(
    probabilities: Float64[np.ndarray, "steps labels"], labels: Sequence[str], times_sec: Float64[np.ndarray, "steps"]
) -> go.Figure:
    """Probabilities if the clip ended at each step, for the labels with the highest maxima."""
    chosen = np.argsort(-probabilities.max(axis=0), kind="stable")[:_MAX_LINES].tolist()
    colours = label_colours(chosen)
    figure = go.Figure()
    for label in chosen:
        figure.add_trace(
            go.Scatter(
                name=label_text(labels[label]),
                x=times_sec,
                y=probabilities[:, label],
                mode="lines",
                line={"color": colours[label], "width": 3},
                hovertemplate=f"<b>{label_text(labels[label])}</b> %{{y:.0%}}<extra></extra>",
            )
        )
    _over_time(figure, times_sec, 260)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure


def _over_time(figure: go.Figure, times_sec: Float[np.ndarray, "steps"], height: int) -> None:
    apply_style(figure, height, still=True)
    figure.update_layout(hovermode="x unified", legend={"y": -0.18, "yanchor": "top"}, showlegend=True)
    figure.update_xaxes(ticksuffix=" s", gridcolor=GRID)
    figure.update_layout(shapes=_marks(times_sec))


def _marks(times_sec: Float[np.ndarray, "steps"], axis: str = "") -> list[dict[str, Any]]:
    """A line at the first step, which ui/assets/how/steps.js moves, and an invisible one at the last to measure by."""
    line = {"type": "line", "xref": f"x{axis}", "yref": f"y{axis} domain", "y0": 0, "y1": 1}
    style = {"line": {"color": _MARK, "width": 2}}
    return [
        line | style | {"x0": at_sec, "x1": at_sec, "opacity": opacity}
        for at_sec, opacity in ((float(times_sec[0]), 1), (float(times_sec[-1]), 0))
    ]
