"""What charts have in common: they take a page's own colours for text and ground, and so fit a light and a dark one."""

from har.exports import one_line

CLEAR = "rgba(0,0,0,0)"
GRID = "rgba(128,128,128,0.25)"  # seen on white and on black
_UNSURE = "unsure"


def plain(label: str | None) -> str:
    """A label as text: charts read tags in names, and fields in what is shown under the pointer."""
    if label is None:
        return _UNSURE
    return one_line(label).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u2060{")
