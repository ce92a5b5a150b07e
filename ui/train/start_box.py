"""What a training will take, and the button that starts it."""

import time
from dataclasses import replace

import streamlit as st

from har import runs
from har.datasets import Dataset, splits
from har.errors import HarError
from har.recipe import Recipe
from har.runs import FEW_TEST_CLIPS, Estimate, Plan, Run
from har.settings import MIB
from har.storage import quota
from har.training.outcome import training_title
from ui import visitor
from ui.dataset_cache import cached_split
from ui.jobs import jobs
from ui.messages import plain, show_error, without_paths
from ui.pace import rough_duration
from ui.train import recordings


def show(owner: str, name: str, dataset: Dataset | None, recipe: Recipe, random_too: bool) -> None:
    """Show the estimate, or why these choices cannot be trained, and the button."""
    if dataset is None:
        st.info("Choose at least two classes.", icon=":material/checklist:")
        _button(disabled=True)
        return
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
        in_turn = split is not None and len(split.test) < FEW_TEST_CLIPS and _offer_recordings(dataset, recipe, split)
        if _button(disabled=refusal is not None) and estimate is not None:
            plan = Plan(name, dataset.title, dataset.labels, recipe, time.time(), cost_sec=estimate.cost_sec)
            _start(owner, plan, random_too, in_turn)


def _offer_recordings(dataset: Dataset, recipe: Recipe, split: splits.Split) -> bool:
    seconds = runs.estimate_recordings(dataset, recipe)
    return seconds is not None and recordings.offer(len(split.test), seconds)


def _button(*, disabled: bool) -> bool:
    return st.button("Train", type="primary", icon=":material/play_arrow:", disabled=disabled)


def _split(dataset: Dataset, recipe: Recipe) -> splits.Split | None:
    """None where recordings have to be guessed first.

    Raises:
        DatasetTooSmall: the clips cannot be split.
    """
    if _guesses_groups(dataset, recipe):
        return None
    return cached_split(dataset, recipe.split, recipe.seed, recipe.validation_share, recipe.test_share)


def _guesses_groups(dataset: Dataset, recipe: Recipe) -> bool:
    return recipe.split == "grouped" and any(video.group is None for video in dataset.videos)


def _describe(dataset: Dataset, recipe: Recipe, split: splits.Split | None, estimate: Estimate | None) -> None:
    groups = f"from {len(dataset.groups)} recordings" if dataset.groups else "recordings unknown"
    title = training_title(recipe, dataset.labels, dataset.name)
    text = f"**{plain(title)}**  \n{len(dataset.videos):,} clips of {len(dataset.labels)} classes, {groups}"
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
            f"{rough_duration(estimate.seconds, 'About')} and **{estimate.memory_bytes / MIB:,.0f} MB** of memory on "
            "this machine. It ends earlier if accuracy stops improving."
        )


def start_new_run(owner: str, plan: Plan, *, draft: bool = False) -> Run | None:
    """A new run, whose training is started; None, and the reason on the page, if that is refused.

    A draft is removed after a while, unless its owner keeps it.
    """
    run: Run | None = None
    try:
        run = runs.new_run(owner, plan)
        if draft:
            quota.touch_draft(run.folder)
        runs.start_run(jobs(), run.id, visitor.visitor())
    except HarError as error:
        if run is not None:
            runs.delete_run(run.id)
        show_error(error)
        return None
    return run


def _start(owner: str, plan: Plan, random_too: bool, in_turn: bool) -> None:
    """Start the run, optionally a second one on a random split and tests on each recording, and open the first."""
    run = start_new_run(owner, plan)
    if run is None:
        return
    if random_too:
        _start_random(owner, run)
    if in_turn:
        try:
            recordings.start(run)
        except HarError as error:
            _notify(error)
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
        _notify(error)


def _notify(error: HarError) -> None:
    """What cannot be started now can be started later."""
    st.toast(plain(without_paths(str(error))), icon=":material/error:")
