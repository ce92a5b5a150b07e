import json
import secrets

import pytest

from har.errors import LocationError, OptionsError
from har.jobs.manifest import Manifest
from har.progress import Progress, Stage
from har.storage import remote


def lines(place):
    return [json.loads(line) for line in remote.read(place).splitlines()]


@pytest.fixture(params=["path", "memory"])
def place(request, tmp_path):
    return str(tmp_path / "l.jsonl") if request.param == "path" else f"memory://{secrets.token_hex(4)}/l.jsonl"


def test_last_row_of_each_key_is_kept(place):
    with Manifest(place, "video") as manifest:
        for video, state in (("b", "failed"), ("a", "done"), ("b", "done")):
            manifest.add({"video": video, "state": state})
    assert lines(place) == [{"video": "a", "state": "done"}, {"video": "b", "state": "done"}]
    with Manifest(place, "video") as manifest:
        assert set(manifest.rows) == {"a", "b"}
        manifest.put_first(["b", "none", "a"])
    assert [row["video"] for row in lines(place)] == ["b", "a"]


def test_local_file_gets_each_row_at_once(tmp_path):
    place = str(tmp_path / "l.jsonl")
    with Manifest(place, "video") as manifest:
        manifest.add({"video": "a"})
        assert lines(place) == [{"video": "a"}]


def test_remote_file_is_written_now_and_then(monkeypatch):
    place = f"memory://{secrets.token_hex(4)}/l.jsonl"
    with Manifest(place, "video") as manifest:
        manifest.add({"video": "a"})
        assert lines(place) == []
        monkeypatch.setattr("har.jobs.manifest._PAUSE_SEC", 0.0)
        monkeypatch.setattr("har.jobs.manifest._PAUSE_FACTOR", 0.0)
        manifest.add({"video": "b"})
        assert lines(place) == [{"video": "a"}, {"video": "b"}]


def test_lines_that_are_no_rows_are_skipped(tmp_path):
    place = tmp_path / "l.jsonl"
    place.write_bytes(b'{"video": "a"}\n[1]\n{"video": 7}\n\xff\xfe\n{"video": "b", "sta')
    with Manifest(str(place), "video") as manifest:
        assert list(manifest.rows) == ["a"]
        manifest.add({"video": "c"})
    assert [row["video"] for row in lines(str(place))] == ["a", "c"]


def test_file_that_cannot_be_written_fails_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LocationError), Manifest(str(tmp_path / "file/l.jsonl"), "video"):
        pass


def halve(number, on_progress):
    if number % 2:
        raise OptionsError("An odd number was given.", "An even one was expected.", "Give one.")
    return number // 2


def test_pending_tasks_run_and_are_counted(tmp_path):
    reports = []
    with Manifest(str(tmp_path / "l.jsonl"), "number") as manifest:
        counts = manifest.run_pending(
            halve,
            [(2,), (3,)],
            lambda task: {"number": str(task.task[0]), "state": "failed" if task.error else "done"},
            workers=0,
            earlier=2,
            subject="numbers",
            on_progress=reports.append,
        )
    assert counts == {"done": 1, "failed": 1}
    assert [row["state"] for row in lines(str(tmp_path / "l.jsonl"))] == ["done", "failed"]
    assert reports[0] == Progress(Stage.TASKS, 2, 4, "numbers")
    assert reports[-1].text == "4 of 4 numbers · 1 failed"
    assert reports[-1].fraction == 1


def test_progress_says_that_tasks_wait_for_a_worker(tmp_path, monkeypatch):
    def without_workers(function, tasks, workers, on_tick):
        on_tick(0)
        yield from ()

    monkeypatch.setattr("har.jobs.manifest.run_tasks", without_workers)
    reports = []
    with Manifest(str(tmp_path / "l.jsonl"), "number") as manifest:
        manifest.run_pending(halve, [(2,)], lambda task: {}, 1, 0, "videos", reports.append)
    assert reports[0].text == "0 of 1 videos · waiting for a worker"
