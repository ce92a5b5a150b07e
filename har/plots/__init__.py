"""Plotly figures. Text and background are left to the page, so they suit a light one and a dark one."""

from har.plots.activations import gates_figure, steps_figure, unit_figure
from har.plots.architecture import architecture_figure
from har.plots.data import clips_figure, durations_figure, span_figure, split_figure
from har.plots.probabilities import probabilities_figure
from har.plots.report import (
    confusion_figure,
    frame_order_figure,
    recall_figure,
    reliability_figure,
    split_comparison_figure,
)
from har.plots.training import run_comparison_figure, training_curves_figure
