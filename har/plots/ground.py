"""What charts have in common: they take a page's own colours for text and ground, and so fit a light and a dark one."""

import plotly.graph_objects as go

from har.exports import one_line

CLEAR = "rgba(0,0,0,0)"
GRID = "rgba(128,128,128,0.25)"  # seen on white and on black
_UNSURE = "unsure"


def plain(label: str | None) -> str:
    """A label as text: charts read tags in names, and fields in what is shown under the pointer."""
    if label is None:
        return _UNSURE
    return one_line(label).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u2060{")


def ground(figure: go.Figure, height: int, *, still: bool = False) -> None:
    """What every chart of trainings and reports begins with: no ground of its own, narrow margins, the legend in a row.

    Args:
        figure: to be changed.
        height: in pixels.
        still: it cannot be dragged sideways or zoomed; up and down none can.
    """
    figure.update_layout(
        height=height,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "xanchor": "left"},
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    if still:
        figure.update_layout(dragmode=False)
        figure.update_xaxes(fixedrange=True)
