"""The timeline chart: bars where the segments are, lines that end where nothing is known, text that stays text."""

import json

import numpy as np

from har.colours import PALETTE, UNSURE
from har.plots import timeline_figure
from har.timeline import FrameLabels, Segment, Timeline, segment

NAMES = ("squat", "<b>jump</b> %{y}", "walk", "never")


def frame_labels(index, shares=None):
    count = len(index)
    top = np.tile([0, 1, 2], (count, 1)).astype(np.int64)
    values = np.tile(np.array([0.6, 0.3, 0.1], np.float32), (count, 1))
    return FrameLabels(
        np.arange(count) / 10,
        np.array(index, np.int64),
        values[:, 0].copy(),
        top,
        values,
        np.arange(count).clip(0, 3).astype(np.int64),
        NAMES,
    )


def drawn(index, truth=None):
    labels = frame_labels(index)
    figure = timeline_figure(segment(labels, len(index) / 10), labels, truth)
    return json.loads(figure.to_json())


def bars(figure):
    return [trace for trace in figure["data"] if trace["type"] == "bar"]


def lines(figure):
    return [trace for trace in figure["data"] if trace["type"] == "scatter"]


def numbers(values):
    """Plotly packs arrays."""
    import base64

    return (
        values
        if isinstance(values, list)
        else np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    )


def test_each_segment_is_a_bar_in_its_labels_colour_and_unsure_is_grey_and_hatched():
    squat, jump, unsure = bars(drawn([0] * 10 + [1] * 5 + [-1] * 3 + [0] * 2))
    assert (squat["base"], np.round(squat["x"], 6).tolist()) == ([0, 1.8], [1.0, 0.2])
    assert (jump["base"], np.round(jump["x"], 6).tolist()) == ([1.0], [0.5])
    assert [trace["marker"]["color"] for trace in (squat, jump, unsure)] == [PALETTE[0], PALETTE[1], UNSURE]
    assert (unsure["name"], unsure["marker"]["pattern"]["shape"], squat["marker"]["pattern"]["shape"]) == (
        "unsure",
        "/",
        "",
    )


def test_under_the_pointer_stand_times_confidence_and_the_windows_behind_it():
    squat, _ = bars(drawn([0] * 10 + [1] * 5))
    assert squat["customdata"] == ["0:00.00 – 0:01.00<br>confidence 60%<br>in no window: taken from the nearest"]


def test_a_label_is_no_markup():
    figure = drawn([1] * 5)
    names = [trace["name"] for trace in figure["data"] if "jump" in trace["name"]]
    assert names
    for trace in figure["data"]:
        assert "<b>jump" not in trace["name"]
        assert "%{y}&" not in trace["hovertemplate"].replace("</b>", "&")


def test_a_label_has_one_colour_in_bars_lines_and_truth():
    truth = Timeline((Segment(0.0, 1.0, "squat", 1.0, 0), Segment(1.0, 1.5, "elsewhere", 1.0, 0)))
    figure = drawn([0] * 10 + [2] * 5, truth)
    colours: dict[str, set[str]] = {}
    for trace in figure["data"]:
        colours.setdefault(trace["name"], set()).add(trace["marker" if trace["type"] == "bar" else "line"]["color"])
    assert all(len(found) == 1 for found in colours.values())
    assert len(set.union(*colours.values())) == len(colours)
    assert {trace["y"][0] for trace in bars(figure)} == {"recognised", "true"}


def test_long_videos_are_drawn_with_no_more_points_than_a_screen_shows():
    figure = drawn([0] * 50_000)
    for trace in lines(figure):
        x = numbers(trace["x"])
        assert len(x) <= 2000
        assert (x[0], x[-1]) == (0.0, 4999.9)
    assert len(json.dumps(figure)) < 400_000


def test_only_labels_with_some_probability_get_a_line():
    assert [trace["name"].split()[0] for trace in lines(drawn([0] * 5))] == ["squat", "&lt;b&gt;jump&lt;/b&gt;", "walk"]


def test_it_suits_light_and_dark_pages_and_phones():
    layout = drawn([0] * 5)["layout"]
    assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == ("rgba(0,0,0,0)", "rgba(0,0,0,0)")
    assert "font" not in layout
    assert layout["legend"]["orientation"] == "h"
    assert max(layout["margin"].values()) <= 10
