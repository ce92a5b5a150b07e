"""Charts of training, epoch by epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from har.colours import PALETTE
from har.plots.style import GRID, LEGEND_ABOVE, MARK, SKY, TRAIN, VALIDATION, apply_style, escape_text
from har.training.records import BatchRecord, EpochRecord

_MAX_BATCH_POINTS = 600  # a chart is hardly wider in pixels
_MAX_MARKED_EPOCHS = 60
_MAX_NUMBERED_EPOCHS = 12
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")  # one for each round of the palette


def training_curves_figure(
    history: Sequence[EpochRecord], batches: Sequence[BatchRecord] = (), best: int | None = None
) -> go.Figure:
    """Accuracy and loss of training and validation over the epochs, during a training or after it.

    Of an epoch that was repeated, as after an interruption, the last record is shown. Steps are a thin line, the
    current epoch included. The epoch whose weights are kept is by default the last one marked as best.
    """
    epochs = [event for _, event in sorted({event.epoch: event for event in history}.items())]
    figure = go.Figure([*_batch_lines(batches), *_epoch_lines(epochs)])
    kept = [event for event in epochs if (event.best if best is None else event.epoch == best)]
    if kept:
        _mark_best(figure, kept[-1])
    _style_panels(figure, max([1, *(event.epoch for event in epochs), *(event.epoch for event in batches)]))
    return figure


def run_comparison_figure(curves: Mapping[str, Sequence[EpochRecord]]) -> go.Figure:
    """Accuracy of several runs, by name, over the epochs: validation solid, training dotted."""
    figure = go.Figure()
    for number, (run, history) in enumerate(curves.items()):
        colour, symbol = PALETTE[number % len(PALETTE)], _SYMBOLS[number // len(PALETTE) % len(_SYMBOLS)]
        for field, dash, clips in (("validation", "solid", "validation clips"), ("train", "dot", "training clips")):
            figure.add_trace(
                go.Scatter(
                    name=escape_text(run),
                    legendgroup=str(number),
                    showlegend=field == "validation",
                    x=[event.epoch for event in history],
                    y=[getattr(event, f"{field}_accuracy") for event in history],
                    mode=_line_mode(len(history)) if field == "validation" else "lines",
                    line={"color": colour, "dash": dash, "width": 3 if field == "validation" else 1.5},
                    marker={"symbol": symbol, "size": 7},
                    hovertemplate=f"<b>{escape_text(run)}</b><br>epoch %{{x}}: %{{y:.0%}} of {clips}<extra></extra>",
                )
            )
    apply_style(figure, 340 + 20 * len(curves))
    figure.update_layout(hovermode="closest", legend=LEGEND_ABOVE)
    last = max(map(len, curves.values()), default=0)
    figure.update_xaxes(title="epoch (dotted: training clips)", **_epoch_axis(last))
    figure.update_yaxes(title="accuracy", range=[0, 1.03], tickformat=".0%")
    return figure


def _batch_lines(batches: Sequence[BatchRecord]) -> list[go.Scatter]:
    steps = sorted({(event.epoch, event.batch): event for event in batches}.items())
    if not steps:
        return []
    chosen = np.linspace(0, len(steps) - 1, min(len(steps), _MAX_BATCH_POINTS)).round().astype(int)
    events = [steps[place][1] for place in chosen]
    return [
        go.Scatter(
            name="each batch",
            x=[event.epoch - 1 + event.batch / event.batches for event in events],
            y=[getattr(event, field) for event in events],
            mode="lines",
            line={"color": SKY, "width": 1},
            opacity=0.6,
            hoverinfo="skip",
            showlegend=False,
            yaxis=axis,
        )
        for field, axis in (("accuracy", "y"), ("loss", "y2"))
    ]


def _epoch_lines(epochs: Sequence[EpochRecord]) -> list[go.Scatter]:
    parts = (("train", "training", TRAIN, "circle"), ("validation", "validation", VALIDATION, "diamond"))
    return [
        go.Scatter(
            name=name,
            legendgroup=part,
            showlegend=field == "accuracy",
            x=[event.epoch for event in epochs],
            y=[getattr(event, f"{part}_{field}") for event in epochs],
            mode=_line_mode(len(epochs)),
            line={"color": colour, "width": 3},
            marker={"symbol": symbol, "size": 7},
            hovertemplate=f"epoch %{{x}}, {name}: {field} %{{y:{form}}}<extra></extra>",
            yaxis=axis,
        )
        for field, axis, form in (("accuracy", "y", ".0%"), ("loss", "y2", ".3f"))
        for part, name, colour, symbol in parts
    ]


def _mark_best(figure: go.Figure, best: EpochRecord) -> None:
    figure.add_trace(
        go.Scatter(
            name=f"best: epoch {best.epoch}, {best.validation_accuracy:.0%}",
            x=[best.epoch],
            y=[best.validation_accuracy],
            mode="markers",
            marker={"symbol": "star", "size": 17, "color": VALIDATION, "line": {"width": 1.5, "color": "black"}},
            hovertemplate="best: epoch %{x}, validation accuracy %{y:.0%}<extra></extra>",
        )
    )
    line = {"color": MARK, "width": 1.5, "dash": "dot"}
    figure.add_shape(type="line", x0=best.epoch, x1=best.epoch, y0=0, y1=1, yref="paper", line=line, layer="below")


def _style_panels(figure: go.Figure, last: int) -> None:
    apply_style(figure, 480)
    figure.update_layout(
        uirevision="curves",  # keeps the zoom when an epoch is added
        hovermode="closest",
        legend=LEGEND_ABOVE,
        yaxis2={"anchor": "x"},
    )
    figure.update_xaxes(title={"text": "epoch", "standoff": 4}, anchor="y2", **_epoch_axis(last))
    shown = {"gridcolor": GRID, "zeroline": False, "automargin": True, "fixedrange": True}
    figure.update_layout(
        yaxis={"title": "accuracy", "domain": [0.54, 1], "range": [0, 1.05], "tickformat": ".0%"},
        yaxis2={"title": "loss", "domain": [0, 0.46], "rangemode": "tozero", **shown},
    )


def _epoch_axis(last: int) -> dict[str, object]:
    """Whole numbers, and room for at least one epoch."""
    axis: dict[str, object] = {"autorangeoptions": {"include": [1, last] if last > 1 else [0, 1]}}
    return axis | ({"dtick": 1} if last <= _MAX_NUMBERED_EPOCHS else {"tickformat": "d"})


def _line_mode(epoch_count: int) -> str:
    return "lines+markers" if epoch_count <= _MAX_MARKED_EPOCHS else "lines"
