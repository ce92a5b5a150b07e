import json
import logging

import pytest

from har import journal
from har.errors import NotAVideo, OptionsError


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "har.journal")
    return lambda: [json.loads(record.message) for record in caplog.records if record.name == "har.journal"]


def test_each_event_is_a_line_of_json(lines):
    journal.note("done", kind="annotate_for_page", seconds=1.5)
    [line] = lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {"event": "done", "kind": "annotate_for_page", "seconds": 1.5}


def test_of_an_error_only_its_class_is_kept_never_its_words(lines):
    journal.note("failed", NotAVideo("'holiday.mp4' came.", "A video was due.", "Convert it."), kind="annotate")
    [line] = lines()
    assert line["error"] == "NotAVideo"
    assert "holiday" not in json.dumps(line) + repr(journal.last_faults()[0])
    assert journal.last_faults()[0].error == "NotAVideo"


def test_a_bug_brings_its_place_in_this_project_and_no_folder_of_the_machine(monkeypatch):
    monkeypatch.setattr(journal.json, "dumps", lambda line: 1 / 0)
    with pytest.raises(ZeroDivisionError) as bug:
        journal.note("done", kind="annotate")
    monkeypatch.undo()
    assert journal.place_of(bug.value).startswith("har/journal.py:")
    assert journal.place_of(OptionsError("", "", "")) == ""


def test_no_more_errors_are_kept_than_can_be_looked_at():
    for number in range(80):
        journal.note("failed", ValueError(number), kind=f"kind-{number}")
    assert len(journal.last_faults()) == 50
    assert journal.last_faults()[0].kind == "kind-79"


def test_lines_go_to_standard_error_and_once_only(capsys, monkeypatch):
    logger = logging.getLogger("har.journal")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", True)
    journal.to_stderr()
    journal.to_stderr()
    journal.note("begun", kind="train_run")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err)["kind"] == "train_run"
