"""What holds for all charts, as they are parts of a page."""

import pytest

from har.colours import PALETTE
from har.datasets import splits
from har.evaluation import Evaluation, Proportion
from har.plots import (
    architecture_figure,
    clips_figure,
    confusion_figure,
    durations_figure,
    frame_order_figure,
    probabilities_figure,
    recall_figure,
    reliability_figure,
    run_comparison_figure,
    span_figure,
    split_comparison_figure,
    split_figure,
    training_curves_figure,
)
from har.plots.style import LEAKED, MIXED, TEST, TRAIN, VALIDATION
from tests.plots.drawn import as_json
from tests.plots.test_architecture import CONV, DENSE, summary
from tests.plots.test_data import dataset, video
from tests.plots.test_probabilities import frame_labels
from tests.plots.test_report import CALIBRATION, report
from tests.plots.test_training import batch, epoch

VIDEOS = dataset(video(label, f"g{g}", n, 2.0) for label in "ab" for g in range(5) for n in range(4))
FIGURES = {
    "architecture": architecture_figure(summary(CONV, DENSE)),
    "clips": clips_figure(VIDEOS),
    "confusion": confusion_figure(report()),
    "durations": durations_figure(VIDEOS),
    "grid": split_figure(splits.grouped(VIDEOS, seed=0)),
    "leaks": split_figure(splits.random(VIDEOS, seed=0)),
    "no runs": run_comparison_figure({}),
    "orders": frame_order_figure(Evaluation(report(), CALIBRATION, {"shuffled": Proportion(1, 2)})),
    "probabilities": probabilities_figure(frame_labels([0] * 5)),
    "recall": recall_figure(report()),
    "reliability": reliability_figure(CALIBRATION),
    "ruler": span_figure([0, 1], 2, 2),
    "splits": split_comparison_figure(Proportion(1, 2), Proportion(2, 2)),
    "training": training_curves_figure([epoch(1, best=True)], [batch(1, 1)]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_charts_suit_light_and_dark_pages_and_phones(name: str) -> None:
    layout = as_json(FIGURES[name])["layout"]
    assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == ("rgba(0,0,0,0)", "rgba(0,0,0,0)")
    assert "font" not in layout
    assert name == "architecture" or layout["legend"]["orientation"] == "h"  # which has no legend
    assert max(layout["margin"].values()) <= (32 if name == "ruler" else 10)  # below it is its scale


@pytest.mark.parametrize("name", ["architecture", "clips", "durations", "grid", "leaks", "ruler"])
def test_a_finger_on_a_chart_scrolls_the_page(name: str) -> None:
    assert as_json(FIGURES[name])["layout"]["xaxis"]["fixedrange"]


def test_parts_have_colours_of_the_colour_blind_safe_palette() -> None:
    assert {TRAIN, VALIDATION, TEST, LEAKED} < set(PALETTE)
    assert len({TRAIN, VALIDATION, TEST, LEAKED, MIXED}) == 5
