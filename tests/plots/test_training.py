"""Training curves: what they show, not how they look."""

import math
from typing import Any

import plotly.graph_objects as go

from har.colours import PALETTE
from har.plots import run_comparison_figure, training_curves_figure
from har.training.records import BatchRecord, EpochRecord
from tests.plots.drawn import as_json


def epoch(number: int, accuracy: float = 0.5, loss: float = 1.0, best: bool = False) -> EpochRecord:
    return EpochRecord(number, 300, loss, accuracy, loss + 0.1, accuracy - 0.1, 30.0, best)


def batch(in_epoch: int, number: int, count: int = 4, loss: float = 2.0) -> BatchRecord:
    return BatchRecord(in_epoch, 300, number, count, loss, 0.25)


def traces(figure: go.Figure) -> dict[tuple[str, str], dict[str, Any]]:
    """By name and metric."""
    return {
        (trace["name"], "loss" if trace.get("yaxis") == "y2" else "accuracy"): trace
        for trace in as_json(figure)["data"]
    }


def test_training_and_validation_are_in_both_panels() -> None:
    lines = traces(training_curves_figure([epoch(1, 0.4, 1.2), epoch(2, 0.6, 0.8)]))
    assert {key: (trace["x"], trace["y"]) for key, trace in lines.items()} == {
        ("training", "accuracy"): ([1, 2], [0.4, 0.6]),
        ("validation", "accuracy"): ([1, 2], [0.4 - 0.1, 0.5]),
        ("training", "loss"): ([1, 2], [1.2, 0.8]),
        ("validation", "loss"): ([1, 2], [1.2 + 0.1, 0.8 + 0.1]),
    }


def test_batches_lie_within_their_epoch() -> None:
    lines = traces(training_curves_figure([epoch(1)], [batch(1, 2), batch(1, 4), batch(2, 1, loss=1.5)]))
    assert lines["each batch", "loss"]["x"] == [0.5, 1.0, 1.25]
    assert lines["each batch", "loss"]["y"] == [2.0, 2.0, 1.5]
    assert lines["each batch", "accuracy"]["y"] == [0.25] * 3


def test_batches_alone_are_shown_during_the_first_epoch() -> None:
    lines = traces(training_curves_figure([], [batch(1, 1), batch(1, 2)]))
    assert lines["each batch", "accuracy"]["x"] == [0.25, 0.5]
    assert lines["training", "accuracy"].get("y", []) == []
    assert not any(name.startswith("best") for name, _ in lines)


def test_repeated_steps_are_shown_as_last_recorded() -> None:
    events = [batch(1, 1), batch(1, 2, loss=9.0), batch(1, 1, loss=3.0)]
    lines = traces(training_curves_figure([epoch(1, 0.4), epoch(2, 0.5), epoch(2, 0.7)], events))
    assert lines["training", "accuracy"]["y"] == [0.4, 0.7]
    assert lines["each batch", "loss"]["y"] == [3.0, 9.0]


def test_best_epoch_is_the_last_marked_one_or_the_given_one() -> None:
    history = [epoch(1, 0.5, best=True), epoch(2, 0.9, best=True), epoch(3, 0.6)]
    star = traces(training_curves_figure(history))["best: epoch 2, 80%", "accuracy"]
    assert (star["x"], star["y"]) == ([2], [0.8])
    figure = training_curves_figure(history, best=1)
    assert ("best: epoch 1, 40%", "accuracy") in traces(figure)
    (line,) = as_json(figure)["layout"]["shapes"]
    assert (line["x0"], line["x1"], line["yref"]) == (1, 1, "paper")


def test_nan_loss_is_a_gap() -> None:
    history = [epoch(1), epoch(2, loss=math.nan), epoch(3)]
    assert traces(training_curves_figure(history))["training", "loss"]["y"] == [1.0, None, 1.0]


def test_long_trainings_have_a_limited_number_of_points() -> None:
    steps = [batch(e, b, 20) for e in range(1, 301) for b in range(1, 21)]
    figure = training_curves_figure([epoch(e) for e in range(1, 301)], steps)
    line = traces(figure)["each batch", "loss"]
    assert len(line["x"]) == 600
    assert (line["x"][0], line["x"][-1]) == (0.05, 300.0)
    assert traces(figure)["training", "loss"]["mode"] == "lines"
    assert len(figure.to_json()) < 150_000


def test_zoom_survives_the_next_epoch() -> None:
    before, after = (as_json(training_curves_figure(history))["layout"] for history in ([], [epoch(1)]))
    assert before["uirevision"] == after["uirevision"] == "curves"


def test_each_run_has_a_colour_and_a_dotted_training_line() -> None:
    figure = run_comparison_figure({"<b>first": [epoch(1, 0.5)], "second": [epoch(1, 0.7), epoch(2, 0.9)]})
    lines = [
        (trace["name"], trace["line"]["color"], trace["line"]["dash"], trace["y"], trace["showlegend"])
        for trace in as_json(figure)["data"]
    ]
    assert lines == [
        ("&lt;b&gt;first", PALETTE[0], "solid", [0.4], True),
        ("&lt;b&gt;first", PALETTE[0], "dot", [0.5], False),
        ("second", PALETTE[1], "solid", [0.7 - 0.1, 0.8], True),
        ("second", PALETTE[1], "dot", [0.7, 0.9], False),
    ]


def test_reused_colours_have_another_symbol() -> None:
    figure = run_comparison_figure({f"run {number}": [epoch(1)] for number in range(len(PALETTE) + 1)})
    first, last = as_json(figure)["data"][0], as_json(figure)["data"][-2]
    assert first["line"]["color"] == last["line"]["color"]
    assert first["marker"]["symbol"] != last["marker"]["symbol"]
