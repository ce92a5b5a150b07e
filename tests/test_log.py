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
    log.record("done", kind="annotate", seconds=1.5)
    [line] = lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {"event": "done", "kind": "annotate", "seconds": 1.5}


def test_only_the_class_of_an_error_is_logged(lines):
    log.record("failed", NotAVideo("'holiday.mp4' was given.", "A video was expected.", "Convert it."), kind="annotate")
    [line] = lines()
    assert line["error"] == log.recent_errors()[0].error == "NotAVideo"
    assert "holiday" not in json.dumps(line) + repr(log.recent_errors()[0])


def test_place_of_a_bug_is_relative_to_the_project(monkeypatch):
    monkeypatch.setattr(log.json, "dumps", lambda line: 1 / 0)
    with pytest.raises(ZeroDivisionError) as bug:
        log.record("done", kind="annotate")
    monkeypatch.undo()
    assert log.source_location(bug.value).startswith("har/log.py:")
    assert log.source_location(OptionsError("", "", "")) == ""


def test_number_of_recent_errors_is_limited():
    for number in range(80):
        log.record("failed", ValueError(number), kind=f"kind-{number}")
    assert len(log.recent_errors()) == 50
    assert log.recent_errors()[0].kind == "kind-79"


def test_lines_go_to_standard_error_once(capsys, monkeypatch):
    logger = logging.getLogger("har.log")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", True)
    log.log_to_stderr()
    log.log_to_stderr()
    log.record("begun", kind="train_run")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err)["kind"] == "train_run"
