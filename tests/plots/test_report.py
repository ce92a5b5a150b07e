"""Charts of an evaluation: what they show, not how they look."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from har.evaluation import Bin, Calibration, ClipPrediction, Evaluation, Proportion, Report
from har.plots import confusion_figure, frame_order_figure, recall_figure, reliability_figure, split_comparison_figure
from tests.plots.drawn import as_json

LABELS = ("squat", "<b>jump</b> %{y}", "walk")
PAIRS = (("squat", "squat"),) * 3 + (("squat", "walk"), (LABELS[1], LABELS[1]), ("walk", LABELS[1]))
BINS = (Bin(0.4, 0.5, 1, 0.45, 1.0), Bin(0.5, 0.6, 0, 0.55, 0.0), Bin(0.9, 1.0, 9, 0.95, 2 / 3))
CALIBRATION = Calibration(1.5, 0.4, 0.9, 0.8, 0.123, 0.04, BINS, (BINS[2],))


def report(pairs: tuple[tuple[str, str], ...] = PAIRS, labels: tuple[str, ...] = LABELS) -> Report:
    return Report(labels, tuple(ClipPrediction("a.mp4", actual, predicted, 0.7) for actual, predicted in pairs), 0)


def cells(figure: go.Figure) -> dict[tuple[str, str], tuple[int, int, str | None, float]]:
    """Column, row, number and colour by actual and predicted label."""
    result = {}
    for trace in as_json(figure)["data"][1:]:
        texts = trace.get("text") or [None] * len(trace["x"])
        shares = trace["marker"]["color"]
        for x, base, height, text, share, pair in zip(
            trace["x"], trace["base"], trace["y"], texts, shares, trace["customdata"], strict=True
        ):
            result[tuple(pair)] = (x, round(base + height / 2), text, share)
    return result


def bars(figure: go.Figure) -> dict[str, Any]:
    return as_json(figure)["data"][0]


def test_cell_lies_in_the_row_of_its_actual_label_and_carries_both_labels() -> None:
    assert cells(confusion_figure(report())) == {
        ("squat", "squat"): (0, 0, "3", 0.75),
        ("squat", "walk"): (2, 0, "1", 0.25),
        (LABELS[1], LABELS[1]): (1, 1, "1", 1.0),
        ("walk", LABELS[1]): (1, 2, "1", 1.0),
    }


def test_cells_are_bars_because_heat_maps_report_no_clicks() -> None:
    background, correct, wrong = as_json(confusion_figure(report()))["data"]
    assert (background["type"], background["hoverinfo"]) == ("heatmap", "skip")
    assert [(trace["type"], trace["name"]) for trace in (correct, wrong)] == [("bar", "correct"), ("bar", "wrong")]
    assert {tuple(pair) for pair in correct["customdata"]} == {("squat", "squat"), (LABELS[1], LABELS[1])}
    assert correct["marker"]["colorscale"] != wrong["marker"]["colorscale"]


def test_first_label_is_at_the_top_left() -> None:
    layout = as_json(confusion_figure(report()))["layout"]
    assert layout["xaxis"]["range"] == [-0.5, 2.5]
    assert layout["yaxis"]["range"] == [2.5, -0.5]


@pytest.mark.parametrize(("count", "number", "named"), [(2, "1", True), (20, "1", True), (101, None, False)])
def test_matrix_fits_any_number_of_labels(count: int, number: str | None, named: bool) -> None:
    """Small cells have no numbers, and many columns no names."""
    labels = tuple(f"label {number} of an action" for number in range(count))
    figure = confusion_figure(report(tuple((label, label) for label in labels), labels))
    layout = as_json(figure)["layout"]
    assert [cell[2] for cell in cells(figure).values()] == [number] * count
    assert 11 * count <= layout["height"] <= 1400
    assert all(len(name) <= 20 for name in layout["yaxis"]["ticktext"])
    assert layout["xaxis"]["showticklabels"] is named


def test_matrix_without_errors() -> None:
    assert set(cells(confusion_figure(report(PAIRS[:3])))) == {("squat", "squat")}


def test_recall_is_sorted_from_the_worst_label_with_wilson_intervals() -> None:
    figure = recall_figure(report())
    names = [name.split("<br>")[0] for name in as_json(figure)["layout"]["yaxis"]["ticktext"]]
    assert names == ["walk", "squat", "&lt;b&gt;jump&lt;/b&gt; %\u2060{y}"]
    bar = bars(figure)
    assert bar["x"] == [0, 0.75, 1]
    low, high = Proportion(3, 4).interval
    assert bar["error_x"]["arrayminus"][1] == pytest.approx(0.75 - low)
    assert bar["error_x"]["array"][1] == pytest.approx(high - 0.75)
    assert as_json(figure)["layout"]["yaxis"]["range"] == [2.5, -0.5]  # the first on top


def test_recall_has_a_line_at_the_accuracy() -> None:
    figure = as_json(recall_figure(report()))
    (line,) = figure["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == pytest.approx((4 / 6, 4 / 6))
    assert figure["data"][1]["name"] == "all clips: 67%"


def test_many_labels_have_no_numbers_next_to_their_names() -> None:
    labels = tuple(f"{number}" for number in range(30))
    figure = recall_figure(report(tuple((label, label) for label in labels), labels))
    assert sorted(as_json(figure)["layout"]["yaxis"]["ticktext"]) == sorted(labels)


def test_reliability_shows_non_empty_bins_sized_by_clips() -> None:
    diagonal, before, after = as_json(reliability_figure(CALIBRATION))["data"]
    assert (diagonal["x"], diagonal["y"]) == ([0, 1], [0, 1])
    assert (before["x"], before["y"]) == ([0.45, 0.95], [1.0, 2 / 3])
    assert (after["x"], after["y"]) == ([0.95], [2 / 3])
    small, large = before["marker"]["size"]
    assert (small, large) == pytest.approx((7 + 19 / 3, 26))
    assert (before["name"], after["name"]) == ("before: ECE 12.3%", "temperature 1.50: ECE 4.0%")


def test_frame_orders_are_below_the_original_order_and_the_baseline_is_a_line() -> None:
    orders = {"shuffled": Proportion(3, 6), "reversed": Proportion(2, 6), "frozen": Proportion(1, 6)}
    figure = frame_order_figure(Evaluation(report(), CALIBRATION, orders))
    assert as_json(figure)["layout"]["yaxis"]["ticktext"] == [
        "original order<br>67%, 4 of 6",
        "frames shuffled<br>50%, 3 of 6",
        "played backwards<br>33%, 2 of 6",
        "one frame, repeated<br>17%, 1 of 6",
    ]
    np.testing.assert_allclose(bars(figure)["x"], [4 / 6, 3 / 6, 2 / 6, 1 / 6])
    assert as_json(figure)["layout"]["shapes"][0]["x0"] == pytest.approx(4 / 6)  # four of six are squats


def test_splits_differ_in_more_than_colour() -> None:
    bar = bars(split_comparison_figure(Proportion(30, 48), Proportion(46, 48)))
    assert bar["x"] == [30 / 48, 46 / 48]
    assert len(set(bar["marker"]["color"])) == len(set(bar["marker"]["pattern"]["shape"])) == 2
    assert bar["hovertext"][0].startswith("<b>grouped split</b><br>30 of 48 clips correct (62%)<br>95% interval: 48%")


@pytest.mark.parametrize("draw", [confusion_figure, recall_figure])
def test_labels_are_not_markup(draw: Callable[[Report], go.Figure]) -> None:
    figure = as_json(draw(report()))
    for trace in figure["data"]:
        trace.pop("customdata", None)  # not displayed: the page compares it with labels
    written = json.dumps(figure, ensure_ascii=False)
    assert "&lt;b&gt;jump" in written
    assert "<b>jump" not in written
    assert "%{y}" not in written
