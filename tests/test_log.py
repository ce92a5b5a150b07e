import json
import logging

import pytest

from har import log
from har.errors import NotAVideo, OptionsError


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "har.log")
    return lambda: [json.loads(record.message) for record in caplog.records if record.name == "har.log"]


def test_each_event_is_a_line_of_json(lines):
    log.note("done", kind="annotate_for_page", seconds=1.5)
    [line] = lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {"event": "done", "kind": "annotate_for_page", "seconds": 1.5}


def test_of_an_error_only_its_class_is_kept_never_its_words(lines):
    log.note("failed", NotAVideo("'holiday.mp4' came.", "A video was due.", "Convert it."), kind="annotate")
    [line] = lines()
    assert line["error"] == "NotAVideo"
    assert "holiday" not in json.dumps(line) + repr(log.last_faults()[0])
    assert log.last_faults()[0].error == "NotAVideo"


def test_a_bug_brings_its_place_in_this_project_and_no_folder_of_the_machine(monkeypatch):
    monkeypatch.setattr(log.json, "dumps", lambda line: 1 / 0)
    with pytest.raises(ZeroDivisionError) as bug:
        log.note("done", kind="annotate")
    monkeypatch.undo()
    assert log.place_of(bug.value).startswith("har/log.py:")
    assert log.place_of(OptionsError("", "", "")) == ""


def test_no_more_errors_are_kept_than_can_be_looked_at():
    for number in range(80):
        log.note("failed", ValueError(number), kind=f"kind-{number}")
    assert len(log.last_faults()) == 50
    assert log.last_faults()[0].kind == "kind-79"


def test_lines_go_to_standard_error_and_once_only(capsys, monkeypatch):
    logger = logging.getLogger("har.log")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", True)
    log.to_stderr()
    log.to_stderr()
    log.note("begun", kind="train_run")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err)["kind"] == "train_run"
