"""Charts. They take the page's own colours for text and ground, so they fit a light page and a dark one."""

from har.plots.activations import gates_figure, steps_figure, unit_figure
from har.plots.architecture import architecture_figure
from har.plots.data import clips_figure, durations_figure, span_figure, split_figure
from har.plots.probabilities import probabilities_figure
from har.plots.report import confusion_figure, orders_figure, recall_figure, reliability_figure, switch_figure
from har.plots.training import compare_figure, curves_figure

__all__ = [
    "architecture_figure",
    "clips_figure",
    "compare_figure",
    "confusion_figure",
    "curves_figure",
    "durations_figure",
    "gates_figure",
    "orders_figure",
    "probabilities_figure",
    "recall_figure",
    "reliability_figure",
    "span_figure",
    "split_figure",
    "steps_figure",
    "switch_figure",
    "unit_figure",
]
