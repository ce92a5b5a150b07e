"""A run without a result that is not being trained: why, and how to resume it."""

import streamlit as st

from har import runs
from har.errors import HarError, WorkerDied
from har.jobs import JobState, JobStatus
from har.plots import training_curves_figure
from har.runs import Run, read_attempts
from ui import visitor
from ui.formatting import format_count
from ui.jobs import find_status, is_running, jobs, rerun_when
from ui.messages import show_error, show_failure
from ui.theme import BARE
from ui.train import report


def show(run: Run, status: JobStatus | None, owner: str) -> None:
    """Show why there is no report, and the buttons to resume or delete the run."""
    if runs.is_training(run):
        text = "Another process is training this run. The page updates when it ends."
        rerun_when(lambda: not runs.is_training(run), lambda: st.info(text, icon=":material/hourglass:"), every_sec=2)
        return
    st.session_state.pop(f"stopping-{run.id}", None)
    kept = run.history[-1].epoch if run.history else 0
    _explain(run, status, kept)
    with st.container(horizontal=True):
        name = f"Resume after epoch {kept}" if kept else "Try again"
        if st.button(name, type="primary", icon=":material/play_arrow:"):
            try:
                runs.start_run(jobs(), run.id, visitor.visitor())
            except HarError as error:
                show_error(error)
            else:
                st.rerun()
        if report.belongs_to(run, owner):
            report.delete_box(run, "The run and all its finished epochs")
    if run.history:
        st.plotly_chart(training_curves_figure(run.history), key="kept-curves", config=BARE)
    if runs.is_requested(run) and not runs.gave_up(run):  # it is queued as soon as there is room
        rerun_when(lambda: is_running(find_status(run.id)), lambda: None, every_sec=5)


def _explain(run: Run, status: JobStatus | None, kept: int) -> None:
    epochs = f"{format_count(kept, 'epoch')} {'is' if kept == 1 else 'are'} kept"
    if runs.is_requested(run) and runs.gave_up(run):
        show_error(
            WorkerDied(
                f"This training has failed {read_attempts(run).fruitless} times in a row: each time its process ended "
                "before another epoch was finished.",
                f"It is no longer restarted automatically; {epochs if kept else 'no epoch is kept'}.",
                "Most likely it ran out of memory. Train another with a smaller batch size, or try this one again.",
            )
        )
    elif status is not None and status.state is JobState.FAILED:
        show_failure(status)
    elif status is not None and status.state is JobState.STOPPED:
        text = f"another epoch was finished. {epochs}; you can resume from there" if kept else "the first epoch ended"
        st.info(f"Stopped before {text}.", icon=":material/stop_circle:")
    elif kept:
        st.warning(f"This training was interrupted. {epochs}; you can resume from there.", icon=":material/link_off:")
    else:
        st.warning("This training was interrupted before the first epoch ended.", icon=":material/link_off:")
