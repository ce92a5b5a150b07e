"""Charts of data sets: what they show, not how they look."""

import base64
import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from har.colours import PALETTE
from har.datasets import Dataset, LabelledVideo, splits
from har.datasets.splits import Split
from har.plots import clips_figure, durations_figure, span_figure, split_figure
from har.plots.style import LEAKED, MIXED, TEST, TRAIN, VALIDATION
from har.video import VideoInfo

LEAK = "test, but its recording is also in training"


def video(label: str, group: str | None, number: int = 1, duration_sec: float | None = None) -> LabelledVideo:
    info = duration_sec and VideoInfo(
        path=Path("a.mp4"),
        width=320,
        height=240,
        fps=Fraction(25),
        duration_sec=duration_sec,
        frame_count=None,
        has_audio=False,
        codec="h264",
        container="mp4",
        variable_rate=False,
        size_bytes=1000,
        warning=None,
    )
    return LabelledVideo(Path(f"{label}/{group}-{number}.mp4"), label, group, info or None)


def dataset(videos: Iterable[LabelledVideo]) -> Dataset:
    return Dataset("test", "Test", tuple(videos))


def as_json(figure: go.Figure) -> dict[str, Any]:
    return json.loads(figure.to_json())


def numbers(values: Any) -> Any:
    """Decodes the arrays that Plotly packs."""
    if isinstance(values, list):
        return values
    array = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return array.reshape([int(side) for side in values.get("shape", str(array.size)).split(",")]).tolist()


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


def test_each_duration_is_counted_once() -> None:
    durations = [0.5, 2.0, 2.0, 2.1, 9.0]
    figure = durations_figure(dataset(video("walk", "g1", duration_sec=sec) for sec in durations))
    (bars,) = as_json(figure)["data"]
    assert sum(numbers(bars["y"])) == 5
    edges = numbers(bars["customdata"])
    assert (edges[0][0], edges[-1][1]) == (0.5, 9.0)


def test_equal_durations_are_one_bar() -> None:
    figure = durations_figure(dataset(video("walk", "g1", n, 2.0) for n in range(4)))
    (bars,) = as_json(figure)["data"]
    assert numbers(bars["y"]) == [4]


def test_ruler_shows_the_covered_span() -> None:
    whole, covered, moments = as_json(span_figure([2.0, 2.5, 3.0, 3.5], 6.0, 2.0))["data"]
    assert (whole["base"], whole["x"]) == ([0.0], [6.0])
    assert (covered["base"], covered["x"]) == ([2.0], [2.0])
    assert moments["x"] == [2.0, 2.5, 3.0, 3.5]


def test_ruler_ends_with_the_video() -> None:
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
    assert cells(figure) == {
        ("a", "g1"): 3,
        ("a", "g2"): 4,
        ("a", "g3"): 1,
        ("a", "g4"): None,
        ("b", "g1"): 3,
        ("b", "g2"): 0,
        ("b", "g3"): None,
        ("b", "g4"): 2,
    }
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
    assert {trace["name"]: trace["x"] for trace in as_json(split_figure(split))["data"]} == {
        "train": [60],
        "test": [10],
        LEAK: [6],
    }


def test_a_hundred_labels_are_all_named_and_the_chart_stays_small() -> None:
    videos = dataset(video(f"label {n:03}", f"g{g:02}", c) for n in range(101) for g in range(5) for c in range(2))
    figure = split_figure(splits.random(videos, seed=0))
    content = as_json(figure)
    assert len(content["data"][0]["y"]) == 101
    assert content["layout"]["yaxis"]["dtick"] == 1
    assert content["layout"]["height"] < 2000
    assert len(json.dumps(content)) < 400_000


def test_parts_have_colours_of_the_colour_blind_safe_palette() -> None:
    assert {TRAIN, VALIDATION, TEST, LEAKED} < set(PALETTE)
    assert len({TRAIN, VALIDATION, TEST, LEAKED, MIXED}) == 5


@pytest.mark.parametrize("kind", ["grouped", "random"])
def test_figures_suit_light_and_dark_pages_and_phones(kind: str) -> None:
    videos = dataset(video(label, f"g{g}", n, 2.0) for label in "ab" for g in range(5) for n in range(4))
    split = splits.split_dataset(videos, kind, seed=0)
    for figure in (clips_figure(videos), durations_figure(videos), span_figure([0, 1], 2, 2), split_figure(split)):
        layout = as_json(figure)["layout"]
        assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == ("rgba(0,0,0,0)", "rgba(0,0,0,0)")
        assert "font" not in layout
        assert layout["xaxis"]["fixedrange"]  # a finger on it scrolls the page
        assert layout["margin"]["l"] <= 10
