"""Figures: a generated data set of drawn people, for demonstrations, tests and samples."""

from har.datasets.figures.actions import ACTIONS, REVERSED
from har.datasets.figures.background_drawing import drawing_process
from har.datasets.figures.bounding_boxes import person_boxes
from har.datasets.figures.clips import draw_clip
from har.datasets.figures.dataset_files import (
    GROUPS,
    VERSION,
    draw_missing,
    figures_folder,
    is_figures_clip,
    list_figures,
    open_figures,
)
from har.datasets.figures.samples import SAMPLES, Sample, TrueSegment, draw_sequence, make_sample, true_segments

__all__ = [
    "ACTIONS",
    "GROUPS",
    "REVERSED",
    "SAMPLES",
    "VERSION",
    "Sample",
    "TrueSegment",
    "draw_clip",
    "draw_missing",
    "draw_sequence",
    "drawing_process",
    "figures_folder",
    "is_figures_clip",
    "list_figures",
    "make_sample",
    "open_figures",
    "person_boxes",
    "true_segments",
]
