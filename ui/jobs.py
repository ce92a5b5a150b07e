"""The app's jobs, and waiting for them: progress, place in the queue, cancel, failure, try again."""

import hashlib
import secrets
import shutil
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st

from har import log
from har.errors import HarError, JobMissing
from har.jobs import Jobs, JobState, JobStatus, Lane, Visitor, new_job_id
from har.maintenance import Maintenance
from har.progress import Spans
from har.storage import private
from ui import visitor
from ui.formatting import format_count
from ui.messages import plain, show_error, show_failure
from ui.pace import Pace, rough_duration

_LEFT = "shared-job-left"  # in the session: the shared job that this visitor no longer waits for
_SECRET = secrets.token_bytes(16)  # so that no visitor can guess a shared job's id
_POOL = ThreadPoolExecutor(2, thread_name_prefix="page-work")  # for all visitors together
EVERY_SEC = 0.5  # at which jobs are looked at
_GRACE_SEC = 0.4  # work that ends so soon shows no progress
_override: Jobs | None = None
_started: Jobs | None = None  # the app's jobs, once their worker has been started


def jobs() -> Jobs:
    """The jobs of this app: one set for all visitors; each job's id is known to its owner alone."""
    return _override or _work().jobs


def started_jobs() -> Jobs | None:
    """The same for what must not wait for the worker: None while it is being started, or cannot be."""
    return _override or _started


@contextmanager
def override_jobs(fake: Jobs) -> Iterator[None]:
    """Use other jobs than the app's until the block ends: for tests."""
    global _override
    before, _override = _override, fake
    try:
        yield
    finally:
        _override = before


class _Work:
    """The jobs, and their maintenance."""

    def __init__(self) -> None:
        global _started
        log.log_to_stderr()
        private.make_home_private()
        _started = self.jobs = Jobs()
        self.jobs.prepare(Lane.COMPUTE)
        self._maintenance = Maintenance(self.jobs)

    def end(self) -> None:
        global _started
        _started = None
        self._maintenance.close()
        self.jobs.close()


@st.cache_resource(show_spinner="Starting the worker…", on_release=_Work.end)
def _work() -> _Work:
    return _Work()


def wake() -> None:
    """Start the worker that recognises in the background, if it is not there, before a page needs it.

    From the app's start on, interrupted trainings resume, and expired files are deleted, even if nobody opens a page.
    """
    if (ready := started_jobs()) is not None:
        ready.prepare(Lane.COMPUTE)
    else:
        _start()


@st.cache_resource(show_spinner=False)
def _start() -> None:
    """Start the jobs and their maintenance in the background, once."""

    def work() -> None:
        with suppress(HarError):  # pages report it when they need a job
            _work()

    threading.Thread(target=work, name="waking", daemon=True).start()


def find_status(job_id: str | None) -> JobStatus | None:
    """The status of a job; None if there is no such job."""
    try:
        return jobs().status(job_id) if job_id else None
    except JobMissing:
        return None


# Progress


def describe(status: JobStatus, start: str = "Starting") -> str:
    """A job's place in the queue and about how long it waits, or its present stage, in words, as Markdown."""
    if status.position:
        wait = "" if status.wait_sec is None else f" · starts in {rough_duration(status.wait_sec)}"
        return f"{format_count(status.position, 'job')} ahead of you{wait}"
    return plain(status.events[-1].text) if status.events else start


def pace(job_id: str, spans: Spans | None = None) -> Pace:
    """How this page has seen a job advance so far."""
    found: Pace = st.session_state.setdefault(f"pace-{job_id}", Pace(spans))
    return found


def show_progress(status: JobStatus, spans: Spans | None = None, start: str = "Starting") -> None:
    """Show a job's bar, its present stage in words and the remaining time; see `describe`."""
    seen, text = pace(status.id, spans), describe(status, start)
    if status.events and not status.position:
        seen.follow(status.events[-1], status.running_sec)
        text += seen.time_left()
    with st.container(key=f"job-progress-{status.id}"):
        st.progress(0.0 if status.position else seen.share, text)


def rerun_when(is_over: Callable[[], bool], show: Callable[[], object], every_sec: float = EVERY_SEC) -> None:
    """Show something again and again, until the condition holds; then run the page once more."""

    @st.fragment(run_every=every_sec)
    def poll() -> None:
        if is_over():
            st.rerun()
        show()

    poll()


def follow(
    job_id: str,
    spans: Spans | None = None,
    *,
    start: str = "Starting",
    cancel: Callable[[], None] | None = None,
    every_sec: float = EVERY_SEC,
) -> None:
    """Show a job's progress and a button that cancels it, until it settles; then the page runs again.

    Args:
        job_id: a job of `jobs()`.
        spans: the part of the whole that each stage takes; None: the present stage is the whole.
        start: see `describe`.
        cancel: what the button does; None: it stops the job.
        every_sec: how often it is looked at.
    """

    def show() -> None:
        status = find_status(job_id)
        if status is not None:
            show_progress(status, spans, start)
        if st.button("Cancel", icon=":material/stop_circle:", key=f"cancel-{job_id}"):
            if cancel is not None:
                cancel()
            else:
                with suppress(JobMissing):
                    jobs().stop(job_id)
            st.rerun()

    rerun_when(lambda: (status := find_status(job_id)) is None or status.state.finished, show, every_sec)


# A job of one visitor, whose id is in the address


