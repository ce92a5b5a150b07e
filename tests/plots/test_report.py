"""Charts of a report: what they are drawn from, not how they look."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from har.evaluation import Bin, Calibration, ClipVerdict, Examination, Report, Share
from har.plots import confusion_figure, orders_figure, recall_figure, reliability_figure, switch_figure

LABELS = ("squat", "<b>jump</b> %{y}", "walk")
PAIRS = (("squat", "squat"),) * 3 + (("squat", "walk"), (LABELS[1], LABELS[1]), ("walk", LABELS[1]))
BINS = (Bin(0.4, 0.5, 1, 0.45, 1.0), Bin(0.5, 0.6, 0, 0.55, 0.0), Bin(0.9, 1.0, 9, 0.95, 2 / 3))
CALIBRATION = Calibration(1.5, 0.4, 0.9, 0.8, 0.123, 0.04, BINS, (BINS[2],))


def report(pairs: tuple[tuple[str, str], ...] = PAIRS, labels: tuple[str, ...] = LABELS) -> Report:
    return Report(labels, tuple(ClipVerdict("a.mp4", true, said, 0.7) for true, said in pairs), 0)


def drawn(figure: go.Figure) -> dict[str, Any]:
    return json.loads(figure.to_json())


def cells(figure: go.Figure) -> dict[tuple[str, str], tuple[int, int, str | None, float]]:
    """Column, row, number and colour by true and predicted label."""
    found = {}
    for trace in drawn(figure)["data"][1:]:
        texts = trace.get("text") or [None] * len(trace["x"])
        shares = trace["marker"]["color"]
        for x, base, height, text, share, pair in zip(
            trace["x"], trace["base"], trace["y"], texts, shares, trace["customdata"], strict=True
        ):
            found[tuple(pair)] = (x, round(base + height / 2), text, share)
    return found


def bars(figure: go.Figure) -> dict[str, Any]:
    return drawn(figure)["data"][0]


def test_a_cell_stands_in_the_row_of_its_true_label_and_tells_both_labels_when_chosen() -> None:
    assert cells(confusion_figure(report())) == {
        ("squat", "squat"): (0, 0, "3", 0.75),
        ("squat", "walk"): (2, 0, "1", 0.25),
        (LABELS[1], LABELS[1]): (1, 1, "1", 1.0),
        ("walk", LABELS[1]): (1, 2, "1", 1.0),
    }


def test_cells_are_bars_since_a_click_on_a_heat_map_chooses_nothing() -> None:
    ground, *chosen = drawn(confusion_figure(report()))["data"]
    assert (ground["type"], ground["hoverinfo"]) == ("heatmap", "skip")
    assert [trace["type"] for trace in chosen] == ["bar", "bar"]


def test_right_and_wrong_cells_have_scales_of_their_own() -> None:
    _, right, wrong = drawn(confusion_figure(report()))["data"]
    assert {tuple(pair) for pair in right["customdata"]} == {("squat", "squat"), (LABELS[1], LABELS[1])}
    assert right["marker"]["colorscale"] != wrong["marker"]["colorscale"]
    assert (right["name"], wrong["name"]) == ("right", "taken for another")


def test_rows_run_downwards_as_columns_run_to_the_right() -> None:
    layout = drawn(confusion_figure(report()))["layout"]
    assert layout["xaxis"]["range"] == [-0.5, 2.5]
    assert layout["yaxis"]["range"] == [2.5, -0.5]


@pytest.mark.parametrize("count", [2, 8, 20, 101])
def test_any_number_of_labels_has_room(count: int) -> None:
    labels = tuple(f"label {number} of an action" for number in range(count))
    figure = confusion_figure(report(tuple((label, labels[0]) for label in labels), labels))
    layout = drawn(figure)["layout"]
    assert len(cells(figure)) == count
    assert 11 * count <= layout["height"] <= 1400
    assert all(len(name) <= 20 for name in layout["yaxis"]["ticktext"])


def test_small_cells_have_no_numbers_and_many_columns_no_names() -> None:
    labels = tuple(f"{number}" for number in range(101))
    many, few = (
        confusion_figure(report(tuple((label, label) for label in some), some)) for some in (labels, labels[:20])
    )
    assert {cell[2] for cell in cells(many).values()} == {None}
    assert {cell[2] for cell in cells(few).values()} == {"1"}
    assert [drawn(figure)["layout"]["xaxis"]["showticklabels"] for figure in (many, few)] == [False, True]


def test_a_classifier_without_errors_has_a_table_too() -> None:
    assert set(cells(confusion_figure(report(PAIRS[:3])))) == {("squat", "squat")}


def test_recall_begins_with_the_worst_label_and_has_wilsons_intervals() -> None:
    figure = recall_figure(report())
    names = [name.split("<br>")[0] for name in drawn(figure)["layout"]["yaxis"]["ticktext"]]
    assert names == ["walk", "squat", "&lt;b&gt;jump&lt;/b&gt; %\u2060{y}"]
    found = bars(figure)
    assert found["x"] == [0, 0.75, 1]
    low, high = Share(3, 4).interval
    assert found["error_x"]["arrayminus"][1] == pytest.approx(0.75 - low)
    assert found["error_x"]["array"][1] == pytest.approx(high - 0.75)
    assert drawn(figure)["layout"]["yaxis"]["range"] == [2.5, -0.5]  # the first on top


def test_the_line_for_all_clips_stands_at_the_accuracy() -> None:
    figure = drawn(recall_figure(report()))
    (line,) = figure["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == pytest.approx((4 / 6, 4 / 6))
    assert figure["data"][1]["name"] == "all clips: 67%"


def test_many_labels_have_only_their_names_beside_the_bars() -> None:
    labels = tuple(f"{number}" for number in range(30))
    figure = recall_figure(report(tuple((label, label) for label in labels), labels))
    assert sorted(drawn(figure)["layout"]["yaxis"]["ticktext"]) == sorted(labels)


def test_reliability_shows_bins_that_have_clips_as_large_as_they_have_many() -> None:
    diagonal, before, after = drawn(reliability_figure(CALIBRATION))["data"]
    assert (diagonal["x"], diagonal["y"]) == ([0, 1], [0, 1])
    assert (before["x"], before["y"]) == ([0.45, 0.95], [1.0, 2 / 3])
    assert (after["x"], after["y"]) == ([0.95], [2 / 3])
    small, large = before["marker"]["size"]
    assert (small, large) == pytest.approx((7 + 19 / 3, 26))
    assert (before["name"], after["name"]) == ("before: 12.3% off", "temperature 1.50: 4.0% off")


def test_orders_stand_below_the_clips_as_they_are_and_chance_is_marked() -> None:
    orders = {"shuffled": Share(3, 6), "reversed": Share(2, 6), "frozen": Share(1, 6)}
    figure = orders_figure(Examination(report(), CALIBRATION, orders))
    assert drawn(figure)["layout"]["yaxis"]["ticktext"] == [
        "as it is<br>67%, 4 of 6",
        "frames shuffled<br>50%, 3 of 6",
        "played backwards<br>33%, 2 of 6",
        "one frame, repeated<br>17%, 1 of 6",
    ]
    np.testing.assert_allclose(bars(figure)["x"], [4 / 6, 3 / 6, 2 / 6, 1 / 6])
    assert drawn(figure)["layout"]["shapes"][0]["x0"] == pytest.approx(4 / 6)  # four of six are squats


def test_the_switch_shows_two_shares_told_apart_not_by_colour_alone() -> None:
    found = bars(switch_figure(Share(30, 48), Share(46, 48)))
    assert found["x"] == [30 / 48, 46 / 48]
    assert len(set(found["marker"]["color"])) == len(set(found["marker"]["pattern"]["shape"])) == 2
    assert found["hovertext"][0].startswith("<b>new recordings</b><br>30 of 48 clips right (62%)<br>95 % interval: 48%")


FIGURES = {
    "confusion": confusion_figure(report()),
    "recall": recall_figure(report()),
    "reliability": reliability_figure(CALIBRATION),
    "orders": orders_figure(Examination(report(), CALIBRATION, {"shuffled": Share(1, 2)})),
    "switch": switch_figure(Share(1, 2), Share(2, 2)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_they_suit_light_and_dark_pages_and_phones(name: str) -> None:
    layout = drawn(FIGURES[name])["layout"]
    assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == ("rgba(0,0,0,0)", "rgba(0,0,0,0)")
    assert "font" not in layout
    assert layout["legend"]["orientation"] == "h"
    assert max(layout["margin"].values()) <= 10


@pytest.mark.parametrize("name", ["confusion", "recall"])
def test_a_label_is_no_markup(name: str) -> None:
    figure = drawn(FIGURES[name])
    for trace in figure["data"]:
        trace.pop("customdata", None)  # never shown: the page compares it with labels
    written = json.dumps(figure, ensure_ascii=False)
    assert "&lt;b&gt;jump" in written
    assert "<b>jump" not in written
    assert "%{y}" not in written
