"""The header of every page: what the visitor has under way, and a link to it."""

from pathlib import Path

import pytest

from har.annotation import annotate_job
from har.jobs import JobState, new_job_id
from har.progress import Progress, Stage
from har.runs import train_run
from har.settings import settings
from har.storage import owners
from tests.ui.data_pages import open_script, ran
from ui.jobs import started_jobs

ME, OTHER = "m" * 22, "o" * 22


@pytest.fixture(autouse=True)
def _home(tmp_path, override):
    override(home=tmp_path)


@pytest.fixture
def start(jobs):
    """Submits a job for its owner, and returns the id."""

    def submit(function, owner=ME):
        job_id = new_job_id()
        owners.record(job_id, owner)
        return jobs.submit(function, job_id=job_id)

    return submit


def header(below="", **query):
    return open_script(f"from ui import running_jobs\nrunning_jobs.show()\n{below}", {"owner": ME}, **query)


def at(page, **query):
    """The page again, at another address."""
    page.query_params.clear()
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def links(page):
    return [(link.proto.label, link.proto.page, link.proto.query_string) for link in page.get("page_link")]


def test_the_page_below_does_not_move_when_they_are_done(jobs, start):
    """Streamlit rebuilds what moves: boxes close, videos restart, and what is typed meanwhile is lost."""
    page = header("import streamlit as st\nst.text('x')", job=start(annotate_job))
    assert links(page)
    (place,) = (place for place, element in page.main.children.items() if element.type == "text")
    jobs.set_status(JobState.DONE)
    for _ in range(2):  # once more without the header's link
        ran(page)
        assert page.main.children[place].type == "text"
    assert not links(page)


def test_an_annotation_is_shown_with_its_share_and_leads_to_its_page(jobs, start):
    job_id = start(annotate_job)
    page = header()
    assert links(page) == [("Waiting", "annotate", f"job={job_id}")]
    jobs.set_status(JobState.RUNNING, Progress(Stage.SCORE, 5.0, 10.0))
    assert links(ran(page)) == [("Recognising 62%", "annotate", f"job={job_id}")]


def test_a_training_is_shown_with_its_epoch(jobs, start):
    run_id = start(train_run)
    jobs.set_status(JobState.RUNNING, Progress(Stage.DECODE, 5.0, 10.0))
    page = header()
    assert links(page) == [("Training", "train", f"run={run_id}")]
    jobs.set_status(JobState.RUNNING, Progress(Stage.TRAIN, 3.4, 12), Progress(Stage.TEST, 1, 2))
    assert links(ran(page)) == [("Training 4 of 12", "train", f"run={run_id}")]


def test_jobs_of_others_and_other_kinds_and_cancelled_ones_are_not_shown(jobs, start):
    start(annotate_job, OTHER)
    start(train_run, OTHER)
    start(print)
    page = header()
    assert not links(page)
    start(annotate_job)
    assert links(ran(page))
    jobs.set_status(JobState.STOPPED)
    assert not links(ran(page))


def test_a_training_that_resumed_by_itself_is_its_owners(jobs):
    folder: Path = settings().runs / new_job_id()
    folder.mkdir(parents=True)
    (folder / owners.IN_FOLDER).write_text(ME)
    jobs.submit(train_run, folder.name, job_id=folder.name)
    assert links(header()) == [("Waiting", "train", f"run={folder.name}")]


@pytest.mark.parametrize(
    ("state", "words", "reloaded"),
    [
        (JobState.DONE, "Video is annotated", False),
        (JobState.DONE, "Video is annotated", True),
        (JobState.FAILED, "Failed", False),
    ],
)
def test_what_has_ended_stays_until_its_page_is_opened(jobs, start, state, words, reloaded):
    job_id = start(annotate_job)
    page = header()
    jobs.set_status(state)
    page = header() if reloaded else at(page)
    assert links(page) == [(words, "annotate", f"job={job_id}")]
    assert not links(at(page, job=job_id))
    assert not links(at(page))
    assert not links(header())


def test_no_page_waits_for_the_worker_to_start(use_jobs):
    use_jobs(None)
    assert not links(header())
    assert started_jobs() is None
