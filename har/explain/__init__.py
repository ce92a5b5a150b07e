"""Why a classifier said what it said of one window: what it saw, where it looked, when it mattered, how sure it is.

Nothing here says why in the sense of a reason. Each part changes one thing, or follows one slope, and tells what that
does to the probability of a label.
"""

from har.explain.explanation import Explaining, Explanation, Facts, explain, spelt
from har.explain.files import Kept, contact_sheet, read, write
from har.explain.window import Window, nearest_start, read_window

__all__ = [
    "Explaining",
    "Explanation",
    "Facts",
    "Kept",
    "Window",
    "contact_sheet",
    "explain",
    "nearest_start",
    "read",
    "read_window",
    "spelt",
    "write",
]
