"""Corrections in a result's folder: kept whole, followed by all that is taken away, and never touching the scores."""

import csv
import json

import pytest

from har import annotation, results
from har.errors import CorrectionsRefused
from har.results import ACTIVITYNET, ANNOTATED, CORRECTIONS, CSV, JSON, LABEL_STUDIO, SCORES, SRT, VTT, LabelOptions
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
    return results.export_text(results.corrected(result), name)


def test_nothing_corrected_says_nothing(result):
    assert results.corrected(result) == result
    assert text(result, CSV).splitlines()[0] == "frame,time_sec,label,confidence"
    assert "corrected" not in text(result, JSON)


def test_every_export_follows(result):
    before = (result.folder / SCORES).read_bytes()
    results.change(result, PIECES)
    rows = list(csv.DictReader(text(result, CSV).splitlines()))
    assert [rows[frame]["label"] for frame in (0, 9, 10, 19, 20, 24, 25, 29)] == [
        "squat", "squat", "juggling", "juggling", "", "", "wave", "wave",
    ]  # fmt: skip
    assert [rows[frame]["corrected"] for frame in (0, 10, 20, 25)] == ["", "corrected", "corrected", "confirmed"]
    segments = json.loads(text(result, JSON))["segments"]
    assert [(part["label"], part["corrected"]) for part in segments] == [
        ("squat", None), ("juggling", "corrected"), (None, "corrected"), ("wave", "confirmed"),
    ]  # fmt: skip
    for name in (VTT, SRT):
        assert [line for line in text(result, name).splitlines() if line.isalpha() and line != "WEBVTT"] == [
            "squat", "juggling", "wave",
        ]  # fmt: skip
    assert "juggling" in text(result, LABEL_STUDIO)
    assert "juggling" in text(result, ACTIVITYNET)
    assert (result.folder / SCORES).read_bytes() == before


def test_burning_in_again_follows_too(result):
    results.change(result, PIECES)
    before = (result.folder / ANNOTATED).read_bytes()
    annotation.burn_again(result.folder, LabelOptions())
    assert (result.folder / ANNOTATED).read_bytes() != before
    assert "juggling" in (result.folder / CSV).read_text()


def test_other_settings_change_nothing_that_was_corrected(result):
    results.change(result, PIECES)
    annotation.burn_again(result.folder, LabelOptions(timeline=TimelineOptions(threshold=1.0)))
    stored = results.corrected(results.open_annotation(result.folder))
    assert [part.label for part in stored.labelled.timeline.segments] == ["squat", "juggling", None, "wave"]


@pytest.mark.parametrize("name", [JSON, LABEL_STUDIO, ACTIVITYNET])
def test_what_was_taken_away_is_brought_back(result, name):
    results.change(result, PIECES)
    taken = text(result, name).encode()
    results.change(result, None)
    assert results.corrected(result) == result
    assert results.bring(result, taken).now == PIECES


def test_what_is_refused_leaves_all_as_it_was(result):
    results.change(result, PIECES)
    before = (result.folder / CORRECTIONS).read_bytes()
    for told in ({"now": [[5.0, "squat", None]]}, "x"):
        with pytest.raises(CorrectionsRefused):
            results.keep_corrections(result, told)
    with pytest.raises(CorrectionsRefused):
        results.bring(result, b"[]")
    with pytest.raises(CorrectionsRefused):
        results.change(result, (Piece(0.0, "two\nlines"),))
    assert (result.folder / CORRECTIONS).read_bytes() == before
    assert not list(result.folder.glob("*.part"))


def test_steps_are_taken_back_one_by_one(result):
    results.change(result, PIECES)
    results.change(result, None)
    assert results.undo(result).now == PIECES
    assert results.undo(result).now is None
    with pytest.raises(CorrectionsRefused, match="no step"):
        results.undo(result)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"now": [[0, "squat"]], "past": 7}'])
def test_a_damaged_file_is_told_in_words(result, content):
    (result.folder / CORRECTIONS).write_bytes(content)
    with pytest.raises(CorrectionsRefused):
        results.corrected(result)
