"""Explanations of one window: what the classifier saw, where it looked, which frames matter, and how sure it is.

These are not reasons. Each part changes one thing, or follows one gradient, and reports the effect on the probability
of a label.
"""

from har.explain.explanation import NO_HEATMAP, Facts, canonical_label, explain
from har.explain.store import StoredExplanation, contact_sheet, read_explanation, write_explanation
from har.explain.window import Window, check_time, nearest_window, read_window, scored_samples
