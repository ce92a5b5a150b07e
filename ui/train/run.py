"""A run by its address: waiting, under way, cut off, or ended without a result."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from har import runs
from har.errors import HarError, JobMissing, RunMissing
from har.jobs import JobState, JobStatus
from har.plots import curves_figure
from har.runs import Drawing, Run, attempts_of, open_run
from har.settings import MIB
from har.training import (
    BatchDone,
    Decoding,
    Encoding,
    EpochDone,
    FramesDone,
    LookingForGroups,
    Resumed,
    Testing,
)
from ui import visitor
from ui.jobs import jobs
from ui.messages import plain, show_error
from ui.theme import BARE
from ui.train import interrupted, report
from ui.train.recipe_form import of_curves

_FIGURE = "run-curves"  # in the session: the curves as they were last drawn
_PACE = "run-pace"  # in the session: what went on, how far it was and when, as this page first saw it


@dataclass(frozen=True)
class Progress:
    """What the events of a run amount to."""

    done: float  # 0 to 1, of what goes on now
    text: str
    history: tuple[EpochDone, ...]
    batches: tuple[BatchDone, ...]
    left_sec: float | None  # at most, until the last epoch

    @property
    def best(self) -> EpochDone | None:
        """The best epoch so far."""
        return next((epoch for epoch in reversed(self.history) if epoch.best), None)


def show(run_id: str, owner: str) -> None:
    """All of a run's screen below the title."""
    status = status_of(run_id)  # before the run is read: it may end in between
    try:
        run = open_run(run_id)
    except HarError as error:
        show_error(error)
        if st.button("Train another", icon=":material/arrow_back:"):
            interrupted.leave()
        return
    if run.outcome is not None:
        report.show(run, owner)
    else:
        _head(run)
        if _going(run, status):
            _live(run_id)
            st.caption("You can leave: the address leads back here." + of_curves(run.plan.recipe))
        else:
            interrupted.show(run, status, owner)
    st.divider()
    if st.button("Train another, or see all runs", icon=":material/arrow_back:"):
        interrupted.leave()


def begin(run_id: str) -> None:
    """Have a run trained, from the start or from where it was cut off; nothing happens if it is being trained.

    Raises:
        RunMissing: no such run.
        JobError: too many jobs wait, or of this visitor; or nobody is there to do them.
    """
    runs.begin(jobs(), run_id, visitor.visitor())


def status_of(run_id: str) -> JobStatus | None:
    """The job that trains a run; None: this process has none."""
    try:
        return jobs().status(run_id)
    except JobMissing:
        return None


def _going(run: Run, status: JobStatus | None) -> bool:
    """Whether a run is trained, or waits for it; one that was cut off is put in the queue again."""
    if status is not None and not status.state.settled:
        return True
    try:
        return runs.go_on(jobs(), run.id)
    except HarError as error:  # no room now: it will be tried again
        show_error(error)
        return False


def _head(run: Run) -> None:
    recipe = run.plan.recipe
    st.header(plain(run.name), anchor=False)
    labels = ", ".join(plain(label) for label in run.plan.labels[:8])
    more = f" and {len(run.plan.labels) - 8} more" if len(run.plan.labels) > 8 else ""
    st.caption(f"{plain(run.plan.title)}: {labels}{more}. At most {recipe.epochs} epochs, seed {recipe.seed}.")


# While it goes on


def _live(run_id: str) -> None:
    """Drawn anew every second, until the job settles; then the page runs again, once."""

    @st.fragment(run_every=1)
    def live() -> None:
        status = status_of(run_id)
        if status is None or status.state.settled:
            st.rerun()
        try:
            run = open_run(run_id)  # anew, since the job may have been put in the queue again
        except HarError:  # deleted meanwhile
            st.rerun()
        something = bool(run.history) or any(isinstance(event, EpochDone) for event in status.events)
        if status.state is JobState.WAITING:
            _waiting(status)
            _again(run, 0)
            _stop(run_id, something)
            return
        progress = read(run.history, status.events, run.plan.recipe.batch_size)
        st.progress(progress.done, progress.text + _pace(run_id, status, progress))
        _again(run, 1)
        _stop(run_id, something)
        if progress.history or progress.batches:
            _numbers(progress)
            _curves(run_id, progress)

    live()


def _again(run: Run, beginnings: int) -> None:
    """That it was cut off, to whoever wonders why it is not further: it was begun more often than it had to be."""
    counted = attempts_of(run)
    if counted.begun > beginnings:
        kept = counted.kept if beginnings else len(run.history)  # a run that waits will find all of them
        st.caption(f"It was cut off, and {f'goes on after epoch {kept}' if kept else 'begins anew'} by itself.")


def _waiting(status: JobStatus) -> None:
    waits = "one other job" if status.place == 1 else f"{status.place} other jobs"
    st.progress(0.0, f"Waiting for {waits} to finish" if status.place else "Starting")


