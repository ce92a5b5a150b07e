"""Timelines exported for other programs and imported again, and malicious files."""

import json
from dataclasses import replace
from fractions import Fraction
from urllib.parse import unquote

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
CAPTIONS = ("srt", "vtt")  # which have no marks
READABLE = [name for name, entry in FORMATS.items() if entry.read and name not in CAPTIONS]


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
    if name != "json" and not any(label for _, label, _ in parts):
        return  # these formats leave out unsure, and a file without segments is refused
    assert summary(read_any(write(name, *parts), TARGET).timeline) == parts


def test_ranges_of_a_slow_video_may_end_with_its_last_frame():
    """Which is shown for less than the others."""
    slow = ImportTarget(Fraction(1, 4), 18.5)
    segments = [Segment(0.0, 8.0, "squat", 0.5, 1, None), Segment(8.0, 18.5, "wave", 0.5, 1, None)]
    made = document(*segments, duration_sec=18.5)
    text = FORMATS["label-studio"].write(replace(made, video=replace(made.video, fps=slow.fps)))
    assert [part.end_sec for part in read_any(text, slow).timeline.segments] == [8.0, 18.5]


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


def imported(content, **target):
    return read_any(json.dumps(content), replace(TARGET, **target))


def labels_of(content, **target):
    return [part.label for part in imported(content, **target).timeline.segments]


def region(start, end, *labels, kind="timelinelabels"):
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": list(labels)}
    return {"id": "x", "type": kind, "from_name": "videoLabels", "to_name": "video", "value": value}


def task(*regions, video="/data/upload/1/abc-clip.mp4", **changes):
    done = {"id": 1, "completed_by": 1, "was_cancelled": False, "result": list(regions)}
    return {"id": 7, "data": {"video": video}, "annotations": [done], "predictions": [], **changes}


def test_label_studio_annotations_are_imported_as_corrected():
    regions = (region(100, 200, "wave"), region(1, 30, "squat"), region(3, 9, "box", kind="videorectangle"))
    assert summary(imported([task(*regions)]).timeline) == [
        (0, "squat", "corrected"), (30, None, "corrected"), (99, "wave", "corrected"), (200, None, "corrected"),
    ]  # fmt: skip


def test_ranges_that_share_a_frame_do_not_overlap():
    parts = summary(imported([task(region(1, 50, "a"), region(50, 300, "b"))]).timeline)
    assert parts == [(0, "a", "corrected"), (50, "b", "corrected")]


def seconds(start, end, *labels, **changes):
    value = {"start": start, "end": end, "channel": 0, "labels": list(labels)}
    return {"id": "s", "type": "labels", "from_name": "tricks", "to_name": "audio", "value": value, **changes}


def test_labels_on_the_sound_are_read_in_seconds():
    found = imported([task(seconds(0.0, 5.0, "a", original_length=DURATION), seconds(5.0, DURATION, "b"))])
    assert [(part.label, part.start_sec) for part in found.timeline.segments] == [("a", 0.0), ("b", 5.0)]
    assert found.left_out is None


BOX = {"type": "videorectangle", "value": {"sequence": [{"frame": 1, "x": 2}], "labels": ["a"], "ranges": "other"}}
CHOICE = {"type": "choices", "value": {"choices": ["good"]}}
WORDS = {"type": "labels", "value": {"start": "/div[1]/text()[1]", "end": 7, "text": "word", "labels": ["a"]}}


def test_regions_that_are_no_segments_of_one_label_are_left_out_and_named():
    content = [task(region(1, 150, "a"), BOX, CHOICE, BOX, WORDS, region(151, 200, "a", "b"), region(201, 300))]
    assert labels_of(content) == ["a", None]
    assert imported(content).left_out == (
        "Left out, because they are no segments of one label: 2 of type 'videorectangle', 1 of type 'choices', "
        "1 of type 'labels', 1 with 2 labels, 1 with 0 labels."
    )


@pytest.mark.parametrize("regions", [(BOX,), (CHOICE, WORDS), ({"type": "timeserieslabels", "value": {}},), ()])
def test_a_file_without_segments_is_refused_rather_than_unsure(regions):
    with pytest.raises(CorrectionsInvalid, match=regions[0]["type"] if regions else "no regions"):
        imported([task(*regions)])


NAMES = [
    "/data/upload/3/6f3c0f57-{}.mp4",
    "/data/local-files/?d=clips/{}.mp4",
    "/data/local-files/?d=clips%2F{}.mp4",
    "s3://bucket/folder/{}.mp4?x=1",
    "https://host/v_{}.mkv",
    "gs://bucket/6F3C0F57-{}.mp4",
    "https://host/{}.mp4#t=3",
    "C:\\clips\\{}.MOV",
    "{}",
]


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("name", ["clip.mp4", "my%20clip.mp4", "v_My clip.mp4", "6f3c0f57-clip.mp4", "a.b-_1.webm"])
def test_a_task_is_found_by_its_video_s_name_despite_additions(form, name):
    stem = name.rsplit(".", 1)[0].removeprefix("v_").removeprefix("6f3c0f57-")
    tasks = [task(region(1, 300, it), data={"id": "7", "film_url": form.format(it)}) for it in ("x", stem)]
    assert labels_of(tasks, name=unquote(name)) == [stem]


