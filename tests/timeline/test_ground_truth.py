"""Ground truth tables, hand-written and malicious."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.errors import GroundTruthInvalid
from har.exports import FORMATS
from har.timeline import EXAMPLE_TABLE, MAX_TABLE_BYTES, parse_ground_truth, read_table
from tests.exports.data import document, frame_labels

HEADER = "start_sec,end_sec,label\n"


def read(text, duration_sec=10.0):
    return summary(parse_ground_truth(text.encode(), duration_sec))


def summary(timeline):
    return [(part.start_sec, part.end_sec, part.label) for part in timeline.segments]


def test_times_without_a_row_are_background():
    assert read(HEADER + "1,2.5,walk\n2.5,4,sit down\n6,7,walk\n") == [
        (0, 1, None),
        (1, 2.5, "walk"),
        (2.5, 4, "sit down"),
        (4, 6, None),
        (6, 7, "walk"),
        (7, 10, None),
    ]


def test_the_example_table_is_valid():
    assert [label for _, _, label in read(EXAMPLE_TABLE)] == ["walk", "sit down", None, "wave", None]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEADER + "0,10,a\n",  # as some spreadsheets begin
        HEADER.replace("\n", "\r\n") + "0,10,a\r\n\r\n",
        " Label ,START_SEC,confidence, end_sec\n a,0,0.4,10\n",
        HEADER + '"0","10.3","a"\n',  # an end slightly beyond the video
        HEADER + "5,10,a\n0,5.0004,a\n",  # in any order
        HEADER + "0,4,a\n4,10,a\n",
        "start_sec;end_sec;label\n0;2,5;a\n2,5;10,0;a\n",  # of spreadsheets in German, for example
        "start_sec\tend_sec\tlabel\n0\t2.5\ta\n2.5\t10\ta\n",
    ],
)
def test_equivalent_tables(text):
    assert read(text) == [(0, 10, "a")]


def test_exported_frame_table_is_read_back():
    names, index = ("=squat", "＝wave, with one hand"), (-1,) * 5 + (0,) * 10 + (1,) * 10
    frames = replace(frame_labels(names, index), times_sec=np.arange(25) / 10)
    table = FORMATS["csv"].write(document(frames=frames))
    assert read(table, 2.5) == [(0, 0.5, None), (0.5, 1.5, names[0]), (1.5, 2.5, names[1])]
    slow = FORMATS["csv"].write(document(frames=replace(frames, times_sec=np.arange(25) * 4.0)))
    assert read(slow, 97.5) == [(0, 20, None), (20, 60, names[0]), (60, 97.5, names[1])]


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("", "first line"),
        ("start;end;label\n0;1;a\n", "expected header"),
        ("start_sec;end_sec;label\n0;1,000,5;a\n", "not a number"),
        (HEADER, "contains no label"),
        (HEADER + "0,1,\n", "contains no label"),
        (HEADER + "0,1,a\n\n1,x,b\n", "‘x’ on line 4"),
        (HEADER + "0,nan,a\n", "‘nan’ on line 2"),
        (HEADER + "0,1e999,a\n", "‘1e999’ on line 2"),
        (HEADER + "0,1\n", "Line 2 has 2 of 3"),
        (HEADER + "1,1,a\n", "line 2 starts at 1 s and ends at 1 s"),
        (HEADER + "-1,1,a\n", "Line 2 is from -1 to 1 s, but the video is from 0 to 10.00 s"),
        (HEADER + "0,1,a\n9,11,b\n", "Line 3 is from 9 to 11"),
        (HEADER + "2,4,b\n0,3,a\n", "Lines 2 and 3 overlap"),
        (HEADER + "0,1," + 201 * "a", "on line 2 has 201"),
        (HEADER + '0,1,"a\n', "not CSV"),
        (HEADER + "0,1,a\0\n", "Line 2 contains a NUL"),
        (HEADER + "".join(f"{at / 1000},{(at + 1) / 1000},{at % 2}\n" for at in range(6000)), "6000 segments"),
        ("time_sec,label\n0,a\n1,a\n1,b\n", "line 4 is not after"),
        ("time_sec,label\n0,a\n11,a\n", "Line 2 is from 0 to 11"),
    ],
)
def test_invalid_tables_are_refused_with_their_line(text, received):
    with pytest.raises(GroundTruthInvalid, match=received):
        read(text)


def test_invalid_text_and_large_tables_are_refused(monkeypatch):
    with pytest.raises(GroundTruthInvalid, match="Line 3 is not valid UTF-8"):
        parse_ground_truth(HEADER.encode() + b"0,1,a\n1,2,\xff\xfe\n", 10.0)
    with pytest.raises(GroundTruthInvalid, match="larger than 4 MB"):
        parse_ground_truth(b"a" * (MAX_TABLE_BYTES + 1), 10.0)
    monkeypatch.setattr("har.timeline.ground_truth._MAX_ROWS", 5)
    with pytest.raises(GroundTruthInvalid, match="more rows than allowed at line 7"):
        parse_ground_truth(HEADER.encode() + b"0,1,a\n" * 6, 10.0)


def test_tables_are_read_from_files(tmp_path):
    with pytest.raises(GroundTruthInvalid, match="cannot be opened"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(GroundTruthInvalid, match="cannot be opened"):
        read_table(tmp_path)
    (tmp_path / "truth.csv").write_text(HEADER + "0,1,a\n")
    assert summary(parse_ground_truth(read_table(tmp_path / "truth.csv"), 1.0)) == [(0, 1, "a")]


numbers = st.one_of(st.floats(), st.floats(-1, 11), st.integers(-1, 11)).map(str)
cells = st.one_of(numbers, st.text(max_size=5), st.sampled_from(['"', "a", "b", ""]))
tables = st.lists(st.lists(cells, max_size=5).map(",".join), max_size=8).map(lambda rows: HEADER + "\n".join(rows))


@pytest.mark.promise("hostile", "Ground truth is a timeline of the video, or refused with its line")
@given(st.one_of(tables.map(str.encode), st.binary(max_size=60), st.binary(max_size=30).map(HEADER.encode().__add__)))
def test_random_input_is_a_timeline_of_the_video_or_refused(data):
    try:
        timeline = parse_ground_truth(data, 10.0)
    except GroundTruthInvalid:
        return
    assert timeline.duration_sec == 10.0
    assert any(part.label for part in timeline.segments)
