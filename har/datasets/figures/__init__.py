"""Figures: a generated data set of drawn people, for demonstrations, tests and samples."""

from har.datasets.figures.actions import ACTIONS, REVERSED
from har.datasets.figures.background_drawing import drawing_process
from har.datasets.figures.clips import draw_clip, person_boxes
from har.datasets.figures.dataset_files import (
    GROUPS,
    VERSION,
    draw_missing,
    figures_folder,
    is_figures_clip,
    list_figures,
    open_figures,
)
from har.datasets.figures.samples import SAMPLES, Sample, draw_sequence, make_sample, true_segments
