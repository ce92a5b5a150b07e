"""Corrections in a result's folder: exports follow them, scores never change."""

import csv
import json

import pytest

from har import annotation, results
from har.errors import CorrectionsInvalid
from har.exports import FORMATS
from har.results import ANNOTATED, CORRECTIONS, SCORES, LabelOptions
from har.timeline import Piece, TimelineOptions
from tests.ui.shared_pages import annotated

PIECES = (
    Piece(0.0, "squat"),
    Piece(1.0, "juggling", "corrected"),
    Piece(2.0, None, "corrected"),
    Piece(2.5, "wave", "confirmed"),
)


@pytest.fixture
def result():
    return results.open_annotation(annotated().folder)


def text(result, name):
    return results.export_text(results.apply_corrections(result), name)


def test_uncorrected_exports_do_not_mention_corrections(result):
    assert results.apply_corrections(result) == result
    assert text(result, "csv").splitlines()[0] == "frame,time_sec,label,confidence"
    assert "corrected" not in text(result, "json")


@pytest.mark.promise("numbers", "All downloads follow corrections")
def test_exports_follow_corrections(result):
    before = (result.folder / SCORES).read_bytes()
    results.replace_segments(result, PIECES)
    rows = list(csv.DictReader(text(result, "csv").splitlines()))
    assert [rows[frame]["label"] for frame in (0, 9, 10, 19, 20, 24, 25, 29)] == [
        "squat", "squat", "juggling", "juggling", "", "", "wave", "wave",
    ]  # fmt: skip
    assert [rows[frame]["corrected"] for frame in (0, 10, 20, 25)] == ["", "corrected", "corrected", "confirmed"]
    segments = json.loads(text(result, "json"))["segments"]
    assert [(part["label"], part["corrected"]) for part in segments] == [
        ("squat", None), ("juggling", "corrected"), (None, "corrected"), ("wave", "confirmed"),
    ]  # fmt: skip
    for name in ("vtt", "srt"):
        assert [line for line in text(result, name).splitlines() if line.isalpha() and line != "WEBVTT"] == [
            "squat", "juggling", "wave",
        ]  # fmt: skip
    assert all("juggling" in text(result, name) for name in FORMATS)
    assert (result.folder / SCORES).read_bytes() == before


def test_burning_in_again_follows_corrections_which_options_do_not_change(result):
    results.replace_segments(result, PIECES)
    before = (result.folder / ANNOTATED).read_bytes()
    annotation.burn_in_again(result.folder, LabelOptions(timeline=TimelineOptions(threshold=1.0)))
    assert (result.folder / ANNOTATED).read_bytes() != before
    assert "juggling" in (result.folder / FORMATS["csv"].file_name).read_text()
    stored = results.apply_corrections(results.open_annotation(result.folder))
    assert [part.label for part in stored.labelled.timeline.segments] == ["squat", "juggling", None, "wave"]


def test_exports_can_be_imported_as_corrections(result):
    results.replace_segments(result, PIECES)
    exported = text(result, "json").encode()
    results.replace_segments(result, None)
    assert results.apply_corrections(result) == result
    assert results.import_corrections(result, exported) is None
    assert results.read_corrections(result).now == PIECES


def test_refused_corrections_change_nothing(result):
    results.replace_segments(result, PIECES)
    before = (result.folder / CORRECTIONS).read_bytes()
    for value in ({"now": [[5.0, "squat", None]]}, "x"):
        with pytest.raises(CorrectionsInvalid):
            results.save_corrections(result, value)
    with pytest.raises(CorrectionsInvalid):
        results.import_corrections(result, b"[]")
    with pytest.raises(CorrectionsInvalid):
        results.replace_segments(result, (Piece(0.0, "two\nlines"),))
    assert (result.folder / CORRECTIONS).read_bytes() == before
    assert not list(result.folder.glob("*.part"))


def test_steps_are_undone_one_by_one(result):
    results.replace_segments(result, PIECES)
    results.replace_segments(result, None)
    assert results.undo_correction(result).now == PIECES
    assert results.undo_correction(result).now is None
    with pytest.raises(CorrectionsInvalid, match="nothing to undo"):
        results.undo_correction(result)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"now": [[0, "squat"]], "past": 7}'])
def test_damaged_files_are_refused(result, content):
    (result.folder / CORRECTIONS).write_bytes(content)
    with pytest.raises(CorrectionsInvalid):
        results.apply_corrections(result)
