"""Charts of what happens inside a network while it looks at a clip."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Float64
from plotly.subplots import make_subplots

from har.colours import PALETTE, of_labels
from har.explain.gates import NAMES, Gates
from har.plots.data import LEAKED, TRAIN
from har.plots.ground import CLEAR, GRID, ground, plain

_MARK = "rgba(128,128,128,0.9)"
_SHARE = [[0, CLEAR], [1, TRAIN]]  # nothing looks like the page itself
_SIGNED = [[0, LEAKED], [0.5, "rgba(213,94,0,0)"], [0.5, "rgba(0,114,178,0)"], [1, TRAIN]]
_OPEN = ("input", "forget", "output")  # from 0 to 1; the others have signs
_COLOURS = dict(zip(NAMES, (PALETTE[2], PALETTE[0], PALETTE[3], PALETTE[1], PALETTE[4], PALETTE[5]), strict=True))
_DASHES = dict(zip(NAMES, ("dot", "dash", "longdash", "dashdot", "solid", "solid"), strict=True))
_MOST_LINES = 4
_TITLES = {
    "input": "input gate",
    "forget": "forget gate",
    "candidate": "candidate",
    "output": "output gate",
    "cell": "cell",
    "hidden": "hidden state",
}


def gates_figure(gates: Gates, times_sec: Float64[np.ndarray, "steps"], step: int, unit: int) -> go.Figure:
    """Six panels: each gate of every unit over time; orange is below nothing, blue above.

    Args:
        gates: `(steps, units)` each.
        times_sec: of the steps, in the clip.
        step: which is being looked at: a line through all panels.
        unit: whose row is marked.
    """
    names = [field.name for field in fields(Gates)]
    figure = make_subplots(
        rows=2,
        cols=3,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=[_TITLES[name] for name in names],
        horizontal_spacing=0.03,
        vertical_spacing=0.14,
    )
    for place, name in enumerate(names):
        values = getattr(gates, name).T
        most = 1.0 if name in _OPEN else max(1.0, float(np.abs(values).max()))
        figure.add_trace(
            go.Heatmap(
                z=values,
                x=times_sec,
                zmin=0.0 if name in _OPEN else -most,
                zmax=most,
                colorscale=_SHARE if name in _OPEN else _SIGNED,
                showscale=False,
                hovertemplate=f"{_TITLES[name]} of unit %{{y}}<br>at %{{x:.2f}} s: %{{z:.3f}}<extra></extra>",
            ),
            row=place // 3 + 1,
            col=place % 3 + 1,
        )
    ground(figure, 460, still=True)
    figure.update_layout(margin_t=28, hovermode="closest")
    figure.update_annotations(font_size=13)
    figure.update_xaxes(showgrid=False, ticksuffix=" s", nticks=4)
    figure.update_yaxes(showgrid=False, autorange="reversed", nticks=5)
    figure.add_vline(x=float(times_sec[step]), line={"color": _MARK, "width": 2})
    figure.add_hrect(y0=unit - 0.5, y1=unit + 0.5, line={"color": _MARK, "width": 1})
    return figure


def unit_figure(gates: Gates, times_sec: Float64[np.ndarray, "steps"], step: int, unit: int) -> go.Figure:
    """The gates, the cell and the state of one unit over time.

    Args:
        gates: `(steps, units)` each.
        times_sec: of the steps, in the clip.
        step: which is being looked at.
        unit: whose.
    """
    figure = go.Figure()
    for name in NAMES:
        width = 3 if name in ("cell", "hidden") else 1.5
        figure.add_trace(
            go.Scatter(
                name=_TITLES[name],
                x=times_sec,
                y=getattr(gates, name)[:, unit],
                mode="lines",
                line={"color": _COLOURS[name], "dash": _DASHES[name], "width": width},
                hovertemplate=f"{_TITLES[name]} %{{y:.3f}}<extra></extra>",
            )
        )
    _over_time(figure, times_sec, step, 320)
    figure.update_yaxes(range=None)
    return figure


def steps_figure(
    probabilities: Float64[np.ndarray, "steps labels"],
    labels: Sequence[str],
    times_sec: Float64[np.ndarray, "steps"],
    step: int,
) -> go.Figure:
    """What the network would say if the clip ended there, for the labels that are likeliest anywhere.

    Args:
        probabilities: after each step.
        labels: their names; each has the colour that it has everywhere.
        times_sec: of the steps, in the clip.
        step: which is being looked at.
    """
    chosen = np.argsort(-probabilities.max(axis=0), kind="stable")[:_MOST_LINES].tolist()
    colours = of_labels(chosen)
    figure = go.Figure()
    for label in chosen:
        figure.add_trace(
            go.Scatter(
                name=plain(labels[label]),
                x=times_sec,
                y=probabilities[:, label],
                mode="lines",
                line={"color": colours[label], "width": 3},
                hovertemplate=f"<b>{plain(labels[label])}</b> %{{y:.1%}}<extra></extra>",
            )
        )
    _over_time(figure, times_sec, step, 260)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure


def _over_time(figure: go.Figure, times_sec: Float[np.ndarray, "steps"], step: int, height: int) -> None:
    ground(figure, height, still=True)
    figure.update_layout(hovermode="x unified", legend={"y": -0.18, "yanchor": "top"}, showlegend=True)
    figure.update_xaxes(ticksuffix=" s", gridcolor=GRID)
    figure.add_vline(x=float(times_sec[step]), line={"color": _MARK, "width": 2})
