"""The network, drawn: counted once by the worker, which has TensorFlow, and kept for everybody."""

from typing import Any

import streamlit as st

from har.errors import HarError, JobMissing
from har.jobs import JobState, JobStatus
from har.networks.drawing import NetworkFacts, count_facts, facts_key, kept_facts
from har.plots import architecture_figure
from har.recipe import Recipe
from pages.widgets import jobs, saved_as, show_error, show_failure, start_app


def network_drawn(recipe: Recipe, label_count: int) -> None:
    """The network's layers, drawn when somebody opens them."""
    drawing = st.expander("The network", icon=":material/account_tree:", key="drawing", on_change="rerun")
    if not drawing.open:
        return
    asked = (recipe.network, label_count, recipe.spec, recipe.options)
    with drawing:
        try:
            found = kept_facts(*asked) or _counted(asked)
        except HarError as error:
            show_error(error)
            return
        if found is None:
            return
        st.caption(
            f"{found.parameters:,} parameters, of which {found.trainable_parameters:,} learn; "
            f"{found.macs:,} multiply-adds for a clip."
        )
        st.plotly_chart(architecture_figure(found), key="architecture", config=saved_as("network"))


def _counted(asked: tuple[Any, ...]) -> NetworkFacts | None:
    """What the worker counted; None while it does not, which is shown.

    In the lane of networks: building one draws from the same generator as a training does, which must not be disturbed.

    Raises:
        JobError: too many jobs wait, or nobody is there to do them.
    """
    job_id = f"count-{facts_key(*asked)}"  # one for all visitors
    status = _status(job_id)
    if status is None:
        jobs().submit(count_facts, *asked, job_id=job_id)
    elif status.state is JobState.DONE:
        return status.result  # the disk had no room for it
    elif status.state.settled:
        show_failure(status)
        if st.button("Try again", icon=":material/refresh:", key="draw-again"):
            jobs().submit(count_facts, *asked, job_id=job_id)
            st.rerun()
        return None
    _wait(job_id)
    return None


def _wait(job_id: str) -> None:
    """Until the worker has counted; then the page runs again."""

    @st.fragment(run_every=1)
    def wait() -> None:
        status = _status(job_id)
        if status is None or status.state.settled:
            st.rerun()
        if status.place:
            waits = "one other job" if status.place == 1 else f"{status.place} other jobs"
            st.info(f"It is built once, to count its layers, after {waits}.", icon=":material/hourglass:")
        else:
            st.info("Building it once, to count its layers.", icon=":material/hourglass:")

    wait()


def _status(job_id: str) -> JobStatus | None:
    try:
        return jobs().status(job_id)
    except JobMissing:
        return None


if __name__ == "__main__":
    start_app()
