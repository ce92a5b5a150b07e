"""Films to show others: highlights of results, two labellings side by side, a wall of a data set's classes.

MoviePy composes them; our reader, encoder and fonts do the rest (`har.reels.composing`).
"""

from har.reels.highlights import HIGHLIGHTS, clock, highlights_job, make_highlights
from har.reels.montage import find_montage, make_montage, montage_job
from har.reels.plan import LINES, HighlightOptions, Plan, plan_highlights
from har.reels.side_by_side import SIDE_BY_SIDE, Against, SideOptions, make_side_by_side, side_by_side_job
