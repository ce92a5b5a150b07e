"""Waiting for a job: what a page shows meanwhile, and afterwards."""

import threading
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

import ui.jobs
from har.errors import NotAVideo, QueueFull
from har.jobs import JobState, JobStatus, Lane, Visitor
from har.progress import Progress, Stage
from tests.ui.data_pages import buttons, in_address, open_script, press, ran, texts
from ui.jobs import describe

SCORING = Progress(Stage.SCORE, 5.0, 10.0)


def status(*events, state=JobState.RUNNING, position=0, running_sec=20.0):
    return JobStatus("a", state, position, events, running_sec)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (status(), "Starting"),
        (status(position=1), "1 job ahead of you"),
        (status(SCORING, position=2), "2 jobs ahead of you"),
        (replace(status(position=1), wait_sec=70.0), "1 job ahead of you · starts in about 70 s"),
        (status(SCORING), r"Recognising\: 5 of 10 s"),
        (status(Progress(Stage.LOAD_CLASSIFIER, subject="*Mine*")), r"Loading \*Mine\*"),
    ],
)
def test_progress_is_described_in_words_without_markdown(given, expected):
    assert describe(given) == expected


# A job of one visitor


def work(on_progress):
    """A job's function; fake jobs never call it."""


def own_page(**query):
    return open_script(
        "import streamlit as st\nfrom tests.ui.test_jobs import work\nfrom ui import jobs\n"
        "status = jobs.watch('mine')\nst.title(str(status and status.state))\n"
        "if st.button('Start'):\n    jobs.submit('mine', work)",
        **query,
    )


def test_a_refused_job_is_explained(jobs):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = press(own_page(), "Start")
    assert "Come back" in texts(page)
    assert "mine" not in page.query_params


def test_a_submitted_job_is_in_the_address_and_can_be_cancelled_and_its_end_is_shown(jobs):
    page = press(own_page(), "Start")
    (job_id,) = jobs.known
    assert in_address(page, "mine") == job_id
    assert (jobs.options["lane"], jobs.options["detached"]) == (Lane.COMPUTE, False)
    assert jobs.options["visitor"] is not None  # with whose visit it ends
    jobs.set_status(JobState.RUNNING, Progress(Stage.SCORE, 10.0, 10.0))
    assert page.run().get("progress")[0].proto.value == 98  # the stage has ended, the job has not
    jobs.set_status(JobState.WAITING)
    page = own_page(mine=job_id)
    assert page.title[0].value == "waiting"
    assert press(page, "Cancel").title[0].value == "stopped"
    assert jobs.stopped == [job_id]
    jobs.set_status(JobState.FAILED, error=NotAVideo("A text was received.", "A video was expected.", "Convert it."))
    assert "Convert it" in texts(own_page(mine=job_id))


def test_a_job_that_does_not_exist_leaves_the_address(jobs):
    page = own_page(mine="b" * 22)
    assert page.title[0].value == "None"
    assert "mine" not in page.query_params


# A job that all visitors share


@pytest.fixture
def visitors(monkeypatch):
    """The visitors whose pages are open, and a list whose last one looks at the page now."""
    present, looking = {"ann", "ben"}, []

    def visitor():
        name = looking[-1]
        return Visitor(name, lambda: name in present)

    monkeypatch.setattr("ui.visitor.visitor", visitor)
    ui.jobs._waiting.clear()
    return present, looking


SHARED = (
    "import streamlit as st\nfrom tests.ui.test_jobs import work\nfrom ui.jobs import shared_result\n"
    "st.title(str(shared_result('key', work, 7, start='Counting')))"
)


def open_as(name, looking):
    looking.append(name)
    return open_script(SHARED)


def test_a_shared_job_runs_once_and_its_result_is_there_for_everybody(jobs, visitors):
    pages = [open_as(name, visitors[1]) for name in ("ann", "ben")]
    assert jobs.submitted == [("work", (7,))]
    assert [page.title[0].value for page in pages] == ["None", "None"]
    jobs.set_status(JobState.DONE, result=42)
    assert [ran(page).title[0].value for page in pages] == ["42", "42"]


def test_a_shared_job_stops_only_when_all_have_cancelled(jobs, visitors):
    looking = visitors[1]
    anns, bens = (open_as(name, looking) for name in ("ann", "ben"))
    bens = press(bens, "Cancel")
    assert jobs.stopped == []
    assert "Other visitors are waiting for it" in texts(bens)
    assert "Cancel" not in buttons(bens)
    bens = press(bens, "Wait for it after all")
    assert "Cancel" in buttons(bens)
    press(bens, "Cancel")
    looking.append("ann")
    press(anns, "Cancel")
    assert jobs.stopped == list(jobs.known)


def test_a_visitor_who_has_closed_the_page_does_not_count(jobs, visitors):
    present, looking = visitors
    open_as("ann", looking)
    bens = open_as("ben", looking)
    present.remove("ann")
    bens = press(bens, "Cancel")
    assert jobs.stopped == list(jobs.known)
    bens = press(bens, "Resume")
    assert len(jobs.submitted) == 2
    jobs.set_status(JobState.FAILED, error=NotAVideo("A text was received.", "A video was expected.", "Convert it."))
    bens = ran(bens)
    assert "Convert it" in texts(bens)
    press(bens, "Try again")
    assert len(jobs.submitted) == 3


# Work in a thread

CONTINUE = threading.Event()
CALLS = []


def blocking_work():
    CALLS.append(1)
    CONTINUE.wait(10)


def failing_work():
    CALLS.append(1)
    raise ValueError("no")


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr(ui.jobs, "_GRACE_SEC", 0.05)
    CALLS.clear()
    CONTINUE.clear()
    ui.jobs._started_work.clear()
    return ui.jobs._started_work


def thread_page():
    return AppTest.from_string(
        "import streamlit as st\nfrom tests.ui import test_jobs as t\nfrom ui.jobs import is_done\n"
        "st.title('done' if is_done('key', t.blocking_work, 'Working…') else 'not yet')"
    )


@pytest.mark.promise("jobs", "Slow content is computed in the background, once for all visitors")
def test_work_in_a_thread_is_done_once_for_all_pages(threads):
    first, second = thread_page().run(), thread_page().run()
    assert first.title[0].value == second.title[0].value == "not yet"
    assert first.caption[0].value.endswith("Working…")
    CONTINUE.set()
    threads("key", blocking_work).result(10)
    assert first.run().title[0].value == second.run().title[0].value == "done"
    assert len(CALLS) == 1


def test_work_that_fails_late_is_reported_without_starting_again(threads):
    def fail_later():
        blocking_work()
        raise ValueError("no")

    assert not ui.jobs.is_done("late", fail_later, "Working…")
    CONTINUE.set()
    threads("late", fail_later).exception(10)
    with pytest.raises(ValueError, match="no"):
        ui.jobs.is_done("late", fail_later, "Working…")
    assert len(CALLS) == 1


def test_failed_work_in_a_thread_starts_again(threads):
    for tries in (1, 2):
        threads("bad", failing_work).exception(10)
        with pytest.raises(ValueError, match="no"):
            ui.jobs.is_done("bad", failing_work, "")
        assert len(CALLS) == tries
