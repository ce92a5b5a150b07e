"""What a training will take, and the button that starts it."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from har import runs
from har.datasets import Dataset, splits
from har.errors import HarError
from har.recipe import Recipe
from har.runs import Estimate, Plan, Run
from har.settings import MIB
from ui import visitor
from ui.formatting import format_duration
from ui.jobs import jobs
from ui.messages import plain, show_error, without_paths


def show(owner: str, dataset: Dataset, name: str, labels: Sequence[str], recipe: Recipe) -> None:
    """Show the estimate, or why these choices cannot be trained, and the button.

    Args:
        owner: of the run.
        dataset: with all its labels.
        name: by which the job opens it.
        labels: the chosen ones.
        recipe: how to train.
    """
    if len(labels) < 2:
        st.info("Choose at least two classes.", icon=":material/checklist:")
        _button(disabled=True)
        return
    plan = Plan(name, dataset.title, tuple(labels), recipe, time.time())
    dataset = dataset.select_labels(labels)
    split, estimate, refusal = None, None, None
    try:
        split = _split(dataset, recipe)
        estimate = runs.estimate(dataset, recipe)
    except HarError as error:
        refusal = error
    with st.container(border=True):
        _describe(dataset, recipe, split, estimate)
        if refusal is not None:
            st.warning(plain(str(refusal)), icon=":material/block:")
        with_random = (
            recipe.split != "random"
            and bool(dataset.groups)
            and st.toggle(
                "Also train on a random split, to see how much it inflates accuracy",
                help="A second run of the same recipe, after the first. It takes as long again.",
            )
        )
        if _button(disabled=refusal is not None):
            _start(owner, plan, with_random)


def _button(*, disabled: bool) -> bool:
    return st.button("Train", type="primary", icon=":material/play_arrow:", disabled=disabled)


def _split(dataset: Dataset, recipe: Recipe) -> splits.Split | None:
    """None where recordings have to be guessed first.

    Raises:
        DatasetTooSmall: the clips cannot be split.
    """
    if _guesses_groups(dataset, recipe):
        return None
    key = (dataset.name, len(dataset.videos), dataset.labels, recipe.split)
    return _cached_split(dataset, key, recipe.seed, recipe.validation_share, recipe.test_share)


def _guesses_groups(dataset: Dataset, recipe: Recipe) -> bool:
    return recipe.split == "grouped" and any(video.group is None for video in dataset.videos)


@st.cache_resource(max_entries=32, show_spinner="Splitting…")
def _cached_split(_dataset: Dataset, key: tuple[Any, ...], seed: int, validation: float, test: float) -> splits.Split:
    return splits.split_dataset(_dataset, key[-1], seed, validation, test)


def _describe(dataset: Dataset, recipe: Recipe, split: splits.Split | None, estimate: Estimate | None) -> None:
    groups = f"from {len(dataset.groups)} recordings" if dataset.groups else "recordings unknown"
    text = f"**{len(dataset.videos):,} clips** of {len(dataset.labels)} classes, {groups}"
    if split is not None:
        text += f": {len(split.train):,} for training, {len(split.validation):,} for validation, "
        text += f"{len(split.test):,} for testing."
    elif _guesses_groups(dataset, recipe):
        text += ". Clips that look alike are first grouped as one recording, which is a guess."
    else:
        text += "."
    st.write(text)
    if estimate is not None:
        st.write(
            f"About **{format_duration(estimate.seconds)}** and **{estimate.memory_bytes / MIB:,.0f} MB** of memory on "
            "this machine. It ends earlier if accuracy stops improving."
        )


def _start(owner: str, plan: Plan, with_random: bool) -> None:
    """Start the run, optionally a second one on a random split, and open the first."""
    run: Run | None = None
    try:
        run = runs.new_run(owner, plan)
        runs.start_run(jobs(), run.id, visitor.visitor())
    except HarError as error:
        if run is not None:
            runs.delete_run(run.id)
        show_error(error)
        return
    if with_random:
        _start_random(owner, run)
    st.query_params.from_dict({"run": run.id})
    st.rerun()


def _start_random(owner: str, run: Run) -> None:
    """If the queue is full, the second run stays in the table and can be trained later."""
    try:
        recipe = replace(run.plan.recipe, split="random")
        other = runs.new_run(owner, replace(run.plan, recipe=recipe, pair=run.id))
        runs.write_plan(replace(run, plan=replace(run.plan, pair=other.id)))
        runs.start_run(jobs(), other.id, visitor.visitor())
    except HarError as error:
        st.toast(plain(without_paths(str(error))), icon=":material/error:")
