"""What each format writes, and that a label cannot be taken for anything else."""

import csv
import io
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.exports import FORMATS
from har.timeline import Segment
from tests.exports.data import document, frame_labels


def rows_of(names, index):
    text = FORMATS["csv"].write(document(frames=frame_labels(names, index)))
    return list(csv.reader(io.StringIO(text, newline="")))


def write_json(*segments, **changes):
    return json.loads(FORMATS["json"].write(document(*segments, **changes)))


@pytest.mark.promise("private", "Downloads do not reveal folders of the server")
@pytest.mark.parametrize("name", FORMATS)
def test_no_format_reveals_the_video_s_folder(name):
    assert "private" not in FORMATS[name].write(document())


@pytest.mark.promise("numbers", "The frame table has one row per frame")
def test_csv_has_one_row_per_frame_and_no_label_where_unsure():
    assert rows_of(("squat", "bench, press"), (0, -1, 1)) == [
        ["frame", "time_sec", "label", "confidence"],
        ["0", "0.000000", "squat", "0.250000"],
        ["1", "0.033367", "", "0.500000"],
        ["2", "0.066733", "bench, press", "0.750000"],
    ]


@pytest.mark.promise("hostile", "Labels are not formulas in spreadsheets")
@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_csv_labels_are_not_formulas(label):
    assert rows_of((label,), (0,))[1][2] == "'" + label.strip()


def test_csv_labels_stay_in_their_row():
    assert len(rows_of(('a\r\nb\n"c',), (0,))) == 2


def test_json_has_video_classifier_settings_verdict_and_segments():
    content = write_json(Segment(0.0, 1.0, "squat", 0.75, 2), Segment(1.0, 3.0, None, 1 / 3, 1))
    assert content["video"]["name"] == "Clip ü.mp4"
    assert (content["video"]["fps"], content["video"]["frame_count"]) == ("30000/1001", 3)
    assert content["classifier"]["name"] == "lrcn-figures"
    assert (content["settings"]["labels"], content["settings"]["threshold"]) == (["squat"], 0.4)
    assert content["verdict"] == [{"label": "squat", "probability": 0.7}]
    assert content["segments"] == [
        {"start_sec": 0.0, "end_sec": 1.0, "label": "squat", "confidence": 0.75, "support": 2},
        {"start_sec": 1.0, "end_sec": 3.0, "label": None, "confidence": 0.333333, "support": 1},
    ]
    assert content["stopped"] is False


def test_json_has_cuts_and_warnings():
    assert write_json()["video"]["cuts_sec"] == []
    content = write_json(cuts_sec=(1.04, 2.0000004), warning="The file is truncated.", stopped=True)
    assert content["video"]["cuts_sec"] == [1.04, 2.0]
    assert (content["video"]["warning"], content["stopped"]) == ("The file is truncated.", True)


def test_captions_leave_a_gap_where_unsure():
    segments = (Segment(0, 1.5, "squat", 0.5, 1), Segment(1.5, 2, None, 0.2, 1), Segment(2, 3700, "jump", 1, 1))
    assert FORMATS["vtt"].write(document(*segments)).split("\n\n") == [
        "WEBVTT",
        "1\n00:00:00.000 --> 00:00:01.500\nsquat",
        "2\n00:00:02.000 --> 01:01:40.000\njump\n",
    ]
    assert FORMATS["srt"].write(document(*segments)).split("\n\n") == [
        "1\n00:00:00,000 --> 00:00:01,500\nsquat",
        "2\n00:00:02,000 --> 01:01:40,000\njump\n",
    ]


@pytest.mark.parametrize(
    ("label", "vtt", "srt"),
    [
        ("a --> b", "a --&gt; b", "a --＞ b"),
        ("<b>x & y", "&lt;b&gt;x &amp; y", "＜b＞x & y"),
        ("{\\an8}x\\Ny", "&#123;&#92;an8&#125;x&#92;Ny", "｛＼an8｝x＼Ny"),
        ("new\n\n2\u2028line\0", "new 2 line", "new 2 line"),
        ("太極拳 🥋", "太極拳 🥋", "太極拳 🥋"),
    ],
)
def test_caption_labels_are_escaped(label, vtt, srt):
    for name, expected in (("vtt", vtt), ("srt", srt)):
        lines = FORMATS[name].write(document(Segment(0.0, 1.0, label, 0.5, 1))).splitlines()
        time_line = next(number for number, line in enumerate(lines) if line.startswith("00:00:00"))
        assert lines[time_line + 1 :] == [expected]


@given(st.text(), st.sampled_from(["vtt", "srt"]))
def test_caption_labels_never_add_a_line_or_a_time(label, name):
    text = FORMATS[name].write(document(Segment(0.0, 1.0, label, 0.5, 1), Segment(1.0, 2.0, "end", 0.5, 1)))
    assert text.count("-->") == (2 if text.count("00:00:00") else 1)
    assert len(text.strip().splitlines()) <= (9 if name == "vtt" else 7)


@given(st.lists(st.floats(1e-5, 3), min_size=1, max_size=20))
def test_cues_never_overlap(steps):
    bounds = [0.0, *np.cumsum(steps).tolist()]
    segments = [Segment(start, end, "ab"[number % 2], 0.5, 1) for number, (start, end) in enumerate(pairwise(bounds))]
    lines = FORMATS["srt"].write(document(*segments)).splitlines()
    times = [time for line in lines if "-->" in line for time in line.split(" --> ")]
    assert times == sorted(times)
