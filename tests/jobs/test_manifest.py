import json
import secrets

import pytest

from har.errors import PlaceError
from har.jobs.manifest import Ledger, file_in
from har.storage import remote


def lines(place):
    return [json.loads(line) for line in remote.read(place).splitlines()]


@pytest.fixture(params=["path", "memory"])
def place(request, tmp_path):
    return str(tmp_path / "l.jsonl") if request.param == "path" else f"memory://{secrets.token_hex(4)}/l.jsonl"


def test_there_is_one_line_a_key_and_the_last_counts(place):
    with Ledger(place, "video") as ledger:
        for video, state in (("b", "failed"), ("a", "done"), ("b", "done")):
            ledger.note({"video": video, "state": state})
    assert lines(place) == [{"video": "a", "state": "done"}, {"video": "b", "state": "done"}]
    with Ledger(place, "video") as ledger:
        assert set(ledger.rows) == {"a", "b"}
        ledger.keep_order(["b", "none", "a"])
    assert [row["video"] for row in lines(place)] == ["b", "a"]


def test_a_row_is_on_the_disk_at_once_so_that_nothing_is_lost_with_the_process(tmp_path):
    place = str(tmp_path / "l.jsonl")
    with Ledger(place, "video") as ledger:
        ledger.note({"video": "a"})
        assert lines(place) == [{"video": "a"}]


def test_half_a_line_and_what_is_no_row_are_passed_over(tmp_path):
    place = tmp_path / "l.jsonl"
    place.write_bytes(b'{"video": "a"}\n[1]\n{"video": 7}\n\xff\xfe\n{"video": "b", "sta')
    with Ledger(str(place), "video") as ledger:
        assert list(ledger.rows) == ["a"]
        ledger.note({"video": "c"})
    assert [row["video"] for row in lines(str(place))] == ["a", "c"]


def test_elsewhere_it_is_written_now_and_then(monkeypatch):
    place = f"memory://{secrets.token_hex(4)}/l.jsonl"
    monkeypatch.setattr("har.jobs.manifest._REST_SEC", 0.0)
    monkeypatch.setattr("har.jobs.manifest._REST_TIMES", 0.0)
    with Ledger(place, "video") as ledger:
        ledger.note({"video": "a"})
        assert lines(place) == [{"video": "a"}]


def test_a_place_that_cannot_be_written_is_told_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceError), Ledger(str(tmp_path / "file/l.jsonl"), "video"):
        pass


def test_a_file_in_a_folder(tmp_path):
    assert file_in("s3://bucket/out/", "x") == "s3://bucket/out/x"
    assert file_in(str(tmp_path), "x") == str(tmp_path / "x")
