import json
import os
import threading
import time

import pytest

from har import maintenance, sharing
from har.errors import LinkMissing, QueueFull, SchedulerUnreachable
from har.jobs import Jobs
from har.maintenance import Housekeeper, in_use
from har.runs import new_run, resume_state
from tests.ui.train_pages import OWNER, plan


class FakeJobs(Jobs):
    """Has some folders in use; stopping fails the first time."""

    def __init__(self, *names):
        self.names, self.rounds = frozenset(names), 0

    def names_in_use(self):
        return self.names

    def stop_abandoned(self):
        self.rounds += 1
        if self.rounds == 1:
            raise TimeoutError
        return 0


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    limits = resume_state.settings().model_copy(update={"home": tmp_path})
    for module in ("housekeeping", "runs.attempts", "runs.folder", "disk", "links", "results.folder"):
        monkeypatch.setattr(f"har.{module}.settings", lambda: limits)
    return FakeJobs


def test_data_of_runs_that_train_or_are_to_go_on_is_in_use(jobs):
    trains, cut_off, over = (new_run(OWNER, plan(dataset=f"own-{name}")) for name in ("trains", "cut", "over"))
    resume_state.want(cut_off)
    assert in_use(jobs(trains.id, "/etc", "a-job")) == {trains.id, "/etc", "a-job", "own-trains", "own-cut"}
    assert over.plan.dataset not in in_use(jobs())


def test_what_is_in_use_is_not_swept(jobs, monkeypatch):
    swept = []
    monkeypatch.setattr(maintenance.disk, "sweep", swept.append)
    cut_off = new_run(OWNER, plan(dataset="own-cut"))
    resume_state.want(cut_off)
    maintenance.remove_old(jobs("a-job"))
    assert swept == [{"a-job", "own-cut"}]


def test_making_room_leaves_a_line(jobs, monkeypatch, caplog):
    caplog.set_level("INFO", "har.log")
    monkeypatch.setattr(maintenance.disk, "make_room", lambda names: (3, 1))
    maintenance.make_room(jobs())
    line = json.loads(caplog.records[-1].message)
    assert (line["event"], line["files"], line["folders"]) == ("removed", 3, 1)


def test_a_round_that_fails_is_not_the_last(jobs):
    made = jobs()
    keeper = Housekeeper(made, every_sec=0.01)
    deadline = time.monotonic() + 10
    while made.rounds < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    keeper.close()
    assert made.rounds >= 3


@pytest.mark.parametrize("error", [QueueFull("A.", "B.", "C."), SchedulerUnreachable("A.", "B.", "C."), OSError()])
def test_runs_are_looked_for_again_whatever_went_wrong_and_all_else_is_done(jobs, monkeypatch, error):
    made, errors, looked = jobs(), [error], threading.Event()

    def look(jobs):
        if errors:
            raise errors.pop()
        looked.set()

    monkeypatch.setattr(maintenance.runs, "look", look)
    keeper = Housekeeper(made, every_sec=0.01)
    assert looked.wait(10)
    keeper.close()
    assert made.rounds >= 1
    assert not any(thread.name == "housekeeper" for thread in threading.enumerate())


def test_a_full_queue_is_no_fault(jobs, monkeypatch):
    def look(jobs):
        raise QueueFull("A.", "B.", "C.")

    monkeypatch.setattr(maintenance.runs, "look", look)
    maintenance.go_on(jobs())
    monkeypatch.setattr(maintenance.runs, "look", lambda jobs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        maintenance.go_on(jobs())


def test_what_has_had_its_time_goes_with_its_links(jobs):
    shared = []
    for kind, name in ((sharing.Kind.ANNOTATION, "jobs"), (sharing.Kind.RUN, "runs")):
        for id_, days in (("n" * 22, 0), ("o" * 22, 15)):
            folder = resume_state.settings().home / name / id_
            folder.mkdir(parents=True)
            shared.append((sharing.share(sharing.Result(kind, id_)), days))
            then = time.time() - days * 24 * 3600
            os.utime(folder, (then, then))
    maintenance.remove_old(jobs())
    assert {path.name for path in resume_state.settings().links.iterdir()} == {
        link for link, days in shared if not days
    }
    for link_id, days in shared:
        if days:
            with pytest.raises(LinkMissing):
                sharing.open_link(link_id)
        else:
            assert sharing.open_link(link_id).id == "n" * 22
