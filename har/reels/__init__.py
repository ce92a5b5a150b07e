"""Films to show others: highlights of results, two labellings side by side, the classes of a data set on a wall.

MoviePy composes them; our reader, encoder and fonts do the rest (`har.reels.composing`).
"""

from har.reels.highlights import HIGHLIGHTS, highlights_job, make_highlights
from har.reels.montage import find_montage, make_montage, montage_job
from har.reels.plan import LINES, HighlightOptions, Plan, Shot, plan_highlights

__all__ = [
    "HIGHLIGHTS",
    "LINES",
    "HighlightOptions",
    "Plan",
    "Shot",
    "find_montage",
    "highlights_job",
    "make_highlights",
    "make_montage",
    "montage_job",
    "plan_highlights",
]
