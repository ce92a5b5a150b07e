"""Charts of how often a classifier is right, where it errs, and whether its confidence can be believed."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from har.evaluation import Calibration, Examination, Report, Share
from har.evaluation.calibration import Bin
from har.plots.data import LEAKED, TEST, TRAIN, VALIDATION
from har.plots.ground import ground, plain

_RIGHT = [[0, "#CFE5F3"], [1, TRAIN]]
_WRONG = [[0, "#FBE0C8"], [1, LEAKED]]
_MARK = "rgba(128,128,128,0.9)"  # seen on white and on black
_INTERVAL = "#A6A6A6"  # and on bars
_PAGE = 460  # pixels that a table of a few labels takes
_LARGEST_CELL, _SMALLEST_CELL = 64, 11  # pixels
_SQUARE = 8  # labels: up to here cells are square, with more of them they grow with the page
_MOST_NAMES = 40  # labels that have room for their names along the bottom
_ROOMY = 8  # bars: up to here their numbers stand beside them
_LONGEST_NAME = 20  # letters beside a table
_ORDERS = {"shuffled": "frames shuffled", "reversed": "played backwards", "frozen": "one frame, repeated"}


def confusion_figure(report: Report) -> go.Figure:
    """What clips of each label were taken for: rows are true labels, columns predicted ones.

    The deeper a colour, the larger the share of its row. Numbers count clips, and are left out where cells are small.
    Cells are bars, which can be chosen by a click, as those of a heat map cannot: the `customdata` of the chosen point
    is its true and its predicted label.
    """
    confusion, names = report.confusion, [_short(label) for label in report.labels]
    count = len(names)
    figure = go.Figure(_tiles(count))
    for name, scale, inside in (
        ("right", _RIGHT, np.eye(count, dtype=bool)),
        ("taken for another", _WRONG, ~np.eye(count, dtype=bool)),
    ):
        figure.add_trace(_cells(report, np.argwhere(inside & (confusion > 0)), name, scale))
    cell = min(_LARGEST_CELL, max(_SMALLEST_CELL, _PAGE // count))
    font = {"size": 12 if cell > 16 else 9}
    ground(figure, count * cell + 160, still=True)
    ticks = {"tickvals": list(range(count)), "ticktext": names, "tickfont": font, "showgrid": False, "ticks": ""}
    figure.update_layout(
        bargap=0,
        barmode="overlay",
        uniformtext={"minsize": 8, "mode": "hide"},
        hovermode="closest",
        legend={"y": 1.01, "yanchor": "bottom"},
    )
    figure.update_xaxes(
        title={"text": "taken for", "standoff": 6},
        range=[-0.5, count - 0.5],
        showticklabels=count <= _MOST_NAMES,
        **ticks,
    )
    figure.update_yaxes(title={"text": "true", "standoff": 6}, range=[count - 0.5, -0.5], **ticks)
    figure.update_xaxes(tickangle=-90 if count > 2 else 0)  # whatever the page's width
    if count <= _SQUARE:
        figure.update_xaxes(constrain="domain")
        figure.update_yaxes(scaleanchor="x", constrain="domain", constraintoward="top")
    return figure


def recall_figure(report: Report) -> go.Figure:
    """How many of each label's clips were right, with 95 % intervals, the worst label first; all clips as a line."""
    ordered = sorted(report.recall().items(), key=lambda item: (item[1].value, item[0]))
    figure = _bars([_short(label) for label, _ in ordered], [share for _, share in ordered], [TRAIN] * len(ordered))
    figure.update_traces(hovertext=[_told(label, share) for label, share in ordered])
    _rule(figure, report.accuracy, f"all clips: {report.accuracy:.0%}")
    return figure


