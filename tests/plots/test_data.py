"""Charts of data sets: what they show, not how they look."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from har.datasets import Dataset, LabelledVideo, splits
from har.datasets.splits import Split
from har.plots import clips_figure, durations_figure, span_figure, split_figure
from tests.exports.data import INFO
from tests.plots.drawn import as_json, numbers

LEAK = "test, but its recording is also in training"


def video(label: str, group: str | None, number: int = 1, duration_sec: float | None = None) -> LabelledVideo:
    info = replace(INFO, duration_sec=duration_sec) if duration_sec else None
    return LabelledVideo(Path(f"{label}/{group}-{number}.mp4"), label, group, info)


def dataset(videos: Iterable[LabelledVideo]) -> Dataset:
    return Dataset("test", "Test", tuple(videos))


def cells(figure: go.Figure) -> dict[tuple[str, str], int | None]:
    grid = as_json(figure)["data"][0]
    return {
        (label, group): None if value is None or np.isnan(value) else int(value)
        for label, row in zip(grid["y"], numbers(grid["z"]), strict=True)
        for group, value in zip(grid["x"], row, strict=True)
    }


def names(figure: go.Figure) -> list[str]:
    return [trace["name"] for trace in as_json(figure)["data"] if trace.get("name")]


def test_labels_are_sorted_by_clips_and_are_not_markup() -> None:
    figure = clips_figure(dataset([video("walk", "g1"), *(video("<b>jump", "g1", n) for n in range(3))]))
    (bars,) = as_json(figure)["data"]
    assert (bars["y"], bars["x"]) == (["&lt;b&gt;jump", "walk"], [3, 1])


def test_each_duration_is_counted_once_and_equal_ones_are_one_bar() -> None:
    def bars(*durations: float) -> dict[str, Any]:
        videos = dataset(video("walk", "g1", duration_sec=sec) for sec in durations)
        return as_json(durations_figure(videos))["data"][0]

    different = bars(0.5, 2.0, 2.0, 2.1, 9.0)
    assert sum(numbers(different["y"])) == 5
    edges = numbers(different["customdata"])
    assert (edges[0][0], edges[-1][1]) == (0.5, 9.0)
    assert numbers(bars(2.0, 2.0, 2.0, 2.0)["y"]) == [4]


def test_ruler_shows_the_covered_span_and_ends_with_the_video() -> None:
    whole, covered, moments = as_json(span_figure([2.0, 2.5, 3.0, 3.5], 6.0, 2.0))["data"]
    assert (whole["base"], whole["x"]) == ([0.0], [6.0])
    assert (covered["base"], covered["x"]) == ([2.0], [2.0])
    assert moments["x"] == [2.0, 2.5, 3.0, 3.5]
    _, covered, _ = as_json(span_figure([0.0, 0.4, 0.8], 1.0, 2.0))["data"]
    assert (covered["base"], covered["x"]) == ([0.0], [1.0])


def test_grouped_split_is_a_grid_with_one_part_per_group() -> None:
    videos = dataset(video(label, f"g{g:02}", n) for label in "ab" for g in range(1, 26) for n in range(4))
    split = splits.grouped(videos, seed=0)
    figure = split_figure(split)
    parts = {
        video.group: part for part, videos in enumerate((split.train, split.validation, split.test)) for video in videos
    }
    assert cells(figure) == {(label, group): part for label in "ab" for group, part in parts.items()}
    assert names(figure) == ["train", "validation", "test"]


def test_leaked_group_is_marked_under_each_label_tested_on_it() -> None:
    split = Split(
        train=(video("a", "g1", 1), video("a", "g2"), video("b", "g2")),
        validation=(video("a", "g3"), video("a", "g2", 2)),
        test=(video("a", "g1", 2), video("b", "g1"), video("b", "g4")),
        note=None,
    )
    figure = split_figure(split)
    found = cells(figure)
    parts = [[found[label, group] for group in ("g1", "g2", "g3", "g4")] for label in "ab"]
    assert parts == [[3, 4, 1, None], [3, 0, None, 2]]
    assert names(figure) == ["train", "validation", "test", LEAK, "several parts"]
    grid = as_json(figure)["data"][0]
    assert grid["text"] == [["×", "", "", ""], ["×", "", "", ""]]  # not by colour alone
    assert grid["customdata"][0][:2] == ["1 train, 1 test", "1 train, 1 validation"]


@pytest.mark.parametrize(
    "group", [lambda g: None, lambda g: f"likely {g:03}"], ids=["groups unknown", "too many groups"]
)
def test_split_without_a_grid_is_bars_of_each_part(group: Any) -> None:
    videos = dataset(video(label, group(g), g) for label in "ab" for g in range(61))
    split = splits.grouped(videos, seed=0)
    data = as_json(split_figure(split))["data"]
    assert [trace["name"] for trace in data] == ["train", "validation", "test"]
    for trace, part in zip(data, (split.train, split.validation, split.test), strict=True):
        assert dict(zip(trace["y"], trace["x"], strict=True)) == {
            label: sum(video.label == label for video in part) for label in "ab"
        }


def test_bars_separate_leaked_clips() -> None:
    groups = [f"g{g:02}" for g in range(70)]
    split = Split(
        train=tuple(video("a", group, 1) for group in groups[:60]),
        validation=(),
        test=(*(video("a", group, 2) for group in groups[:6]), *(video("a", group) for group in groups[60:])),
        note=None,
    )
    bars = {trace["name"]: trace["x"] for trace in as_json(split_figure(split))["data"]}
    assert bars == {"train": [60], "test": [10], LEAK: [6]}


def test_a_hundred_labels_are_all_named_and_the_chart_stays_small() -> None:
    videos = dataset(video(f"label {n:03}", f"g{g:02}", c) for n in range(101) for g in range(5) for c in range(2))
    figure = split_figure(splits.random(videos, seed=0))
    content = as_json(figure)
    assert len(content["data"][0]["y"]) == 101
    assert content["layout"]["yaxis"]["dtick"] == 1
    assert content["layout"]["height"] < 2000
    assert len(json.dumps(content)) < 400_000
