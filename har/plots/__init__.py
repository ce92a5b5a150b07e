"""Charts. They take the page's own colours for text and ground, so they fit a light page and a dark one."""

from har.plots.data import clips_figure, durations_figure, span_figure, split_figure
from har.plots.timeline import timeline_figure

__all__ = ["clips_figure", "durations_figure", "span_figure", "split_figure", "timeline_figure"]
