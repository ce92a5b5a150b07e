"""Figures and tables as one HTML file that opens anywhere, without a network."""

from collections.abc import Iterable, Mapping
from html import escape

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328;
  background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .2rem 1rem .2rem 0; text-align: left;
  vertical-align: top; } .large { font-size: 2.5rem; line-height: 1.2; } .plot { margin: 1rem 0 2rem; }
"""


def html_page(title: str, parts: Iterable[str]) -> str:
    """A whole page: HTML below a title, which is plain text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><script>{get_plotlyjs()}</script></head><body>"
        + "\n".join((f"<h1>{escape(title)}</h1>", *parts))
        + "</body></html>\n"
    )


def figure_section(title: str, figure: go.Figure) -> str:
    """A figure under a title, which is HTML."""
    html = figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True})
    return f'<h2>{title}</h2><div class="plot">{html}</div>'


def html_table(rows: Mapping[str, object]) -> str:
    """Names and values; both are escaped."""
    cells = (f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>" for name, value in rows.items())
    return f"<table>{''.join(cells)}</table>"
