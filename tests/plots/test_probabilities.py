"""The chart of probabilities: lines that end where nothing is known, text that stays text."""

import json

import numpy as np

from har.plots import probabilities_figure
from har.timeline import FrameLabels, timeline_colours
from tests.plots.drawn import as_json, numbers

NAMES = ("squat", "<b>jump</b> %{y}", "walk", "never")


def frame_labels(index):
    count = len(index)
    values = np.tile(np.array([0.6, 0.3, 0.1], np.float32), (count, 1))
    times, indices, top = np.arange(count) / 10, np.array(index, np.int64), np.tile([0, 1, 2], (count, 1))
    return FrameLabels(times, indices, values[:, 0].copy(), top, values, np.ones(count, np.int64), NAMES)


def lines(labels):
    return [trace for trace in as_json(probabilities_figure(labels))["data"] if trace["type"] == "scatter"]


def test_labels_with_some_probability_get_a_line_and_are_no_markup():
    found = lines(frame_labels([1] * 5))
    assert [trace["name"].split()[0] for trace in found] == ["squat", "&lt;b&gt;jump&lt;/b&gt;", "walk"]
    for trace in found:
        assert "%{y}&" not in trace["hovertemplate"].replace("</b>", "&")


def test_a_label_has_the_colour_that_it_has_on_the_timeline():
    labels = frame_labels([0] * 10 + [2] * 5)
    known = {name: colour for name, colour in timeline_colours(labels).items() if name is not None}
    assert [trace["line"]["color"] for trace in lines(labels)] == list(known.values())


def test_a_line_ends_where_nothing_is_known():
    labels = frame_labels([0] * 4)
    labels.top_index[2:, 0] = -1
    (squat,) = (trace for trace in lines(labels) if trace["name"] == "squat")
    assert np.isnan(np.array(numbers(squat["y"]), float)).tolist() == [False, False, True, True]


def test_long_videos_are_drawn_with_no_more_points_than_a_screen_shows():
    found = lines(frame_labels([0] * 50_000))
    for trace in found:
        x = numbers(trace["x"])
        assert len(x) <= 2000
        assert (x[0], x[-1]) == (0.0, 4999.9)
    assert len(json.dumps(found)) < 400_000
