"""Keeping what was taught: the clips open in Explore, the classifier in Annotate and as a zip."""

import streamlit as st

from har import runs
from har.datasets import takes, user_sets
from har.errors import HarError
from har.runs import Run
from har.settings import settings
from har.storage import quota
from ui import navigation
from ui.downloads import download
from ui.messages import show_error
from ui.teach import lesson
from ui.teach.lesson import Lesson
from ui.train.report import delete


def show(taught: Lesson, run: Run | None) -> None:
    """Show the buttons, and what happens to what is not kept."""
    if taught.name is None:
        return
    limits, folder = settings(), user_sets.dataset_folder(taught.name)
    st.header("Keep it", anchor=False)
    trained = run if run is not None and run.outcome is not None else None
    folders = [folder, trained.folder] if trained is not None else [folder]
    drafts = [each for each in folders if quota.draft_until(each) is not None]
    st.caption(
        (
            f"Not kept, it is deleted {limits.draft_minutes:g} minutes after you close this page. "
            if drafts
            else "Kept. "
        )
        + f"Kept clips are deleted {limits.job_hours:g} hours after their last change, a kept classifier "
        f"{limits.run_days:g} days after it was last opened. Only you have their addresses."
    )
    with st.container(horizontal=True):
        if st.button("Keep the clips, open in Explore", icon=":material/grid_view:", disabled=not taught.clips()):
            quota.keep_draft(folder)
            st.switch_page(navigation.page("explore"), query_params={"dataset": taught.name})
        if trained is not None:
            if st.button("Keep the classifier, use in Annotate", icon=":material/movie:"):
                quota.keep_draft(trained.folder)
                st.switch_page(navigation.page("annotate"), query_params={"classifier": trained.id})
            run_id = trained.id
            download(
                "Download the classifier",
                lambda: runs.export_run(run_id).read_bytes(),
                f"{trained.plan.recipe.network}-taught.zip",
                "application/zip",
                icon=":material/download:",
                help="Weights, card and report as a zip. Train can import it, and the command line uses it.",
            )
        if not drafts and st.button("Start another lesson", icon=":material/restart_alt:"):
            lesson.forget()
            st.rerun()
        with st.popover("Delete everything", icon=":material/delete:"):
            st.write("The clips and the classifier will be deleted for good.")
            if st.button("Delete it all", type="primary"):
                _delete(taught.name, run)


def _delete(name: str, run: Run | None) -> None:
    try:
        takes.discard(name)
        if run is not None:
            delete(run.id)
    except HarError as error:
        show_error(error)
        return
    lesson.forget()
    st.rerun()
