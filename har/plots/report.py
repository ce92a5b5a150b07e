"""Charts of an evaluation: accuracy, confusion matrix, calibration."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from har.evaluation import Calibration, Evaluation, Proportion, Report
from har.evaluation.calibration import Bin
from har.labels import display_name
from har.plots.style import LEAKED, LEGEND_ABOVE, MARK, TEST, TRAIN, VALIDATION, apply_style, escape_text, label_text

_CORRECT_SCALE = [[0, "#CFE5F3"], [1, TRAIN]]
_WRONG_SCALE = [[0, "#FBE0C8"], [1, LEAKED]]
_INTERVAL = "#A6A6A6"  # visible on bars and on the page
_MATRIX_HEIGHT = 460  # pixels, for a few labels
_MIN_CELL, _MAX_CELL = 11, 64  # pixels
_MAX_SQUARE_LABELS = 8  # above, cells are as wide as the page allows
_MAX_NAMED_COLUMNS = 40
_MAX_ROOMY_BARS = 8  # above, bars have no numbers next to them
_MAX_NAME_LENGTH = 20
_ORDERS = {"shuffled": "frames shuffled", "reversed": "played backwards", "frozen": "one frame, repeated"}


def confusion_figure(report: Report) -> go.Figure:
    """Confusion matrix: rows are actual labels, columns predicted ones.

    Colours show shares of a row. Numbers count clips, and are omitted where cells are small. Cells are bars because
    Streamlit reports no clicks on heat maps; the `customdata` of a point is its actual and its predicted label.
    """
    confusion, names = report.confusion, [_short(label) for label in report.labels]
    count = len(names)
    figure = go.Figure(_empty_cells(count))
    for name, scale, inside in (
        ("correct", _CORRECT_SCALE, np.eye(count, dtype=bool)),
        ("wrong", _WRONG_SCALE, ~np.eye(count, dtype=bool)),
    ):
        figure.add_trace(_cells(report, np.argwhere(inside & (confusion > 0)), name, scale))
    cell = min(_MAX_CELL, max(_MIN_CELL, _MATRIX_HEIGHT // count))
    font = {"size": 12 if cell > 16 else 9}
    apply_style(figure, count * cell + 160, still=True)
    ticks = {"tickvals": list(range(count)), "ticktext": names, "tickfont": font, "showgrid": False, "ticks": ""}
    figure.update_layout(
        bargap=0,
        barmode="overlay",
        uniformtext={"minsize": 8, "mode": "hide"},
        hovermode="closest",
        legend={"y": 1.01, "yanchor": "bottom"},
    )
    figure.update_xaxes(
        title={"text": "predicted", "standoff": 14},
        range=[-0.5, count - 0.5],
        showticklabels=count <= _MAX_NAMED_COLUMNS,
        tickangle=-90 if count > 2 else 0,  # at any page width
        **ticks,
    )
    figure.update_yaxes(title={"text": "actual", "standoff": 6}, range=[count - 0.5, -0.5], **ticks)
    if count <= _MAX_SQUARE_LABELS:
        figure.update_xaxes(constrain="domain")
        figure.update_yaxes(scaleanchor="x", constrain="domain", constraintoward="top")
    return figure


def recall_figure(report: Report) -> go.Figure:
    """Recall of each label with 95% intervals, the worst first, and the accuracy as a line."""
    figure = _bars(dict(sorted(report.recall().items(), key=lambda item: (item[1].value, item[0]))))
    figure.update_xaxes(title="recall")
    _add_rule(figure, report.accuracy, f"all clips: {report.accuracy:.0%}")
    return figure


def reliability_figure(calibration: Calibration) -> go.Figure:
    """Reliability diagram: accuracy over confidence, before and after temperature scaling.

    Points are bins, sized by their number of clips. On the dotted line confidence equals accuracy.
    """
    figure = go.Figure(
        go.Scatter(
            name="confidence equals accuracy",
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": MARK, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    )
    before, after = calibration.ece_before, calibration.ece_after
    for name, bins, colour, symbol in (
        (f"before: ECE {before:.1%}", calibration.before, VALIDATION, "diamond"),
        (f"temperature {calibration.temperature:.2f}: ECE {after:.1%}", calibration.after, TRAIN, "circle"),
    ):
        figure.add_trace(_reliability(name, [each for each in bins if each.count], colour, symbol))
    apply_style(figure, 420, still=True)
    figure.update_layout(hovermode="closest", legend={"y": 1.02, "yanchor": "bottom", "itemsizing": "constant"})
    figure.update_xaxes(title="confidence", range=[0, 1.05], tickformat=".0%", constrain="domain")
    figure.update_yaxes(title="accuracy", range=[0, 1.05], tickformat=".0%")
    return figure


def frame_order_figure(examination: Evaluation) -> go.Figure:
    """Accuracy with frames in other orders: where it does not drop, the network does not use motion."""
    shares = {"original order": examination.report.share}
    shares |= {_ORDERS.get(order, order): share for order, share in examination.orders.items()}
    figure, baseline = _bars(shares), examination.report.baseline.value
    _add_rule(figure, baseline, f"baseline: {baseline:.0%}")
    return figure


def split_comparison_figure(grouped: Proportion, random: Proportion) -> go.Figure:
    """Test accuracy of the same recipe on a grouped and on a random split."""
    figure = _bars({"grouped split": grouped, "random split": random})
    pattern = {"shape": ["", "x"], "solidity": 0.2, "fgcolor": "white", "fillmode": "overlay"}
    return figure.update_traces(marker={"color": [TEST, LEAKED], "pattern": pattern})


def _empty_cells(count: int) -> go.Heatmap:
    return go.Heatmap(
        z=np.zeros((count, count), int).tolist(),
        colorscale=[[0, "rgba(128,128,128,0.12)"], [1, "rgba(128,128,128,0.12)"]],
        showscale=False,
        xgap=1 if count <= _MAX_NAMED_COLUMNS else 0,
        ygap=1 if count <= _MAX_NAMED_COLUMNS else 0,
        hoverinfo="skip",
    )


def _cells(report: Report, places: np.ndarray, name: str, scale: list[list[object]]) -> go.Bar:
    """Bars that fill the cells at `places`, which are rows and columns, `(cells, 2)`."""
    labels, counts = report.labels, report.confusion
    chosen = [(int(row), int(column), int(counts[row].sum())) for row, column in places]
    numbers = [int(counts[row, column]) for row, column, _ in chosen]
    return go.Bar(
        name=name,
        x=[column for _, column, _ in chosen],
        base=[row - 0.48 for row, _, _ in chosen],
        y=[0.96] * len(chosen),
        width=0.96,
        marker={
            "color": [number / total for number, (_, _, total) in zip(numbers, chosen, strict=True)],
            "colorscale": scale,
            "cmin": 0,
            "cmax": 1,
            "line": {"width": 0},
        },
        text=[str(number) for number in numbers] if len(labels) <= _MAX_NAMED_COLUMNS else None,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        customdata=[[labels[row], labels[column]] for row, column, _ in chosen],
        hovertext=[
            f"actual <b>{label_text(labels[row])}</b>, predicted <b>{label_text(labels[column])}</b><br>"
            f"{number} of {total} clips ({number / total:.0%})"
            for number, (row, column, total) in zip(numbers, chosen, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected={"marker": {"opacity": 0.6}},
    )


def _reliability(name: str, bins: Sequence[Bin], colour: str, symbol: str) -> go.Scatter:
    largest = max((each.count for each in bins), default=1)
    return go.Scatter(
        name=name,
        x=[each.confidence for each in bins],
        y=[each.accuracy for each in bins],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={
            "symbol": symbol,
            "size": [7 + 19 * (each.count / largest) ** 0.5 for each in bins],
            "opacity": 0.8,
            "line": {"width": 0},
        },
        cliponaxis=False,
        hovertext=[
            f"{each.count} clip{'s' if each.count > 1 else ''}<br>"
            f"mean confidence {each.confidence:.0%}<br>accuracy {each.accuracy:.0%}"
            for each in bins
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _bars(named: Mapping[str, Proportion]) -> go.Figure:
    """Horizontal bars with intervals, the first on top."""
    names, shares, rows = [_short(name) for name in named], list(named.values()), list(range(len(named)))
    figure = go.Figure(
        go.Bar(
            x=[share.value for share in shares],
            y=rows,
            orientation="h",
            marker={"color": [TRAIN] * len(rows), "line": {"width": 0}},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [share.interval[1] - share.value for share in shares],
                "arrayminus": [share.value - share.interval[0] for share in shares],
                "color": _INTERVAL,
                "thickness": 2,
                "width": 4,
            },
            hovertext=[_hover_text(display_name(name), share) for name, share in named.items()],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
    )
    row = 44 if len(rows) <= _MAX_ROOMY_BARS else 22 if len(rows) <= 30 else 15
    if len(rows) <= _MAX_ROOMY_BARS:
        numbers = (f"{share.value:.0%}, {share.right} of {share.count}" for share in shares)
        names = ["<br>".join(both) for both in zip(names, numbers, strict=True)]
    apply_style(figure, len(rows) * row + 80, still=True)
    figure.update_layout(bargap=0.3, hovermode="closest", legend=LEGEND_ABOVE)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title="accuracy")
    figure.update_yaxes(
        tickvals=rows,
        ticktext=names,
        tickfont_size=12 if row > 15 else 10,
        range=[len(rows) - 0.5, -0.5],
        ticklabelstandoff=5,
        showgrid=False,
    )
    return figure


def _add_rule(figure: go.Figure, value: float, name: str) -> None:
    line = {"color": MARK, "width": 1.5, "dash": "dot"}
    figure.add_shape(type="line", x0=value, x1=value, y0=0, y1=1, yref="paper", line=line)
    figure.add_trace(go.Scatter(name=name, x=[None], y=[None], mode="lines", line=line, hoverinfo="skip"))
    figure.update_layout(height=figure.layout.height + 24, showlegend=True)


def _hover_text(name: str, share: Proportion) -> str:
    low, high = share.interval
    return (
        f"<b>{escape_text(name)}</b><br>{share.right} of {share.count} clips correct ({share.value:.0%})<br>"
        f"95% interval: {low:.0%} to {high:.0%}"
    )


def _short(label: str) -> str:
    name = display_name(label)
    return escape_text(name if len(name) <= _MAX_NAME_LENGTH else f"{name[: _MAX_NAME_LENGTH - 1]}…")
