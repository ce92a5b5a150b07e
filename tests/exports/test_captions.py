"""Captions that are imported: our own, edited or not, and those of subtitle editors."""

import pytest

from har.errors import CorrectionsInvalid
from har.exports import FORMATS, ImportTarget, read_any
from har.timeline import Segment
from tests.exports.data import INFO, document

LABELS = ("squat", "tai chi", "Über ‘x’ & <b>", "{\\an8} a\\b", "a < b > c", "&amp;")
TARGET = ImportTarget(INFO.fps, 30.03, "clip.mp4", LABELS)


def read(text: str | bytes, target: ImportTarget = TARGET) -> list[tuple[float, float, str | None]]:
    timeline = read_any(text, target).timeline
    assert {part.mark for part in timeline.segments} == {"corrected"}
    return [(round(part.start_sec, 3), round(part.end_sec, 3), part.label) for part in timeline.segments]


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_downloaded_captions_are_imported_unchanged(name: str) -> None:
    parts = [Segment(5.005 * at, 5.005 * (at + 1), label, 0.5, 1) for at, label in enumerate(LABELS)]
    parts[1] = Segment(5.005, 10.01, None, 0.0, 0)
    text = FORMATS[name].write(document(*parts, duration_sec=30.03))
    for form in (text, text.replace("\n", "\r\n").encode("utf-8-sig"), text.encode("utf-16")):
        assert read(form) == [(part.start_sec, part.end_sec, part.label) for part in parts]


def test_captions_of_other_programs_are_read_without_what_is_not_a_label() -> None:
    vtt = """WEBVTT - made by hand
Kind: captions

STYLE
::cue { color: lime }

NOTE the next caption
has a name

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Ann><b>tai chi</b></v>

00:00:02.500 --> 00:00:04.000
run &amp;
jump
"""
    assert read(vtt) == [(0, 1, None), (1, 2.5, "tai chi"), (2.5, 4, "run & jump"), (4, 30.03, None)]
    srt = (
        "\n1\n00:00:00,000 --> 00:00:01,000 X1:10 Y1:20\n{\\an8}<i>squat</i>\n \n2\n0:00:01,500 --> 0:00:02,000\nrun\n"
    )
    assert read(srt)[:3] == [(0, 1, "squat"), (1, 1.5, None), (1.5, 2, "run")]
    assert read("1\n00:00:00,000 --> 00:00:01,000\n\n\n2\n00:00:01,000 --> 00:00:02,000\nrun\n")[0] == (0, 1, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WEBVTT\n\nNOTE nothing\n", "none of the formats"),
        ("1\n00:00:00,000 --> 00:00:01,000\n\n", "no segment"),
        ("1\n00:00:00,000 --> 00:01:10,000\nrun\n", "outside"),
        ("1\n00:00:00,000 --> 00:00:09,000\nrun\n\n2\n00:00:05,000 --> 00:00:10,000\njump\n", "overlap"),
        (f"1\n00:00:00,000 --> 00:00:01,000\n{'a' * 101}\n", "invalid label"),
        ("".join(f"00:00:{n % 30:02},000 --> 00:00:{n % 30:02},500\nrun\n\n" for n in range(2001)), "2001 captions"),
    ],
)
def test_captions_that_are_no_timeline_of_the_video_are_refused(text: str, reason: str) -> None:
    with pytest.raises(CorrectionsInvalid, match=reason):
        read_any(text.encode(), TARGET)
