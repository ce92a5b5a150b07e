"""Figures: a generated data set of drawn people, for when there is no other, for tests and for samples."""

from har.datasets.figures.apart import drawer
from har.datasets.figures.boxes import person_boxes
from har.datasets.figures.files import GROUPS, VERSION, belongs, draw_missing, list_figures, open_figures, write_figures
from har.datasets.figures.motion import ACTIONS, REVERSED
from har.datasets.figures.sequences import SAMPLES, Sample, TrueSegment, draw_sequence, make_sample, truth
from har.datasets.figures.shots import draw_clip

__all__ = [
    "ACTIONS",
    "GROUPS",
    "REVERSED",
    "SAMPLES",
    "VERSION",
    "Sample",
    "TrueSegment",
    "belongs",
    "draw_clip",
    "draw_missing",
    "draw_sequence",
    "drawer",
    "list_figures",
    "make_sample",
    "open_figures",
    "person_boxes",
    "truth",
    "write_figures",
]
