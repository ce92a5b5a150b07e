"""Teach: show moves to the camera, train on them, and try the classifier, all on one page."""

import streamlit as st

from har.classifier import read_card
from har.datasets import user_sets
from har.errors import HarError
from har.live import is_quick
from har.recipe import Recipe
from har.runs import Run
from har.storage import quota
from ui import visitor
from ui.live.panel import live_panel
from ui.messages import show_error
from ui.navigation import start_app
from ui.teach import columns, keeping, lesson, training
from ui.teach.lesson import Lesson

_STAY_SEC = 60.0  # how often an open page reports that its clips and its classifier are still needed


def main() -> None:
    """Draw the screen."""
    owner = visitor.known_owner()
    st.title("Teach it your own moves", anchor=False)
    taught, problem = lesson.current()
    if problem:
        st.info(problem, icon=":material/info:")
    recipe = lesson.recipe()
    st.write(
        "Name two or more moves, and show each to the camera a few times. A network then learns to recognise them. A "
        f"clip takes {recipe.spec.span_sec:g} seconds: do the move at least once in it."
    )
    columns.show_added()
    _workspace(taught, recipe, owner)
    columns.show_opened(taught)
    run = training.opened(taught, owner)
    if run is not None and training.show_run(run):
        _show_live(run)
        training.show_quality(taught, run)
    keeping.show(taught, run)
    _stay(taught, run)


def _show_live(run: Run) -> None:
    try:
        if is_quick(read_card(run.classifier)):
            st.header("Try it live", anchor=False)
            live_panel(run.classifier)
    except HarError as error:
        show_error(error)


@st.fragment
def _workspace(taught: Lesson, recipe: Recipe, owner: str) -> None:
    columns.show(taught, recipe)
    training.show_button(taught, recipe, owner)


@st.fragment(run_every=_STAY_SEC)
def _stay(taught: Lesson, run: Run | None) -> None:
    """While the page is open, nothing of it is removed."""
    folders = [user_sets.dataset_folder(taught.name)] if taught.name else []
    folders += [run.folder] if run else []
    for folder in folders:
        if quota.draft_until(folder) is not None:
            quota.touch_draft(folder)


if __name__ == "__main__":
    start_app()
