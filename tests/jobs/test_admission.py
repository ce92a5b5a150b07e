import time

import pytest

from har.errors import QueueFull, TooManyJobs
from har.jobs import Lane, Visitor, admission
from har.jobs.job import Job
from har.settings import Settings

ME, OTHER = Visitor("me"), Visitor("another")


def annotate(on_event):
    pass


def train(on_event):
    pass


@pytest.fixture(autouse=True)
def limits(monkeypatch):
    monkeypatch.setattr(admission, "settings", lambda: Settings(max_waiting_jobs=3, max_jobs_per_session=2))


def job(visitor=ME, function=annotate, ran_sec=None, lane=Lane.COMPUTE, over=False):
    made = Job(function, (), lane, visitor)
    made.started_at = None if ran_sec is None else time.monotonic() - ran_sec
    made.ended_at = time.monotonic() if over else None
    return made


def known(**took_sec):
    pace = admission.Pace()
    for function in (annotate, train):
        if function.__name__ in took_sec:
            pace.note(job(function=function, ran_sec=took_sec[function.__name__], over=True))
    return pace


def refusal(jobs, pace=None, visitor=ME):
    with pytest.raises((QueueFull, TooManyJobs)) as refused:
        admission.check(jobs, visitor, pace or admission.Pace())
    return refused.value


def test_only_unfinished_jobs_of_the_same_visitor_count():
    admission.check([job(ran_sec=1), job(over=True), job(OTHER), job(OTHER)], ME, admission.Pace())
    assert isinstance(refusal([job(ran_sec=1), job(function=train)]), TooManyJobs)


def test_the_app_itself_is_limited_by_the_queue_alone():
    admission.check([job(None, ran_sec=1), job(None), job(None)], None, admission.Pace())
    assert isinstance(refusal([job(None), job(None), job(None)], visitor=None), QueueFull)


def test_without_experience_plain_words_say_when_to_come_back():
    told = str(refusal([job(ran_sec=1), job()]))
    assert told == (
        "You have 2 jobs that wait or run. At most 2 may at a time, so that others get their turn. "
        "Come back when one of them has ended or cancel one."
    )
    assert refusal([job(OTHER)] * 3).remedy == "Come back in a few minutes."


def test_with_experience_the_time_is_told():
    waits = [job(OTHER, train, ran_sec=60), job(), job()]
    pace = known(annotate=100, train=660)
    assert "in about 12 minutes" in refusal(waits, pace).remedy  # ten of the training, 100 s of the first of mine
    beside = [*waits[:2], job(ran_sec=90, lane=Lane.DATA)]
    assert "in about a minute" in refusal(beside, pace).remedy  # the other lane is sooner
    assert "hours" in refusal(waits, known(annotate=4 * 3600, train=1)).remedy


def test_a_full_queue_tells_when_the_next_one_ends():
    assert refusal([job(OTHER)] * 3, known(annotate=200)).remedy == "Come back in about 4 minutes."
