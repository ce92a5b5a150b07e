"""A look through a data set that several visitors wait for: who cancels does so for themselves."""

import pytest
from streamlit.testing.v1 import AppTest

from har.jobs import JobState, JobStatus, Visitor
from tests.ui.data_pages import FakeJobs, buttons, press, ran, texts, write_clip
from ui import looking


class Stoppable(FakeJobs):
    def __init__(self):
        super().__init__()
        self.stopped = []

    def stop(self, job_id):
        self.stopped.append(job_id)
        self.known[job_id] = JobStatus(job_id, JobState.STOPPED, 0, (), 1.0)


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(Stoppable())
    looking._looks.clear()
    yield jobs
    looking._looks.clear()


@pytest.fixture
def here(monkeypatch):
    """The visitors whose pages are open, and a list whose last one is looking now."""
    here, who = {"ann", "ben"}, []

    def visitor():
        me = who[-1]
        return Visitor(me, lambda: me in here)

    monkeypatch.setattr("ui.visitor.visitor", visitor)
    return here, who


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("looking") / "set"
    for number in (1, 2):
        write_clip(folder / "Run" / f"v_Run_g{number:02}_c01.mp4", number)
    return folder


def open_as(who, name, folder):
    who.append(name)
    script = (
        "from ui import looking\nfrom har.datasets import open_dataset\nfrom har.datasets.scan import measure\n"
        f"looking.seen(measure, open_dataset({str(folder)!r}, draw=False), 'mine', begin=True)"
    )
    return ran(AppTest.from_string(script, default_timeout=30))


def test_one_visitors_cancel_does_not_end_anothers_look(jobs, here, folder):
    _, who = here
    anns, bens = (open_as(who, name, folder) for name in ("ann", "ben"))
    assert len(jobs.submitted) == 1
    bens = press(bens, "Cancel")
    assert jobs.stopped == []
    assert "Somebody else waits for it" in texts(bens)
    assert "Cancel" not in buttons(bens)
    bens = press(bens, "Wait for it after all")
    assert "Cancel" in buttons(bens)
    press(bens, "Cancel")
    who.append("ann")
    press(anns, "Cancel")
    assert jobs.stopped == list(jobs.known)


def test_who_has_closed_the_page_does_not_wait(jobs, here, folder):
    present, who = here
    open_as(who, "ann", folder)
    bens = open_as(who, "ben", folder)
    present.remove("ann")
    bens = press(bens, "Cancel")
    assert jobs.stopped == list(jobs.known)
    assert "Go on" in buttons(bens)
