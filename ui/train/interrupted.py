"""A run without a result that nobody trains: why, and how it goes on."""

from contextlib import suppress

import streamlit as st

from har import runs
from har.errors import HarError, JobMissing, WorkerDied
from har.jobs import JobState, JobStatus
from har.plots import curves_figure
from har.runs import Run, attempts_of, delete_run
from ui import visitor
from ui.jobs import jobs
from ui.messages import show_error, show_failure
from ui.theme import BARE
from ui.train import report


def show(run: Run, status: JobStatus | None, owner: str) -> None:
    """Why there is no report, and how to get one."""
    if runs.held(run):
        _elsewhere(run)
        return
    st.session_state.pop(f"stopping-{run.id}", None)
    kept = run.history[-1].epoch if run.history else 0
    _why(run, status, kept)
    with st.container(horizontal=True):
        name = f"Go on after epoch {kept}" if kept else "Train it"
        if st.button(name, type="primary", icon=":material/play_arrow:"):
            try:
                runs.begin(jobs(), run.id, visitor.visitor())
            except HarError as error:
                show_error(error)
            else:
                st.rerun()
        if report.belongs(run, owner):
            with st.popover("Delete", icon=":material/delete:"):
                st.write("The run and what it has learnt so far are gone then.")
                if st.button("Delete it", type="primary"):
                    delete_run(run.id)
                    leave()
    if run.history:
        st.plotly_chart(curves_figure(run.history), key="kept-curves", config=BARE)
    if runs.wanted(run) and not runs.tired(run):  # it is put in the queue as soon as there is room
        _until_queued(run)


def _why(run: Run, status: JobStatus | None, kept: int) -> None:
    is_kept = "One epoch is" if kept == 1 else f"{kept} epochs are"
    if runs.wanted(run) and runs.tired(run):
        show_error(
            WorkerDied(
                f"This run was begun {attempts_of(run).fruitless} times in a row, and each time the process that "
                "trained it ended before another epoch was done.",
                f"So it does not go on by itself any more; {is_kept.lower() if kept else 'no epoch is'} kept.",
                "Most likely memory was short: train another with fewer clips a step, or go on all the same.",
            )
        )
    elif status is not None and status.state is JobState.FAILED:
        show_failure(status)
    elif status is not None and status.state is JobState.STOPPED:
        found = f"{is_kept} kept, and it can go on from there." if kept else "There is nothing to keep."
        st.info(
            f"Stopped before {'another' if kept else 'the first'} epoch was done. {found}",
            icon=":material/stop_circle:",
        )
    elif kept:
        st.warning(f"This run was cut off. {is_kept} kept, and it can go on from there.", icon=":material/link_off:")
    else:
        st.warning("This run has not been trained: it was cut off before the first epoch.", icon=":material/link_off:")


def _elsewhere(run: Run) -> None:
    """Until the process that trains it lets go of it; then the page runs again."""

    @st.fragment(run_every=2)
    def wait() -> None:
        if not runs.held(run):
            st.rerun()
        st.info(
            "A process that this app knows nothing of trains this run just now. The page goes on when that ends.",
            icon=":material/hourglass:",
        )

    wait()


def _until_queued(run: Run) -> None:
    @st.fragment(run_every=5)
    def wait() -> None:
        with suppress(JobMissing):
            if not jobs().status(run.id).state.settled:
                st.rerun()

    wait()


def leave() -> None:
    """Back to the form."""
    st.query_params.clear()
    st.rerun()
