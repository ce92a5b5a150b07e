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
    parts = read_any(text, TARGET).timeline.segments
    assert [(part.label, part.mark) for part in parts] == [
        ("squat", "corrected"), (None, "corrected"), ("wave", "corrected"), (None, "corrected"),
    ]  # fmt: skip
    assert [round(part.start_sec * float(FPS)) for part in parts] == [0, 30, 99, 200]


def test_ranges_that_share_a_frame_do_not_overlap():
    parts = read_any(json.dumps([task(region(1, 50, "a"), region(50, 300, "b"))]), TARGET).timeline.segments
    assert [(part.label, round(part.end_sec * float(FPS))) for part in parts] == [("a", 50), ("b", 300)]


def test_name_selects_one_of_several_videos():
    text = json.dumps([task(region(1, 300, "a"), video="a.mp4"), task(region(1, 300, "b"), video="s3://x/b.mp4?y")])
    assert read_any(text, replace(TARGET, name="b")).timeline.segments[0].label == "b"
    with pytest.raises(CorrectionsInvalid, match="2 videos"):
        read_any(text, replace(TARGET, name="c"))


def seconds(start, end, *labels, **changes):
    value = {"start": start, "end": end, "channel": 0, "labels": list(labels)}
    return {"id": "s", "type": "labels", "from_name": "tricks", "to_name": "audio", "value": value, **changes}


def test_labels_on_the_sound_are_read_in_seconds():
    text = json.dumps([task(seconds(0.0, 5.0, "a", original_length=DURATION), seconds(5.0, DURATION, "b"))])
    imported = read_any(text, TARGET)
    assert [(part.label, part.start_sec) for part in imported.timeline.segments] == [("a", 0.0), ("b", 5.0)]
    assert imported.left_out is None


BOX = {"type": "videorectangle", "value": {"sequence": [{"frame": 1, "x": 2}], "labels": ["a"], "ranges": "other"}}
CHOICE = {"type": "choices", "value": {"choices": ["good"]}}
WORDS = {"type": "labels", "value": {"start": "/div[1]/text()[1]", "end": 7, "text": "word", "labels": ["a"]}}


def test_regions_that_are_no_segments_are_left_out_and_named():
    text = json.dumps([task(region(1, 300, "a"), BOX, CHOICE, BOX, WORDS)])
    imported = read_any(text, TARGET)
    assert [part.label for part in imported.timeline.segments] == ["a"]
    assert imported.left_out is not None
    for words in ("2 of type 'videorectangle'", "1 of type 'choices'", "1 of type 'labels'"):
        assert words in imported.left_out


def test_regions_of_no_label_or_of_several_are_left_out_and_counted():
    imported = read_any(json.dumps([task(region(1, 150, "a"), region(151, 200, "a", "b"), region(201, 300))]), TARGET)
    assert [part.label for part in imported.timeline.segments] == ["a", None]
    assert imported.left_out == "Left out, because they are no segments of one label: 1 with 2 labels, 1 with 0 labels."


@pytest.mark.parametrize("regions", [(BOX,), (CHOICE, WORDS), ({"type": "timeserieslabels", "value": {}},), ()])
def test_a_file_without_segments_is_refused_rather_than_unsure(regions):
    with pytest.raises(CorrectionsInvalid, match=regions[0]["type"] if regions else "no regions"):
        read_any(json.dumps([task(*regions)]), TARGET)


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
@pytest.mark.parametrize("key", ["video", "film_url"])
def test_a_task_is_found_by_its_video_s_name_despite_additions(form, name, key):
    stem = name.rsplit(".", 1)[0].removeprefix("v_").removeprefix("6f3c0f57-")
    tasks = [
        task(region(1, 300, label), data={"id": "7", key: form.format(it)}) for it, label in [("x", "a"), (stem, "b")]
    ]
    assert read_any(json.dumps(tasks), replace(TARGET, name=unquote(name))).timeline.segments[0].label == "b"


def test_uploaded_names_without_spaces_and_special_characters_are_recognised():
    tasks = [
        task(region(1, 300, label), video=f"/data/upload/1/{it}.mp4")
        for it, label in [("0a1b2c3d-My_clip_1", "a"), ("0a1b2c3e-y", "b")]
    ]
    assert read_any(json.dumps(tasks), replace(TARGET, name="My clip (1).mp4")).timeline.segments[0].label == "a"


def test_the_same_name_is_preferred_to_a_similar_one():
    tasks = [task(region(1, 300, label), video=it) for it, label in [("0a1b2c3d-x.mp4", "a"), ("x.mp4", "b")]]
    assert read_any(json.dumps(tasks), replace(TARGET, name="x.mp4")).timeline.segments[0].label == "b"


def test_two_tasks_of_one_name_are_refused():
    tasks = [task(region(1, 300, "a"), video=f"/data/upload/1/0a1b2c3{n}-x.mp4") for n in range(2)]
    with pytest.raises(CorrectionsInvalid, match="2 videos"):
        read_any(json.dumps(tasks), replace(TARGET, name="x.mp4"))


def test_cancelled_annotations_are_ignored():
    work = task(region(1, 300, "a"))
    work["annotations"].append({"was_cancelled": True, "result": [region(1, 300, "b")]})
    assert read_any(json.dumps(work), TARGET).timeline.segments[0].label == "a"


def database(*annotations, duration=DURATION):
    video = {"duration": duration, "subset": "validation", "annotations": list(annotations)}
    return {"version": "VERSION 1.3", "taxonomy": [], "database": {"v_x": video}}


def test_activitynet_segments_are_imported_as_corrected():
    text = json.dumps(database({"label": "Long jump", "segment": [2.0, 4.5]}))
    assert [(p.label, p.mark, p.start_sec) for p in read_any(text, TARGET).timeline.segments] == [
        (None, "corrected", 0.0), ("Long jump", "corrected", 2.0), (None, "corrected", 4.5),
    ]  # fmt: skip


def test_activitynet_annotations_that_are_no_segments_are_left_out_and_counted():
    others = ({"label": "b", "segment": None}, {"label": "b"}, {"segment": [0, 1]}, "b", {"label": "b", "segment": [1]})
    imported = read_any(json.dumps(database({"label": "a", "segment": [0, 2.0]}, *others)), TARGET)
    assert [part.label for part in imported.timeline.segments] == ["a", None]
    assert imported.left_out == "Left out: 5 annotations without a label or without two times."
    with pytest.raises(CorrectionsInvalid, match="None of its 5 annotations has a label"):
        read_any(json.dumps(database(*others)), TARGET)


def test_activitynet_ids_are_found_with_and_without_v_():
    content = database({"label": "a", "segment": [0, DURATION]})
    content["database"] = {"x.y": {"annotations": []}, "--1DO2V4K74": content["database"]["v_x"]}
    for name in ("v_--1DO2V4K74.mp4", "--1DO2V4K74.mkv"):
        assert read_any(json.dumps(content), replace(TARGET, name=name)).timeline.segments[0].label == "a"
    with pytest.raises(CorrectionsInvalid, match="no segment"):
        read_any(json.dumps(content), replace(TARGET, name="x.y.mp4"))


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
    text = json.dumps(own_json((0, DURATION, odd)))
    assert read_any(text, replace(TARGET, labels=(odd,))).timeline.segments[0].label == odd
    with pytest.raises(CorrectionsInvalid, match="invalid label"):
        read_any(text, TARGET)
