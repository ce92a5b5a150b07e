"""Timelines exported for other programs and imported again, and malicious files."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.errors import CorrectionsInvalid
from har.exports import FORMATS, MAX_IMPORT_BYTES, ImportTarget, read_any
from har.timeline import Segment
from tests.exports.data import document

FPS = Fraction(30000, 1001)
FRAMES = 300
DURATION = float(FRAMES / FPS)
TARGET = ImportTarget(FPS, DURATION)
READABLE = [name for name, entry in FORMATS.items() if entry.read]


def write(name, *parts):
    """A document with parts of a first frame, a label and a mark."""
    starts = [float(first / FPS) for first, *_ in parts] + [DURATION]
    segments = [
        Segment(start, end, label, 0.5, 1, mark)
        for (_, label, mark), start, end in zip(parts, starts, starts[1:], strict=False)
    ]
    return FORMATS[name].write(document(*segments, duration_sec=DURATION))


def summary(timeline):
    return [(round(part.start_sec * float(FPS)), part.label, part.mark) for part in timeline.segments]


LABELS = st.sampled_from([None, "squat", "tai chi", "Über ‘x’ & <b>", "a" * 100])


@st.composite
def cuts(draw, corrected):
    """Parts of a video, without two unsure neighbours: formats that leave gaps cannot keep them apart."""
    firsts = [0, *sorted(draw(st.sets(st.integers(1, FRAMES - 1), max_size=8)))]
    parts, before = [], "none yet"
    for first in firsts:
        label = draw(LABELS.filter(lambda label, before=before: label is not None or before is not None))
        mark = draw(st.sampled_from(["corrected", "confirmed", None])) if corrected and label else None
        parts.append((first, label, "corrected" if corrected and label is None else mark))
        before = label
    if corrected and not any(label and mark for _, label, mark in parts):
        parts[0] = (0, "squat", "corrected")
        if len(parts) > 1 and parts[1][1] is None:
            parts[1] = (parts[1][0], None, "corrected")
    return parts


@pytest.mark.parametrize("name", READABLE)
@given(parts=cuts(corrected=True) | cuts(corrected=False))
def test_exported_timelines_are_imported_unchanged(name, parts):
    if name == "activitynet" and not any(label for _, label, _ in parts):
        return  # nothing says whether an empty list is a person's work
    assert summary(read_any(write(name, *parts), TARGET)) == parts


# The published forms: https://labelstud.io/guide/predictions and http://activity-net.org/download.html

PARTS = ((0, "squat", None), (30, None, None), (60, "wave", "corrected"), (61, "squat", "confirmed"))


def test_label_studio_files_have_the_published_form():
    (task,) = json.loads(write("label-studio", *PARTS))
    assert task["data"] == {"video": "Clip ü.mp4", "fps": float(FPS), "duration_sec": round(DURATION, 6)}
    assert set(task) == {"data", "annotations"}
    (annotation,) = task["annotations"]
    regions = annotation["result"]
    assert [(part["value"]["ranges"], part["value"]["timelinelabels"], part["meta"]["text"]) for part in regions] == [
        ([{"start": 1, "end": 30}], ["squat"], ["classifier"]),
        ([{"start": 61, "end": 61}], ["wave"], ["corrected"]),
        ([{"start": 62, "end": FRAMES}], ["squat"], ["confirmed"]),
    ]
    assert {(part["type"], part["from_name"], part["to_name"]) for part in regions} == {
        ("timelinelabels", "timelineLabels", "video")
    }
    assert len({part["id"] for part in regions}) == 3


def test_uncorrected_timelines_are_predictions_for_label_studio():
    (task,) = json.loads(write("label-studio", (0, "squat", None)))
    assert "annotations" not in task
    assert task["predictions"][0]["model_version"] == "lrcn-figures"
    assert task["predictions"][0]["result"][0]["score"] == 0.5


def test_activitynet_files_have_the_published_form():
    content = json.loads(write("activitynet", *PARTS))
    video = content["database"]["Clip ü"]
    assert (content["version"], content["taxonomy"]) == ("VERSION 1.3", [])
    assert set(video) == {"duration", "subset", "resolution", "url", "annotations"}
    assert (video["subset"], video["resolution"], video["duration"]) == ("training", "320x240", round(DURATION, 6))
    assert [part["label"] for part in video["annotations"]] == ["squat", "wave", "squat"]
    assert video["annotations"][0]["segment"] == pytest.approx([0.0, 1.001])


# Files of other programs


def region(start, end, *labels, kind="timelinelabels"):
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": list(labels)}
    return {"id": "x", "type": kind, "from_name": "videoLabels", "to_name": "video", "value": value}


def task(*regions, video="/data/upload/1/abc-clip.mp4", **changes):
    done = {"id": 1, "completed_by": 1, "was_cancelled": False, "result": list(regions)}
    return {"id": 7, "data": {"video": video}, "annotations": [done], "predictions": [], **changes}


def test_label_studio_annotations_are_imported_as_corrected():
    text = json.dumps(
        [task(region(100, 200, "wave"), region(1, 30, "squat"), region(3, 9, "box", kind="videorectangle"))]
    )
    parts = read_any(text, TARGET).segments
    assert [(part.label, part.mark) for part in parts] == [
        ("squat", "corrected"), (None, "corrected"), ("wave", "corrected"), (None, "corrected"),
    ]  # fmt: skip
    assert [round(part.start_sec * float(FPS)) for part in parts] == [0, 30, 99, 200]


def test_ranges_that_share_a_frame_do_not_overlap():
    parts = read_any(json.dumps([task(region(1, 50, "a"), region(50, 300, "b"))]), TARGET).segments
    assert [(part.label, round(part.end_sec * float(FPS))) for part in parts] == [("a", 50), ("b", 300)]


def test_name_selects_one_of_several_videos():
    text = json.dumps([task(region(1, 300, "a"), video="a.mp4"), task(region(1, 300, "b"), video="s3://x/b.mp4?y")])
    assert read_any(text, replace(TARGET, name="b")).segments[0].label == "b"
    with pytest.raises(CorrectionsInvalid, match="2 videos"):
        read_any(text, replace(TARGET, name="c"))


def test_cancelled_annotations_are_ignored():
    work = task(region(1, 300, "a"))
    work["annotations"].append({"was_cancelled": True, "result": [region(1, 300, "b")]})
    assert read_any(json.dumps(work), TARGET).segments[0].label == "a"


def database(*annotations, duration=DURATION):
    video = {"duration": duration, "subset": "validation", "annotations": list(annotations)}
    return {"version": "VERSION 1.3", "taxonomy": [], "database": {"v_x": video}}


def test_activitynet_segments_are_imported_as_corrected():
    text = json.dumps(database({"label": "Long jump", "segment": [2.0, 4.5]}))
    assert [(p.label, p.mark, p.start_sec) for p in read_any(text, TARGET).segments] == [
        (None, "corrected", 0.0), ("Long jump", "corrected", 2.0), (None, "corrected", 4.5),
    ]  # fmt: skip


def own_json(*segments, duration=DURATION):
    names = ("start_sec", "end_sec", "label")
    return {"video": {"duration_sec": duration}, "segments": [dict(zip(names, s, strict=True)) for s in segments]}


@pytest.mark.promise("hostile", "Malicious correction files are refused with a message")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        b"\xff\xfe\x00",
        "null",
        "7",
        "[]",
        "{}",
        "[" * 50_000 + "]" * 50_000,
        '{"a":' * 50_000,
        '{"database": {}}',
        '{"database": ' + "9" * 5000 + "}",
        " " * (MAX_IMPORT_BYTES + 1),
        json.dumps([task(region(1, 10, "a"))]).replace("10", "1e999"),
        json.dumps([task(region(1, 10, "a"))]).replace("10", "NaN"),
        json.dumps([task(region(1, 10, "a"))]).replace("10", '"ten"'),
        json.dumps([task(region(1, 10, "a", "b"))]),
        json.dumps([task(region(1, 10))]),
        json.dumps([task(region(1, 10, "a\u202eb"))]),
        json.dumps([task(region(1, 10, "x" * 101))]),
        json.dumps([task(region(1, 10, "a"), region(5, 20, "b"))]),
        json.dumps([task(region(1, 3000, "a"))]),
        json.dumps([task(region(-500, 20, "a"))]),
        json.dumps([task(region(5000, 6000, "a"))]),
        json.dumps([task(region(1, 10, "a"), annotations=[], predictions=[])]),
        json.dumps([{**task(region(1, 10, "a")), "data": {"video": "a.mp4", "duration_sec": 99.0}}]),
        json.dumps([task(region(1, 10, "a"))] * 2),
        json.dumps([task(*[region(1, 10, "a")] * 8001)]),
        json.dumps(database({"label": "a", "segment": [0, 1]}, duration=99.0)),
        json.dumps(database({"label": "a", "segment": [0, 1, 2]})),
        json.dumps(database({"label": "a", "segment": [0, float("inf")]})),
        json.dumps(database({"label": 7, "segment": [0, 1]})),
        json.dumps(database({"label": "a", "segment": [0, 5]}, {"label": "b", "segment": [3, 8]})),
        json.dumps(database(*[{"label": "a", "segment": [0, 1]}] * 2001)),
        json.dumps(own_json((0, 5, "a"), duration=99.0)),
        json.dumps(own_json((0, 5, "a"), (4, 8, "b"))),
        json.dumps(own_json((0, 5, ["a"]))),
        json.dumps(own_json((0, float("nan"), "a"))),
    ],
)
def test_malicious_files_are_refused_with_a_readable_message(text):
    with pytest.raises(CorrectionsInvalid) as refusal:
        read_any(text, TARGET)
    assert len(str(refusal.value)) < 700
    assert str(refusal.value).isprintable()


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_random_input_is_refused(text):
    with pytest.raises(CorrectionsInvalid):
        read_any(text, TARGET)


def test_classifier_labels_are_imported_whatever_they_look_like():
    odd = "=cmd()\u202e" + "x" * 200
    text = json.dumps(own_json((0, DURATION, odd)))
    assert read_any(text, replace(TARGET, labels=(odd,))).segments[0].label == odd
    with pytest.raises(CorrectionsInvalid, match="invalid label"):
        read_any(text, TARGET)
