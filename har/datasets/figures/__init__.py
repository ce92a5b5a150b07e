"""Figures: a generated data set of drawn people, for when there is no other, for tests and for samples."""

from har.datasets.figures.actions import ACTIONS, REVERSED
from har.datasets.figures.background_drawing import drawing_process
from har.datasets.figures.bounding_boxes import person_boxes
from har.datasets.figures.clips import draw_clip
from har.datasets.figures.dataset_files import (
    GROUPS,
    VERSION,
    draw_missing,
    is_figures_clip,
    list_figures,
    open_figures,
    write_figures,
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
    "is_figures_clip",
    "draw_clip",
    "draw_missing",
    "draw_sequence",
    "drawing_process",
    "list_figures",
    "make_sample",
    "open_figures",
    "person_boxes",
    "true_segments",
    "write_figures",
]