def reliability_figure(calibration: Calibration) -> go.Figure:
    """How often the classifier is right when it says how sure it is, before and after the temperature.

    Points are bins, as large as they have clips; on the dotted line, confidence can be taken at its word.
    """
    figure = go.Figure(
        go.Scatter(
            name="as sure as right",
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": _MARK, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    )
    before, after = calibration.ece_before, calibration.ece_after
    for name, bins, colour, symbol in (
        (f"before: {before:.1%} off", calibration.before, VALIDATION, "diamond"),
        (f"temperature {calibration.temperature:.2f}: {after:.1%} off", calibration.after, TRAIN, "circle"),
    ):
        figure.add_trace(_reliability(name, [each for each in bins if each.count], colour, symbol))
    ground(figure, 420, still=True)
    figure.update_layout(hovermode="closest", legend={"y": 1.02, "yanchor": "bottom", "itemsizing": "constant"})
    figure.update_xaxes(title="confidence", range=[0, 1.05], tickformat=".0%", constrain="domain")
    figure.update_yaxes(title="right", range=[0, 1.05], tickformat=".0%")
    return figure


def orders_figure(examination: Examination) -> go.Figure:
    """How often it is right when frames come in another order: where nothing changes, it does not look at motion."""
    shares = {"as it is": examination.report.share}
    shares |= {_ORDERS.get(order, order): share for order, share in examination.orders.items()}
    figure = _bars([plain(name) for name in shares], list(shares.values()), [TRAIN] * len(shares))
    figure.update_traces(hovertext=[_told(name, share) for name, share in shares.items()])
    baseline = examination.report.baseline.value
    _rule(figure, baseline, f"always the same answer: {baseline:.0%}")
    return figure


def switch_figure(grouped: Share, random: Share) -> go.Figure:
    """The same training, tested on recordings it has not seen, and on clips dealt out at random.

    Args:
        grouped: test clips right where no recording is on both sides.
        random: test clips right where recordings are on both sides.
    """
    names = ("new recordings", "clips at random")
    figure = _bars(names, [grouped, random], [TEST, LEAKED])
    figure.update_traces(
        hovertext=[_told(name, share) for name, share in zip(names, (grouped, random), strict=True)],
        marker_pattern={"shape": ["", "x"], "solidity": 0.2, "fgcolor": "white", "fillmode": "overlay"},
    )
    return figure


def _tiles(count: int) -> go.Heatmap:
    """The empty table."""
    return go.Heatmap(
        z=np.zeros((count, count), int).tolist(),
        colorscale=[[0, "rgba(128,128,128,0.12)"], [1, "rgba(128,128,128,0.12)"]],
        showscale=False,
        xgap=1 if count <= _MOST_NAMES else 0,
        ygap=1 if count <= _MOST_NAMES else 0,
        hoverinfo="skip",
    )


def _cells(report: Report, places: np.ndarray, name: str, scale: list[list[object]]) -> go.Bar:
    """Bars that fill the cells.

    Args:
        report: of which.
        places: row and column of each cell, `(cells, 2)`.
        name: in the legend.
        scale: of colours, for shares from 0 to 1.
    """
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
        text=[str(number) for number in numbers] if len(labels) <= _MOST_NAMES else None,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        customdata=[[labels[row], labels[column]] for row, column, _ in chosen],
        hovertext=[
            f"<b>{plain(labels[row])}</b> taken for <b>{plain(labels[column])}</b><br>"
            f"{number} of {total} clips ({number / total:.0%})"
            for number, (row, column, total) in zip(numbers, chosen, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected={"marker": {"opacity": 0.6}},
    )


def _reliability(name: str, bins: Sequence[Bin], colour: str, symbol: str) -> go.Scatter:
    most = max((each.count for each in bins), default=1)
    return go.Scatter(
        name=name,
        x=[each.confidence for each in bins],
        y=[each.accuracy for each in bins],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={
            "symbol": symbol,
            "size": [7 + 19 * (each.count / most) ** 0.5 for each in bins],
            "opacity": 0.8,
            "line": {"width": 0},
        },
        cliponaxis=False,
        hovertext=[
            f"{each.count} clip{'s' if each.count > 1 else ''}<br>"
            f"on average {each.confidence:.0%} sure<br>{each.accuracy:.0%} of them right"
            for each in bins
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _bars(names: Sequence[str], shares: Sequence[Share], colours: Sequence[str]) -> go.Figure:
    """Shares from left to right with their intervals, the first on top."""
    rows = list(range(len(names)))
    figure = go.Figure(
        go.Bar(
            x=[share.value for share in shares],
            y=rows,
            orientation="h",
            marker={"color": list(colours), "line": {"width": 0}},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [share.interval[1] - share.value for share in shares],
                "arrayminus": [share.value - share.interval[0] for share in shares],
                "color": _INTERVAL,
                "thickness": 2,
                "width": 4,
            },
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
    )
    row = 44 if len(rows) <= _ROOMY else 22 if len(rows) <= 30 else 15
    if len(rows) <= _ROOMY:
        names = [
            f"{name}<br>{share.value:.0%}, {share.right} of {share.count}"
            for name, share in zip(names, shares, strict=True)
        ]
    ground(figure, len(rows) * row + 80, still=True)
    figure.update_layout(bargap=0.3, hovermode="closest", legend={"y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title="clips right")
    figure.update_yaxes(
        tickvals=rows,
        ticktext=list(names),
        tickfont_size=12 if row > 15 else 10,
        range=[len(rows) - 0.5, -0.5],
        ticklabelstandoff=5,
        showgrid=False,
    )
    return figure


def _rule(figure: go.Figure, value: float, name: str) -> None:
    """A line to measure bars against, with its name in the legend."""
    line = {"color": _MARK, "width": 1.5, "dash": "dot"}
    figure.add_shape(type="line", x0=value, x1=value, y0=0, y1=1, yref="paper", line=line)
    figure.add_trace(go.Scatter(name=name, x=[None], y=[None], mode="lines", line=line, hoverinfo="skip"))
    figure.update_layout(height=figure.layout.height + 24, showlegend=True)


def _told(name: str, share: Share) -> str:
    low, high = share.interval
    return (
        f"<b>{plain(name)}</b><br>{share.right} of {share.count} clips right ({share.value:.0%})<br>"
        f"95 % interval: {low:.0%} to {high:.0%}"
    )


def _short(label: str) -> str:
    return plain(label if len(label) <= _LONGEST_NAME else f"{label[: _LONGEST_NAME - 1]}…")
