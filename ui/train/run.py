"""The screen of one run: its report, its progress, or why it has neither."""

import streamlit as st

from har import runs
from har.errors import HarError
from har.jobs import JobStatus
from har.runs import Run, open_run
from ui.jobs import find_status, is_running, jobs
from ui.messages import plain, show_error
from ui.train import interrupted, live, report
from ui.train.recipe_form import describe_curves


def show(run_id: str, owner: str) -> None:
    """Show a run below the page's title."""
    status = find_status(run_id)  # read before the run, which may finish in between
    try:
        run = open_run(run_id)
    except HarError as error:
        show_error(error)
        _button_to_form("Train another")
        return
    if run.outcome is not None:
        report.show(run, owner)
    else:
        _show_title(run)
        if _is_training(run, status):
            live.show(run_id)
            st.caption("You can leave this page and come back to its address." + describe_curves(run.plan.recipe))
        else:
            interrupted.show(run, status, owner)
    st.divider()
    _button_to_form("Train another, or see all runs")


def _button_to_form(text: str) -> None:
    if st.button(text, icon=":material/arrow_back:"):
        st.query_params.clear()
        st.rerun()


def _is_training(run: Run, status: JobStatus | None) -> bool:
    """Whether a run is trained or waits for it. An interrupted run is put back into the queue."""
    if is_running(status):
        return True
    try:
        return runs.resume_run(jobs(), run.id)
    except HarError as error:  # the queue is full: it is tried again later
        show_error(error)
        return False


def _show_title(run: Run) -> None:
    recipe = run.plan.recipe
    st.header(plain(run.name), anchor=False)
    labels = report.list_labels(run.plan.labels)
    st.caption(f"{plain(run.plan.title)}: {labels}. Up to {recipe.epochs} epochs, seed {recipe.seed}.")
