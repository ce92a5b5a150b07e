import json
import os
import threading
import time

import pytest

from har import maintenance, sharing
from har.errors import LinkMissing, QueueFull
from har.jobs import Jobs
from har.maintenance import Maintenance, folders_in_use
from har.runs import new_run, resume_state
from tests.ui.train_pages import OWNER, plan


class FakeJobs(Jobs):
    """Has some folders in use. Stopping abandoned jobs fails the first time."""

    def __init__(self, *names):
        self.names, self.rounds, self.third_round = frozenset(names), 0, threading.Event()

    def names_in_use(self):
        return self.names

    def reconnect(self):
        pass

    def stop_overdue(self):
        return 0

    def stop_abandoned(self):
        self.rounds += 1
        if self.rounds == 1:
            raise TimeoutError
        if self.rounds == 3:
            self.third_round.set()
        return 0


@pytest.fixture(autouse=True)
def home(tmp_path, override):
    return override(home=tmp_path)


@pytest.fixture
def runs():
    """A run that is training, one that was interrupted, and one that has ended."""
    runs = [new_run(OWNER, plan(dataset=f"own-{name}")) for name in ("training", "interrupted", "ended")]
    resume_state.request(runs[1])
    return runs


def test_data_of_training_and_interrupted_runs_is_in_use(runs):
    training = runs[0].id
    names = folders_in_use(FakeJobs(training, "/etc", "a-job"))
    assert names == {training, "/etc", "a-job", "own-training", "own-interrupted"}


def test_folders_in_use_are_not_removed(runs, monkeypatch):
    spared = []
    monkeypatch.setattr(maintenance.quota, "remove_expired", spared.append)
    maintenance.remove_expired(FakeJobs("a-job"))
    assert spared == [{"a-job", "own-interrupted"}]


def test_making_room_is_logged(monkeypatch, caplog):
    caplog.set_level("INFO", "har.log")
    monkeypatch.setattr(maintenance.quota, "make_room", lambda names: (3, 1))
    maintenance.make_room(FakeJobs())
    line = json.loads(caplog.records[-1].message)
    assert (line["event"], line["files"], line["folders"]) == ("removed", 3, 1)


def test_failed_step_is_tried_again_and_does_not_affect_the_others(monkeypatch):
    jobs, errors, resumed = FakeJobs(), [OSError()], threading.Event()

    def resume_interrupted_runs(jobs):
        if errors:
            raise errors.pop()
        resumed.set()

    monkeypatch.setattr(maintenance.runs, "resume_interrupted_runs", resume_interrupted_runs)
    background = Maintenance(jobs, every_sec=0.01)
    assert resumed.wait(10)
    assert jobs.third_round.wait(10)
    background.close()
    assert not any(thread.name == "maintenance" for thread in threading.enumerate())


def test_full_queue_is_no_failure(monkeypatch):
    def resume_interrupted_runs(jobs):
        raise QueueFull("A.", "B.", "C.")

    monkeypatch.setattr(maintenance.runs, "resume_interrupted_runs", resume_interrupted_runs)
    maintenance.resume_runs(FakeJobs())
    monkeypatch.setattr(maintenance.runs, "resume_interrupted_runs", lambda jobs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        maintenance.resume_runs(FakeJobs())


def test_expired_results_are_removed_with_their_links(home):
    links = {}
    for kind, parent in ((sharing.SharedKind.ANNOTATION, home.jobs), (sharing.SharedKind.RUN, home.runs)):
        for result_id, days in (("n" * 22, 0), ("o" * 22, 15)):
            folder = parent / result_id
            folder.mkdir(parents=True)
            links[sharing.share(sharing.SharedResult(kind, result_id))] = days
            changed_at = time.time() - days * 24 * 3600
            os.utime(folder, (changed_at, changed_at))
    maintenance.remove_expired(FakeJobs())
    assert {path.name for path in home.links.iterdir()} == {link for link, days in links.items() if not days}
    for link, days in links.items():
        if days:
            with pytest.raises(LinkMissing):
                sharing.open_link(link)
        else:
            assert sharing.open_link(link).id == "n" * 22
