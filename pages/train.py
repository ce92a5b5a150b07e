"""Train: choose data, classes and a recipe; then the address names the run."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from har.datasets import Dataset, list_datasets, splits
from har.datasets.sources import user
from har.errors import HarError
from har.recipe import Recipe
from har.runs import Estimate, Plan, Run, delete_run, estimate, list_runs, new_run, write_plan
from har.settings import MIB
from ui import visitor
from ui.dataset_cache import opened
from ui.messages import plain, show_error
from ui.navigation import start_app
from ui.train import run as training
from ui.train import run_list
from ui.train.network_diagram import network_drawn
from ui.train.recipe_form import recipe_of, split_of
from ui.train.report import long

_TUTORIAL = ("WalkingWithDog", "TaiChi", "Swing", "HorseRace")
_HANDFUL = 4  # classes to begin with


def main() -> None:
    """Without a run in the address the form, and all runs below it; with one, that run."""
    owner = visitor.owner()
    st.title("Train a classifier", anchor=False)
    run_id = st.query_params.get("run")
    if run_id is not None:
        training.show(run_id, owner)
        return
    _form(owner)
    st.divider()
    run_list.show(owner)


def _form(owner: str) -> None:
    st.write(
        "Choose actions, and a network learns to tell them apart from labelled clips. It is measured on recordings "
        "that it has not seen."
    )
    left, right = st.columns(2, gap="large")
    with left:
        name = _dataset(owner)
        try:
            dataset = opened(name)
        except HarError as error:
            show_error(error)
            return
        labels = _classes(dataset, name)
        chosen = split_of(dataset)
    with right:
        recipe = recipe_of(dataset.name, chosen)
    if len(labels) < 2:
        st.info("Choose at least two classes.", icon=":material/checklist:")
        st.button("Train", type="primary", icon=":material/play_arrow:", disabled=True)
        return
    if recipe is None:
        return
    _begin(owner, dataset.only(labels), Plan(name, dataset.title, labels, recipe, time.time()))
    network_drawn(recipe, len(labels))


# Which clips


def _dataset(owner: str) -> str:
    known = _known(owner)
    asked = st.query_params.get("dataset", "")
    return st.selectbox(
        "Data set",
        list(known),
        index=list(known).index(asked) if asked in known else 0,
        format_func=known.__getitem__,
        key="train-dataset",
        help="Explore shows what is in them, fetches more, and takes clips of your own.",
    )


def _known(owner: str) -> Mapping[str, str]:
    """Titles of the data sets that may be trained on: everybody's, the address's, and those of earlier runs."""
    known = {entry.name: entry.title for entry in list_datasets()}
    names = [st.query_params.get("dataset", ""), *(run.plan.dataset for run in list_runs(owner))]
    for name in dict.fromkeys(names):
        try:
            if name.startswith("own-") and user.folder_of(name).is_dir():
                known[name] = opened(name).title
        except HarError:  # an empty one, or a name that cannot be
            continue
    return known


def _classes(dataset: Dataset, name: str) -> tuple[str, ...]:
    """Which labels; ways to choose several at once above them."""
    tutorial = tuple(label for label in _TUTORIAL if label in dataset.labels)
    handful = tutorial if len(tutorial) == len(_TUTORIAL) else dataset.labels[:_HANDFUL]
    turn, begun = st.session_state.get(f"preset-{name}", (0, handful))
    few = "The tutorial's four" if handful == tutorial else f"The first {len(handful)}"
    labels = st.multiselect(
        "Classes",
        dataset.labels,
        default=[label for label in begun if label in dataset.labels],
        placeholder="Choose at least two",
        wrap=True,
        key=f"classes-{name}-{turn}",
    )
    with st.container(horizontal=True, gap="medium"):
        for title, chosen in {few: handful, f"All {len(dataset.labels)}": dataset.labels, "None": ()}.items():
            if st.button(title, type="tertiary", key=f"{title}-{name}"):
                st.session_state[f"preset-{name}"] = (turn + 1, chosen)  # a new widget begins with these
                st.rerun()
    return tuple(label for label in dataset.labels if label in labels)


# Whether it fits, and off


def _begin(owner: str, dataset: Dataset, plan: Plan) -> None:
    """What it will take, or why it cannot be; the button."""
    split, expected, refusal = None, None, None
    try:
        split = _divided(dataset, plan.recipe)
        expected = estimate(dataset, plan.recipe)
    except HarError as error:
        refusal = error
    with st.container(border=True):
        _told(dataset, plan.recipe, split, expected)
        if refusal is not None:
            st.warning(plain(str(refusal)), icon=":material/block:")
        both = False
        if plan.recipe.split != "random" and dataset.groups:
            both = st.toggle(
                "Train on a random split too, to see what it flatters",
                help="A second run of the same recipe, after the first: it takes as long again.",
            )
        if st.button("Train", type="primary", icon=":material/play_arrow:", disabled=refusal is not None):
            _start(owner, plan, both)


def _divided(dataset: Dataset, recipe: Recipe) -> splits.Split | None:
    """How the clips will be divided; None where their recordings have to be guessed first.

    Raises:
        DatasetTooSmall: they cannot be.
    """
    if _guesses(dataset, recipe):
        return None
    key = (dataset.name, len(dataset.videos), dataset.labels, recipe.split)
    return _cached_split(dataset, key, recipe.seed, recipe.validation_share, recipe.test_share)


def _guesses(dataset: Dataset, recipe: Recipe) -> bool:
    """Whether training will have to tell recordings apart by likeness."""
    return recipe.split == "grouped" and any(video.group is None for video in dataset.videos)


@st.cache_resource(max_entries=32, show_spinner="Dividing …")
def _cached_split(_dataset: Dataset, key: tuple[Any, ...], seed: int, validation: float, test: float) -> splits.Split:
    return splits.divide(_dataset, key[-1], seed, validation, test)


def _told(dataset: Dataset, recipe: Recipe, split: splits.Split | None, expected: Estimate | None) -> None:
    """Clips, recordings, parts, time and memory, in two sentences."""
    count = len(dataset.videos)
    of = f"{len(dataset.groups)} recordings" if dataset.groups else "recordings that nothing tells apart"
    told = f"**{count:,} clips** of {len(dataset.labels)} classes, from {of}."
    if split is not None:
        told += (
            f" {len(split.train):,} train, {len(split.validation):,} choose the best epoch, "
            f"{len(split.test):,} only measure."
        )
    elif _guesses(dataset, recipe):
        told += " Clips that look alike are taken for one recording first: a guess, and better than none."
    st.write(told)
    if expected is not None:
        st.write(
            f"About **{long(expected.seconds)}** and **{expected.memory_bytes / MIB:,.0f} MB** of memory on this "
            "machine, less if it stops improving early."
        )


def _start(owner: str, plan: Plan, both: bool) -> None:
    """Make the run, and the one beside it, and have them trained one after the other."""
    run: Run | None = None
    try:
        run = new_run(owner, plan)
        training.begin(run.id)
    except HarError as error:
        if run is not None:
            delete_run(run.id)
        show_error(error)
        return
    if both:
        _start_other(owner, run)
    st.query_params.from_dict({"run": run.id})
    st.rerun()


def _start_other(owner: str, run: Run) -> None:
    """If it has to wait too long now, it stays in the table and can be trained later."""
    try:
        recipe = replace(run.plan.recipe, split="random")
        other = new_run(owner, replace(run.plan, recipe=recipe, pair=run.id))
        write_plan(replace(run, plan=replace(run.plan, pair=other.id)))
        training.begin(other.id)
    except HarError as error:
        st.toast(plain(str(error)), icon=":material/error:")


if __name__ == "__main__":
    start_app()