def submit(
    parameter: str,
    function: Callable[..., object],
    *arguments: object,
    job_id: str | None = None,
    lane: Lane = Lane.COMPUTE,
    detached: bool = False,
    scratch: Path | None = None,
) -> bool:
    """Submit a job for this visitor and put its id into the address, or show why that is refused.

    Args:
        parameter: of the address.
        function: the job.
        arguments: of the function.
        job_id: None: a new one.
        lane: what the job needs.
        detached: whether it continues after the visitor has left.
        scratch: a folder with files for this job alone, which is removed when the job has ended or is refused.

    Returns:
        Whether the job was submitted.
    """
    try:
        job_id = jobs().submit(
            function,
            *arguments,
            job_id=job_id or new_job_id(),
            lane=lane,
            visitor=visitor.visitor(),
            detached=detached,
            scratch=scratch,
        )
    except HarError as error:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        show_error(error)
        return False
    st.query_params[parameter] = job_id
    return True


def watch(parameter: str, spans: Spans | None = None) -> JobStatus | None:
    """Show the progress, or the failure, of the job that the address names.

    Returns:
        The job's status; None if there is no such job.
    """
    job_id = st.query_params.get(parameter)
    status = find_status(job_id)
    if status is None:
        st.query_params.pop(parameter, None)
    elif not status.state.finished:
        follow(status.id, spans)
    elif status.state is JobState.FAILED:
        show_failure(status)
    return status


def is_running(status: JobStatus | None) -> bool:
    """Whether a job waits or runs."""
    return status is not None and not status.state.finished


# A job whose result all visitors share


def shared_result(
    key: str,
    function: Callable[..., Any],
    *arguments: object,
    lane: Lane = Lane.COMPUTE,
    start: str = "Starting",
    resume: bool = False,
) -> Any:
    """The result of a job that runs once for all visitors; None, and its progress on the page, until it is there.

    The job is stopped when every visitor who waits for it has cancelled.

    Args:
        key: the same for the same work.
        function: the job.
        arguments: of the function.
        lane: what it needs. A job that builds a network belongs in `TRAIN`: it imports TensorFlow, and draws from the
            same random numbers as a training, which must not be disturbed.
        start: what is shown until the job reports progress.
        resume: whether a job that was cancelled is started again; otherwise the page offers that.

    Raises:
        JobError: the queue is full, or the scheduler cannot be reached.
    """
    job_id = _shared_id(key)
    status = find_status(job_id)
    if status is None or (resume and status.state is JobState.STOPPED):
        jobs().submit(function, *arguments, job_id=job_id, lane=lane, visitor=visitor.visitor(), detached=False)
        status = jobs().status(job_id)
    if not status.state.finished:
        _follow_shared(job_id, start)
        return None
    _waiting().pop(job_id, None)
    if status.state is JobState.DONE:
        return status.result
    failed = status.state is JobState.FAILED
    if failed:
        show_failure(status)
    else:
        st.info("Cancelled.", icon=":material/stop_circle:")
    if st.button("Try again" if failed else "Resume", icon=":material/refresh:", key=f"again-{job_id}"):
        jobs().submit(function, *arguments, job_id=job_id, lane=lane, visitor=visitor.visitor(), detached=False)
        st.rerun()
    return None


def shared_status(key: str) -> JobStatus | None:
    """The status of a job that `shared_result` has started; None if it has not."""
    return find_status(_shared_id(key))


def _shared_id(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=16, key=_SECRET).hexdigest()


@st.cache_resource(show_spinner=False)
def _waiting() -> dict[str, dict[str, Visitor]]:
    """Who waits for each shared job, by the job's id and the visitor's."""
    return {}


def _follow_shared(job_id: str, start: str) -> None:
    if st.session_state.get(_LEFT) == job_id:
        st.info("Cancelled for you. Other visitors are waiting for it, so it continues.", icon=":material/stop_circle:")
        if st.button("Wait for it after all", key=f"wait-{job_id}"):
            del st.session_state[_LEFT]
            st.rerun()
        return
    me = visitor.visitor()
    _waiting().setdefault(job_id, {})[me.id] = me
    follow(job_id, start=start, cancel=lambda: _leave(job_id, me))


def _leave(job_id: str, me: Visitor) -> None:
    others = _waiting()[job_id] = {key: who for key, who in _waiting().get(job_id, {}).items() if key != me.id}
    if any(other.is_connected() for other in others.values()):
        st.session_state[_LEFT] = job_id
    else:
        with suppress(JobMissing):
            jobs().stop(job_id)


# Work of a few seconds, in a thread of the web process


@st.cache_resource(max_entries=256, show_spinner=False)
def _started_work(key: Hashable, _work: Callable[[], object]) -> "Future[object]":
    return _POOL.submit(_work)


def is_done(key: Hashable, work: Callable[[], object], text: str) -> bool:
    """Whether some work is done; until then the page shows what is being done, and runs again when it is.

    Args:
        key: the same for the same work.
        work: called once, in a thread without a page; it leaves its result where the page will find it.
        text: what is shown meanwhile.

    Raises:
        Exception: raised by `work`; the next call starts it again.
    """
    future = _started_work(key, work)
    wait([future], timeout=_GRACE_SEC)
    if not future.done():
        rerun_when(future.done, lambda: show_waiting(text))
        return False
    if future.exception() is not None:
        _started_work.clear(key, work)  # what fails now may succeed later
    future.result()
    return True


def show_waiting(text: str) -> None:
    """Show what is being done, if its progress is unknown."""
    st.caption(f":material/hourglass: {text}")
