"""The files people take away: what stands in them, and that a label cannot make them into something else."""

import csv
import io
import json
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from har.clips import ClipSpec
from har.exports import to_captions, to_csv, to_json
from har.timeline import FrameLabels, Scored, Segment, Timeline, TimelineOptions, WindowScores
from har.video import VideoInfo


@dataclass(frozen=True)
class Facts:
    name: str = "lrcn-figures"
    title: str = "LRCN"
    network: str = "lrcn"
    labels: tuple[str, ...] = ("squat", "jump")
    spec: ClipSpec = field(default_factory=ClipSpec)
    licence: str = "MIT"


@dataclass(frozen=True)
class Options:
    labels: tuple[str, ...] | None = None
    timeline: TimelineOptions = field(default_factory=TimelineOptions)


INFO = VideoInfo(
    path=Path("/somebody/else/Clip ü.mp4"),
    width=320,
    height=240,
    fps=Fraction(30000, 1001),
    duration_sec=3.0,
    frame_count=3,
    has_audio=False,
    codec="h264",
    container="mp4",
    variable_rate=False,
    size_bytes=1000,
    warning=None,
)


def frame_labels(names, index):
    count = len(index)
    return FrameLabels(
        times_sec=np.arange(count) * 1001 / 30000,
        label_index=np.array(index, np.int64),
        confidence=np.linspace(0.25, 0.75, count, dtype=np.float32),
        top_index=np.full((count, 3), -1, np.int64),
        top_probability=np.zeros((count, 3), np.float32),
        support=np.ones(count, np.int64),
        labels=names,
    )


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def document(label="squat", **changes):
    scores = WindowScores(("squat", "jump"), np.zeros(1), np.ones(1) * 3, np.array([[0.7, 0.3]], np.float32))
    scored = Scored(scores, np.arange(3.0), 3.0, **changes)
    timeline = Timeline((Segment(0.0, 1.0, label, 0.75, 2), Segment(1.0, 3.0, None, 1 / 3, 1)))
    return to_json(INFO, Facts(), Options(("squat",)), scored, [("squat", 0.7)], timeline)


def cue_lines(label, form):
    """Lines of the only cue's text, for a label that is the whole video."""
    text = to_captions(Timeline((Segment(0.0, 1.0, label, 0.5, 1),)), form)
    lines = text.splitlines()
    return lines[next(at for at, line in enumerate(lines) if line.startswith("00:00:00")) + 1 :]


def test_the_table_has_a_row_a_frame_and_no_label_where_unsure():
    assert rows_of(to_csv(frame_labels(("squat", "bench, press"), [0, -1, 1]))) == [
        ["frame", "time_sec", "label", "confidence"],
        ["0", "0.000000", "squat", "0.250000"],
        ["1", "0.033367", "", "0.500000"],
        ["2", "0.066733", "bench, press", "0.750000"],
    ]


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_a_label_is_no_formula_to_a_spreadsheet(label):
    (_, row) = rows_of(to_csv(frame_labels((label,), [0])))
    assert row[2] == "'" + label.strip()


def test_a_label_never_makes_a_second_row():
    assert len(to_csv(frame_labels(('a\r\nb\n"c',), [0])).splitlines()) == 2


def test_the_document_tells_the_video_the_classifier_the_settings_and_each_segment():
    got = json.loads(document())
    assert got["video"]["name"] == "Clip ü.mp4"
    assert (got["video"]["fps"], got["video"]["frame_count"]) == ("30000/1001", 3)
    assert got["classifier"]["name"] == "lrcn-figures"
    assert (got["settings"]["labels"], got["settings"]["threshold"]) == (["squat"], 0.4)
    assert got["verdict"] == [{"label": "squat", "probability": 0.7}]
    assert got["segments"] == [
        {"start_sec": 0.0, "end_sec": 1.0, "label": "squat", "confidence": 0.75, "support": 2},
        {"start_sec": 1.0, "end_sec": 3.0, "label": None, "confidence": 0.333333, "support": 1},
    ]
    assert got["stopped"] is False


def test_the_document_names_no_folder_of_this_machine():
    assert "somebody" not in document()


def test_what_could_not_be_read_stands_in_the_document():
    got = json.loads(document(warning="The file is cut off.", stopped=True))
    assert (got["video"]["warning"], got["stopped"]) == ("The file is cut off.", True)


def test_captions_leave_a_gap_where_unsure():
    timeline = Timeline(
        (Segment(0, 1.5, "squat", 0.5, 1), Segment(1.5, 2, None, 0.2, 1), Segment(2, 3700, "jump", 1, 1))
    )
    assert to_captions(timeline, "vtt").split("\n\n") == [
        "WEBVTT",
        "1\n00:00:00.000 --> 00:00:01.500\nsquat",
        "2\n00:00:02.000 --> 01:01:40.000\njump\n",
    ]
    assert to_captions(timeline, "srt").split("\n\n") == [
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
def test_a_label_stays_text_in_captions(label, vtt, srt):
    assert cue_lines(label, "vtt") == [vtt]
    assert cue_lines(label, "srt") == [srt]


@settings(max_examples=100, deadline=None)
@given(st.text(), st.sampled_from(["vtt", "srt"]))
def test_no_label_makes_a_second_line_or_a_time(label, form):
    text = to_captions(Timeline((Segment(0.0, 1.0, label, 0.5, 1), Segment(1.0, 2.0, "end", 0.5, 1))), form)
    assert text.count("-->") == (2 if text.count("00:00:00") else 1)
    assert len(text.strip().splitlines()) <= (9 if form == "vtt" else 7)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(1e-5, 3), min_size=1, max_size=20))
def test_cues_never_overlap(steps):
    bounds = [0.0, *np.cumsum(steps).tolist()]
    parts = [Segment(start, end, "ab"[at % 2], 0.5, 1) for at, (start, end) in enumerate(pairwise(bounds))]
    lines = to_captions(Timeline(tuple(parts)), "srt").splitlines()
    times = [time for line in lines if "-->" in line for time in line.split(" --> ")]
    assert times == sorted(times)


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "timeline.csv"
    write(path, "first ü \udcff")
    assert path.read_text("utf-8") == "first ü \\udcff"

    def full(self, data):
        raise OSError("no room")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no room"):
        write(path, "second")
    assert path.read_text("utf-8").startswith("first")
    assert [entry.name for entry in tmp_path.iterdir()] == ["timeline.csv"]
