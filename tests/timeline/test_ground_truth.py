"""Tables of what truly happens, from people who write them by hand and from people who mean harm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from har.errors import TruthRefused
from har.exports import to_csv
from har.timeline import EXAMPLE, MOST_BYTES, FrameLabels, open_truth, read_truth

HEADER = "start_sec,end_sec,label\n"


def read(text, duration_sec=10.0):
    return told(read_truth(text.encode(), duration_sec))


def told(timeline):
    return [(part.start_sec, part.end_sec, part.label) for part in timeline.segments]


def test_what_has_no_row_is_nothing():
    assert read(HEADER + "1,2.5,walk\n2.5,4,sit down\n6,7,walk\n") == [
        (0, 1, None),
        (1, 2.5, "walk"),
        (2.5, 4, "sit down"),
        (4, 6, None),
        (6, 7, "walk"),
        (7, 10, None),
    ]


def test_the_example_that_is_given_away_can_be_read():
    assert [label for _, _, label in read(EXAMPLE)] == ["walk", "sit down", None, "wave", None]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEADER + "0,10,a\n",  # as some spreadsheets begin
        HEADER.replace("\n", "\r\n") + "0,10,a\r\n\r\n",
        " Label ,START_SEC,confidence, end_sec\n a,0,0.4,10\n",
        HEADER + '"0","10.3","a"\n',  # the end is told a little differently
        HEADER + "5,10,a\n0,5.0004,a\n",  # in any order; one
        HEADER + "0,4,a\n4,10,a\n",
    ],
)
def test_spellings_of_the_same(text):
    assert read(text) == [(0, 10, "a")]


def test_our_own_table_of_frames_is_read_as_it_was_meant():
    index = np.array([-1] * 5 + [0] * 10 + [1] * 10, np.int64)
    tops, shares = np.full((25, 3), -1, np.int64), np.zeros((25, 3), np.float32)
    names = ("=squat", "wave, with one hand")
    frames = FrameLabels(np.arange(25) / 10, index, shares[:, 0], tops, shares, np.ones(25, np.int64), names)
    assert read(to_csv(frames), 2.5) == [(0, 0.5, None), (0.5, 1.5, names[0]), (1.5, 2.5, names[1])]


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("", "first line"),
        ("0,1,walk\n", "first line"),
        ("start_sec;end_sec;label\n0;1;a\n", "with commas"),
        (HEADER, "names no action"),
        (HEADER + "0,1,\n", "names no action"),
        (HEADER + "0,1,a\n\n1,x,b\n", "‘x’ on line 4"),
        (HEADER + "0,nan,a\n", "‘nan’ on line 2"),
        (HEADER + "-inf,1,a\n", "‘-inf’ on line 2"),
        (HEADER + "0,1e999,a\n", "‘1e999’ on line 2"),
        (HEADER + "0,1\n", "Line 2 has 2 of 3"),
        (HEADER + "2,1,a\n", "Line 2 ends at 1 s and begins at 2 s"),
        (HEADER + "1,1,a\n", "Line 2 ends"),
        (HEADER + "-1,1,a\n", "Line 2 is from -1 to 1 s, the video from 0 to 10.00 s"),
        (HEADER + "0,1,a\n9,11,b\n", "Line 3 is from 9 to 11"),
        (HEADER + "0,3,a\n2,4,b\n", "Lines 2 and 3 overlap"),
        (HEADER + "2,4,b\n0,3,a\n", "Lines 2 and 3 overlap"),
        (HEADER + "0,1," + 201 * "a", "on line 2 has 201"),
        (HEADER + '0,1,"a\n', "not CSV"),
        (HEADER + "0,1,a\0\n", "Line 2 holds"),
        (HEADER + "".join(f"{at / 1000},{(at + 1) / 1000},{at % 2}\n" for at in range(6000)), "6000 segments"),
        ("time_sec,label\n0,a\n1,a\n1,b\n", "line 4 is not after"),
        ("time_sec,label\n0,a\n11,a\n", "Line 2 is from 0 to 11"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_line(text, received):
    with pytest.raises(TruthRefused, match=received):
        read(text)


def test_what_is_no_text_or_too_much_of_it_is_refused(monkeypatch):
    with pytest.raises(TruthRefused, match="Line 3 is not text"):
        read_truth(HEADER.encode() + b"0,1,a\n1,2,\xff\xfe\n", 10.0)
    with pytest.raises(TruthRefused, match="more than 4 MB"):
        read_truth(b"a" * (MOST_BYTES + 1), 10.0)
    monkeypatch.setattr("har.timeline.ground_truth._MOST_ROWS", 5)
    with pytest.raises(TruthRefused, match="Line 7 is one row too many"):
        read_truth(HEADER.encode() + b"0,1,a\n" * 6, 10.0)


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(TruthRefused, match="cannot be opened"):
        open_truth(tmp_path / "none.csv", 1.0)
    with pytest.raises(TruthRefused, match="cannot be opened"):
        open_truth(tmp_path, 1.0)
    (tmp_path / "truth.csv").write_text(HEADER + "0,1,a\n")
    assert told(open_truth(tmp_path / "truth.csv", 1.0)) == [(0, 1, "a")]


numbers = st.one_of(st.floats(), st.floats(-1, 11), st.integers(-1, 11)).map(str)
cells = st.one_of(numbers, st.text(max_size=5), st.sampled_from(['"', "a", "b", ""]))
tables = st.lists(st.lists(cells, max_size=5).map(",".join), max_size=8).map(lambda rows: HEADER + "\n".join(rows))


@settings(max_examples=150, deadline=None)
@given(st.one_of(tables.map(str.encode), st.binary(max_size=60), st.binary(max_size=30).map(HEADER.encode().__add__)))
def test_whatever_comes_gives_a_timeline_of_the_video_or_a_refusal(data):
    try:
        timeline = read_truth(data, 10.0)
    except TruthRefused:
        return
    assert timeline.duration_sec == 10.0
    assert any(part.label for part in timeline.segments)
