"""The chart of probabilities: lines that end where nothing is known, text that stays text."""

import json

import numpy as np

from har.plots import probabilities_figure
from har.timeline import FrameLabels, timeline_colours

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


def drawn(index):
    return json.loads(probabilities_figure(frame_labels(index)).to_json())


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


def test_a_label_is_no_markup():
    figure = drawn([1] * 5)
    names = [trace["name"] for trace in figure["data"] if "jump" in trace["name"]]
    assert names
    for trace in figure["data"]:
        assert "<b>jump" not in trace["name"]
        assert "%{y}&" not in trace["hovertemplate"].replace("</b>", "&")


def test_a_label_has_the_colour_that_it_has_on_the_timeline():
    labels = frame_labels([0] * 10 + [2] * 5)
    known = {name: colour for name, colour in timeline_colours(labels).items() if name is not None}
    assert [trace["line"]["color"] for trace in lines(drawn([0] * 10 + [2] * 5))] == list(known.values())


def test_a_line_ends_where_nothing_is_known():
    labels = frame_labels([0] * 4)
    labels.top_index[2:, 0] = -1
    figure = json.loads(probabilities_figure(labels).to_json())
    (squat,) = (trace for trace in lines(figure) if trace["name"] == "squat")
    assert np.isnan(np.array(numbers(squat["y"]), float)).tolist() == [False, False, True, True]


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
