"""What all charts share. Text and background are left to the page, so they suit a light one and a dark one."""

import plotly.graph_objects as go

from har.exports import single_line
from har.labels import display_name

# Of the palette by Okabe and Ito, which colour-blind people can tell apart
TRAIN, VALIDATION, TEST, LEAKED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
MIXED, SKY = "#999999", "#56B4E9"
TRANSPARENT = "rgba(0,0,0,0)"
GRID = "rgba(128,128,128,0.25)"  # visible on white and on black
MARK = "rgba(128,128,128,0.9)"
LEGEND_ABOVE = {"y": 1.02, "yanchor": "bottom"}
_UNSURE = "unsure"


def label_text(label: str | None) -> str:
    """A label in words, escaped; None is 'unsure'."""
    return _UNSURE if label is None else escape_text(display_name(label))


def escape_text(text: str) -> str:
    """Plain text for Plotly, which reads HTML tags in names, and `%{…}` in hover texts."""
    return single_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u2060{")


def apply_style(figure: go.Figure, height: int, *, still: bool = False) -> None:
    """Set background, margins, legend and axes.

    A still figure cannot be panned or zoomed; others only sideways.
    """
    figure.update_layout(
        height=height,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "xanchor": "left"},
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    if still:
        figure.update_layout(dragmode=False)
        figure.update_xaxes(fixedrange=True)
