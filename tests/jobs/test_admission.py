import time

import pytest

from har.errors import QueueFull, TooManyJobs
from har.jobs import Lane, Visitor, admission
from har.jobs.job import Job

ME, OTHER = Visitor("me"), Visitor("another")


def annotate(on_progress):
    pass


def train(on_progress):
    pass


@pytest.fixture(autouse=True)
def limits(override):
    override(max_waiting_jobs=3, max_jobs_per_session=2)


def job(visitor=ME, function=annotate, ran_sec=None, lane=Lane.COMPUTE, ended=False):
    job = Job(function, (), lane, visitor)
    job.started_at = None if ran_sec is None else time.monotonic() - ran_sec
    job.ended_at = time.monotonic() if ended else None
    return job


def durations(**sec):
    recent = admission.Durations()
    for function in (annotate, train):
        if function.__name__ in sec:
            recent.add(job(function=function, ran_sec=sec[function.__name__], ended=True))
    return recent


def refusal(jobs, known=None, visitor=ME):
    with pytest.raises((QueueFull, TooManyJobs)) as refused:
        admission.check(jobs, visitor, known or durations())
    return refused.value


def test_only_unfinished_jobs_of_the_same_visitor_count():
    admission.check([job(ran_sec=1), job(ended=True), job(OTHER), job(OTHER)], ME, durations())
    assert isinstance(refusal([job(ran_sec=1), job(function=train)]), TooManyJobs)


def test_app_itself_is_only_limited_by_the_queue():
    admission.check([job(None, ran_sec=1), job(None), job(None)], None, durations())
    assert isinstance(refusal([job(None)] * 3, visitor=None), QueueFull)


def test_waiting_jobs_of_the_other_lane_do_not_count():
    waiting = [job(None, lane=Lane.DATA)] * 3
    admission.check(waiting, OTHER, durations(), Lane.COMPUTE)
    with pytest.raises(QueueFull):
        admission.check(waiting, OTHER, durations(), Lane.DATA)


def test_without_known_durations_the_message_names_no_time():
    assert str(refusal([job(ran_sec=1), job()])) == (
        "You have 2 unfinished jobs. At most 2 can wait or run at a time, so that others get their turn. "
        "Come back when one has finished or cancel one."
    )
    assert refusal([job(OTHER)] * 3).remedy == "Come back in a few minutes."


@pytest.mark.promise("jobs", "A full queue says when to come back")
def test_with_known_durations_the_message_says_when_to_come_back():
    queued = [job(OTHER, train, ran_sec=60), job(), job()]
    known = durations(annotate=100, train=660)
    assert "in about 12 minutes" in refusal(queued, known).remedy  # ten of the training, 100 s of my first
    both_lanes = [*queued[:2], job(ran_sec=90, lane=Lane.DATA)]
    assert "in about a minute" in refusal(both_lanes, known).remedy  # the other lane is sooner
    assert "hours" in refusal(queued, durations(annotate=4 * 3600, train=1)).remedy
    assert refusal([job(OTHER)] * 3, durations(annotate=200)).remedy == "Come back in about 4 minutes."


def test_the_time_until_a_job_starts_is_that_of_the_jobs_ahead():
    ahead = [job(OTHER, train, ran_sec=60), job(OTHER)]
    assert durations(annotate=100, train=660).wait_sec(ahead) == pytest.approx(700, abs=1)
    assert durations(annotate=100).wait_sec(ahead) is None