@pytest.mark.parametrize(
    ("videos", "name", "found"),
    [
        (("a.mp4", "s3://x/b.mp4?y"), "b", 1),
        (("up/0a1b2c3d-My_clip_1.mp4", "up/0a1b2c3e-y.mp4"), "My clip (1).mp4", 0),  # without special characters
        (("0a1b2c3d-x.mp4", "x.mp4"), "x.mp4", 1),  # the same name is preferred to a similar one
    ],
)
def test_name_selects_one_of_several_videos(videos, name, found):
    assert labels_of([task(region(1, 300, video), video=video) for video in videos], name=name) == [videos[found]]


@pytest.mark.parametrize(
    ("videos", "name"), [(("a.mp4", "b.mp4"), "c"), (("up/0a1b2c30-x.mp4", "up/0a1b2c31-x.mp4"), "x.mp4")]
)
def test_several_videos_of_another_name_or_of_one_name_are_refused(videos, name):
    with pytest.raises(CorrectionsInvalid, match="2 videos"):
        imported([task(region(1, 300, "a"), video=video) for video in videos], name=name)


def test_cancelled_annotations_are_ignored():
    work = task(region(1, 300, "a"))
    work["annotations"].append({"was_cancelled": True, "result": [region(1, 300, "b")]})
    assert labels_of(work) == ["a"]


def database(*annotations, duration=DURATION):
    video = {"duration": duration, "subset": "validation", "annotations": list(annotations)}
    return {"version": "VERSION 1.3", "taxonomy": [], "database": {"v_x": video}}


def test_activitynet_segments_are_imported_as_corrected():
    segments = imported(database({"label": "Long jump", "segment": [2.0, 4.5]})).timeline.segments
    assert [(part.label, part.mark, part.start_sec) for part in segments] == [
        (None, "corrected", 0.0), ("Long jump", "corrected", 2.0), (None, "corrected", 4.5),
    ]  # fmt: skip


def test_activitynet_annotations_that_are_no_segments_are_left_out_and_counted():
    others = ({"label": "b", "segment": None}, {"label": "b"}, {"segment": [0, 1]}, "b", {"label": "b", "segment": [1]})
    content = database({"label": "a", "segment": [0, 2.0]}, *others)
    assert labels_of(content) == ["a", None]
    assert imported(content).left_out == "Left out: 5 annotations without a label or without two times."
    with pytest.raises(CorrectionsInvalid, match="None of its 5 annotations has a label"):
        imported(database(*others))


def test_activitynet_ids_are_found_with_and_without_v_():
    content = database({"label": "a", "segment": [0, DURATION]})
    content["database"] = {"x.y": {"annotations": []}, "--1DO2V4K74": content["database"]["v_x"]}
    for name in ("v_--1DO2V4K74.mp4", "--1DO2V4K74.mkv"):
        assert labels_of(content, name=name) == ["a"]
    with pytest.raises(CorrectionsInvalid, match="no segment"):
        imported(content, name="x.y.mp4")


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
        "[]",
        "{}",
        "[" * 50_000 + "]" * 50_000,
        '{"a":' * 50_000,
        '{"database": {}}',
        '{"database": ' + "9" * 5000 + "}",
        " " * (MAX_IMPORT_BYTES + 1),
        *(json.dumps([task(region(1, 10, "a"))]).replace("10", end) for end in ("1e999", "NaN", '"ten"')),
        json.dumps([task(region(1, 10, "a\u202eb"))]),
        json.dumps([task(region(1, 10, "a"), region(5, 20, "b"))]),
        json.dumps([task(region(1, 3000, "a"))]),
        json.dumps([task(region(-500, 20, "a"))]),
        json.dumps([task(region(5000, 6000, "a"))]),
        json.dumps([task(region(1, 10, "a"), annotations=[], predictions=[])]),
        json.dumps([{**task(region(1, 10, "a")), "data": {"video": "a.mp4", "duration_sec": 99.0}}]),
        json.dumps([task(region(1, 10, "a"))] * 2),
        json.dumps([task(*[region(1, 10, "a")] * 8001)]),
        json.dumps([task(seconds(0, 5, "a", original_length=99.0))]),
        json.dumps([task(seconds("soon", 5, "a"))]),
        json.dumps([task({"type": "x\u202e" * 400, "value": {}})]),
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
    content = own_json((0, DURATION, odd))
    assert labels_of(content, labels=(odd,)) == [odd]
    with pytest.raises(CorrectionsInvalid, match="invalid label"):
        imported(content)