def read(stored: Sequence[EpochDone], events: Sequence[Any], batch_size: int) -> Progress:
    """What a run's events amount to.

    Args:
        stored: epochs of earlier attempts, as the run has them.
        events: of the job that goes on.
        batch_size: clips a step.
    """
    told = [event for event in events if isinstance(event, EpochDone)]
    begun = told[0].epoch if told else math.inf
    resumed = [event.epoch for event in events if isinstance(event, Resumed)]
    kept = resumed[-1] if resumed else begun - 1  # epochs of earlier attempts that count
    history = (*(epoch for epoch in stored if epoch.epoch < begun and epoch.epoch <= kept), *told)
    last = events[-1] if events else None
    batches = tuple(event for event in events if isinstance(event, BatchDone))
    done, text = _now(last)
    left_sec = _left_sec(history, batches[-1] if batches else None, batch_size)
    epochs_go_on = isinstance(last, BatchDone | EpochDone)
    return Progress(done, text, history, batches, left_sec if epochs_go_on else None)


def _pace(run_id: str, status: JobStatus, progress: Progress) -> str:
    """How long it will take: until the last epoch, or what goes on before and after the epochs."""
    if progress.left_sec is not None:
        return f" · at most {report.long(progress.left_sec)} left"
    kind = (run_id, type(status.events[-1]).__name__ if status.events else "")
    before = st.session_state.get(_PACE)
    if before is None or before[0] != kind:
        before = st.session_state[_PACE] = (kind, progress.done, status.running_sec)
    done, seconds = progress.done - before[1], status.running_sec - before[2]
    if done <= 0 or seconds < 3 or kind[1] == BatchDone.__name__:
        return ""
    return f" · about {report.long(seconds * (1 - progress.done) / done)} for this part"


def _now(event: Any) -> tuple[float, str]:
    """The share done and a line of text."""
    match event:
        case Drawing(done, total):
            return done / max(total, 1), f"Drawing {done} of {total} clips"
        case LookingForGroups(done, total):
            return done / max(total, 1), f"Comparing clips, to tell which are of one recording: {done} of {total}"
        case Decoding(done, total):
            return done / max(total, 1), f"Decoding {done} of {total} clips"
        case Encoding(done, total):
            return done / max(total, 1), f"Encoding: the pretrained part looks at {done} of {total} clips, once"
        case FramesDone(done, total, loss, accuracy):
            return done / max(total, 1), (
                f"Single frames first: step {done} of {total} · loss {loss:.2f}, {accuracy:.0%} right"
            )
        case Resumed(epoch):
            return 0.0, f"Going on after epoch {epoch}"
        case BatchDone(epoch, epochs, batch, batches, loss, accuracy):
            share = (epoch - 1 + batch / max(batches, 1)) / max(epochs, 1)
            told = f"Epoch {epoch} of {epochs}, step {batch} of {batches} · loss {loss:.2f}, {accuracy:.0%} right"
            return min(share, 1.0), told
        case EpochDone(epoch=epoch, epochs=epochs):
            return min(epoch / max(epochs, 1), 1.0), f"Epoch {epoch} of {epochs} done"
        case Testing(done, total):
            return done / max(total, 1), f"Testing the best epoch: {done} of {total} clips"
    return 0.0, "Starting"


def _left_sec(history: Sequence[EpochDone], step: BatchDone | None, batch_size: int) -> float | None:
    """Seconds until the last epoch, from how fast the one before was; None where that is not known yet."""
    if not history or step is None or history[-1].examples_per_sec <= 0:
        return None
    epoch_sec = step.batches * batch_size / history[-1].examples_per_sec
    begun = step.batch / max(step.batches, 1) if step.epoch > history[-1].epoch else 0.0
    return max(0.0, history[-1].epochs - history[-1].epoch - begun) * epoch_sec


def _numbers(progress: Progress) -> None:
    best, last = progress.best, progress.history[-1] if progress.history else None
    memory = last.memory_bytes if last else 0
    numbers = {
        "Best so far": (f"{best.validation_accuracy:.0%}" if best else "–", "Of the validation clips that are right."),
        "In epoch": (f"{best.epoch}" if best else "–", "The best is the one with the lowest validation loss."),
        "Clips a second": (f"{last.examples_per_sec:.3g}" if last else "–", None),
        "Memory": (f"{memory / MIB:.0f} MB" if memory else "–", "The most that the process that trains has taken."),
    }
    with st.container(horizontal=True, gap="large"):
        for name, (value, told) in numbers.items():
            st.metric(name, value, help=told, width=150)


def _curves(run_id: str, progress: Progress) -> None:
    """The figure is made anew only where there is something new in it."""
    mark = (run_id, len(progress.history), len(progress.batches))
    before = st.session_state.get(_FIGURE)
    if before is None or before[0] != mark:
        figure = curves_figure(progress.history, progress.batches)
        before = st.session_state[_FIGURE] = (mark, figure)
    st.plotly_chart(before[1], key=f"live-{run_id}", config=BARE)


def _stop(run_id: str, something: bool) -> None:
    if f"stopping-{run_id}" in st.session_state:
        st.caption("Stopping at the next step." + (" The best epoch is kept and tested." if something else ""))
        return
    name = "Stop and keep the best" if something else "Stop"
    told = None if something else "No epoch is done yet: there is nothing to keep."
    st.button(
        name, icon=":material/stop_circle:", help=told, key=f"stop-{run_id}", on_click=_ask_to_stop, args=(run_id,)
    )


def _ask_to_stop(run_id: str) -> None:
    with suppress(JobMissing, RunMissing):
        runs.stop(jobs(), run_id)
        st.session_state[f"stopping-{run_id}"] = True
