"""A training while it runs: progress, figures, curves, and the button that stops it."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from har import runs
from har.errors import HarError, JobMissing, RunMissing
from har.jobs import JobState, JobStatus
from har.plots import training_curves_figure
from har.progress import TRAINING, Progress
from har.runs import Run, open_run, read_attempts
from har.settings import MIB
from har.training import BatchRecord, EpochRecord, Resumed
from ui.formatting import format_number
from ui.jobs import describe, find_status, is_running, jobs, pace, rerun_when
from ui.messages import plain
from ui.theme import BARE

_FIGURE = "run-curves"  # in the session: the curves as last drawn


@dataclass(frozen=True)
class LiveTraining:
    """A training so far, as the events of its job show it."""

    history: tuple[EpochRecord, ...]
    batches: tuple[BatchRecord, ...]
    left_sec: float | None  # at most, until the last epoch; None: not known, or another stage

    @property
    def best(self) -> EpochRecord | None:
        """The best epoch so far."""
        return next((epoch for epoch in reversed(self.history) if epoch.best), None)


def show(run_id: str) -> None:
    """Show the training, updated every second, until its job ends; then the page runs again."""
    rerun_when(lambda: not is_running(find_status(run_id)), lambda: _show_once(run_id), every_sec=1)


def _show_once(run_id: str) -> None:
    status = find_status(run_id)
    try:
        run = open_run(run_id)
    except HarError:  # deleted meanwhile
        st.rerun()
    if status is None:
        st.rerun()
    training = read_events(run.history, status.events, run.plan.recipe.batch_size)
    waiting = status.state is JobState.WAITING
    if waiting:
        st.progress(0.0, describe(status))
    else:
        _show_progress(run_id, status, training)
    _explain_restart(run, expected_starts=0 if waiting else 1)
    _show_stop(run_id, has_epoch=bool(training.history))
    if not waiting and (training.history or training.batches):
        _show_figures(training)
        _show_curves(run_id, training)


def read_events(stored: Sequence[EpochRecord], events: Sequence[Progress], batch_size: int) -> LiveTraining:
    """A training so far.

    Args:
        stored: epochs that the run's folder has from earlier attempts.
        events: of the current job.
        batch_size: clips per step.
    """
    records = [event.event for event in events]
    epochs = [record for record in records if isinstance(record, EpochRecord)]
    batches = tuple(record for record in records if isinstance(record, BatchRecord))
    resumed = [record.epoch for record in records if isinstance(record, Resumed)]
    first = epochs[0].epoch if epochs else math.inf
    kept = resumed[-1] if resumed else first - 1  # epochs of earlier attempts that still count
    history = (*(epoch for epoch in stored if epoch.epoch < first and epoch.epoch <= kept), *epochs)
    in_epochs = bool(records) and isinstance(records[-1], BatchRecord | EpochRecord)
    return LiveTraining(history, batches, _left_sec(history, batches, batch_size) if in_epochs else None)


def _left_sec(history: Sequence[EpochRecord], batches: Sequence[BatchRecord], batch_size: int) -> float | None:
    """Until the last epoch, at the speed of the previous one; None before the first epoch ends."""
    if not history or not batches or history[-1].examples_per_sec <= 0:
        return None
    last, step = history[-1], batches[-1]
    epoch_sec = step.batches * batch_size / last.examples_per_sec
    started = step.batch / max(step.batches, 1) if step.epoch > last.epoch else 0.0
    return max(0.0, last.epochs - last.epoch - started) * epoch_sec


def _show_progress(run_id: str, status: JobStatus, training: LiveTraining) -> None:
    progress = status.events[-1] if status.events else None
    if not isinstance(progress, Progress):
        st.progress(0.0, "Starting")
        return
    seen = pace(run_id, TRAINING)
    seen.follow(progress, status.running_sec, training.left_sec)
    with st.container(key=f"job-progress-{run_id}"):
        st.progress(seen.share, plain(progress.text) + seen.time_left("at most"))


def _explain_restart(run: Run, expected_starts: int) -> None:
    """Explain a lack of progress: the training was interrupted and restarted by itself."""
    attempts = read_attempts(run)
    if attempts.begun > expected_starts:
        kept = attempts.kept if expected_starts else len(run.history)  # a waiting run will find all of them
        st.caption(f"The training was interrupted and {f'resumes after epoch {kept}' if kept else 'starts again'}.")


def _show_figures(training: LiveTraining) -> None:
    best, last = training.best, training.history[-1] if training.history else None
    memory = last.memory_bytes if last else 0
    figures = {
        "Best accuracy": (f"{best.validation_accuracy:.0%}" if best else "–", "On validation clips."),
        "In epoch": (f"{best.epoch}" if best else "–", "The epoch with the lowest validation loss."),
        "Clips per second": (format_number(last.examples_per_sec) if last else "–", None),
        "Memory": (f"{memory / MIB:,.0f} MB" if memory else "–", "Peak memory of the training process."),
    }
    with st.container(horizontal=True, gap="large"):
        for name, (value, help_text) in figures.items():
            st.metric(name, value, help=help_text, width=150)


def _show_curves(run_id: str, training: LiveTraining) -> None:
    version = (run_id, len(training.history), len(training.batches))
    drawn = st.session_state.get(_FIGURE)
    if drawn is None or drawn[0] != version:
        drawn = st.session_state[_FIGURE] = (version, training_curves_figure(training.history, training.batches))
    st.plotly_chart(drawn[1], key=f"live-{run_id}", config=BARE)


def _show_stop(run_id: str, *, has_epoch: bool) -> None:
    if f"stopping-{run_id}" in st.session_state:
        st.caption("Stopping after this step." + (" The best epoch is kept and tested." if has_epoch else ""))
        return
    st.button(
        "Stop and keep the best" if has_epoch else "Stop",
        icon=":material/stop_circle:",
        help=None if has_epoch else "No epoch is finished yet, so there is nothing to keep.",
        key=f"stop-{run_id}",
        on_click=_stop,
        args=(run_id,),
    )


def _stop(run_id: str) -> None:
    with suppress(JobMissing, RunMissing):
        runs.stop_run(jobs(), run_id)
        st.session_state[f"stopping-{run_id}"] = True
