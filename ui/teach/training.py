"""Training on the same page: what is missing, the button, progress and curves, and how good the classifier is."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import streamlit as st

from har import runs
from har.datasets import takes
from har.errors import HarError, RunMissing
from har.jobs import JobState, JobStatus
from har.networks import NETWORKS
from har.plots import training_curves_figure
from har.recipe import Recipe
from har.runs import Plan, RecordingsReport, Run
from har.storage import quota
from ui.formatting import format_count, format_duration
from ui.jobs import find_status, follow, is_running
from ui.messages import label_name, plain, show_error, show_failure
from ui.teach.lesson import RUN, Lesson
from ui.theme import saved_as
from ui.train import live, recordings
from ui.train.metrics import show_share
from ui.train.report import belongs_to, delete, list_labels
from ui.train.start_box import start_new_run

_MIN_CLIPS = 3  # of a class, to train on
_MIN_TAKES = 2  # of each class, to test one while the others are learnt
_TITLE = "Shown to the camera"


def show_button(lesson: Lesson, recipe: Recipe, owner: str) -> None:
    """Show what is still missing, and the button."""
    clips = lesson.clips()
    missing = what_is_missing(lesson.labels, clips)
    trained = opened(lesson, owner)
    network = plain(NETWORKS[recipe.network].title)
    busy = trained is not None and trained.outcome is None and is_running(find_status(trained.id))
    if st.button(
        "Train" if trained is None else "Train again",
        type="primary",
        icon=":material/model_training:",
        disabled=bool(missing) or busy,
        key="teach-train",
    ):
        _start(lesson, recipe, owner, trained)
    if missing:
        st.caption(missing)
    else:
        empty = [label for label in lesson.labels if label not in clips]
        left_out = f" {list_labels(empty)} has no clips and is left out." if empty else ""
        count = sum(map(len, clips.values()))
        st.caption(f"{format_count(count, 'clip')} of {len(clips)} classes, with {network}.{left_out}")
    if NETWORKS[recipe.network].published is None:
        st.caption(
            f"MoViNet, which learns moves better, cannot be had on this server at the moment: {network} is used "
            "instead."
        )


def what_is_missing(labels: Sequence[str], clips: Mapping[str, Sequence[Path]]) -> str:
    """A sentence on what has to be recorded before training; empty: nothing."""
    empty = [label for label in labels if label not in clips]
    few = [label for label in labels if 0 < len(clips.get(label, ())) < _MIN_CLIPS]
    if len(clips) < 2:
        need = list_labels(empty)
        return f"Two classes with clips are needed. Record some of {need}." if need else "Add another class."
    if few:
        return f"{list_labels(few)}: at least {_MIN_CLIPS} clips are needed."
    return ""


def opened(lesson: Lesson, owner: str) -> Run | None:
    """The run in the address, if it is the visitor's and of these clips."""
    run_id = st.query_params.get(RUN) or lesson.run
    try:
        run = runs.open_run(run_id) if run_id else None
    except RunMissing:
        return None
    return run if run is not None and run.plan.dataset == lesson.name and belongs_to(run, owner) else None


def show_run(run: Run) -> bool:
    """Show a training while it runs, or how it ended; whether there is a classifier."""
    status = find_status(run.id)
    if run.outcome is None:
        if is_running(status):
            st.header("Training", anchor=False)
            live.show(run.id)
            st.caption("The curves are of clips of the same takes, so they look better than the classifier is.")
        else:
            _explain(status)
        return False
    labels = list_labels(run.plan.labels)
    with st.container(key="result-heading"):
        st.header("It knows your moves", anchor=False)
    st.write(f"Trained in {format_duration(run.outcome.seconds)} to recognise {labels}.")
    if run.outcome.stopped:
        st.info("Stopped on request. The best epoch is kept.", icon=":material/stop_circle:")
    if run.outcome.skipped:
        names = ", ".join(plain(item.name) for item in run.outcome.skipped)
        st.warning(f"Left out, because they cannot be read: {names}.", icon=":material/warning:")
    return True


def _start(lesson: Lesson, recipe: Recipe, owner: str, earlier: Run | None) -> None:
    """Start a run, in place of an earlier one that was not kept."""
    try:
        name, labels = lesson.create_set(), tuple(sorted(lesson.clips()))
    except HarError as error:
        show_error(error)
        return
    run = start_new_run(owner, Plan(name, _TITLE, labels, recipe, time.time()), draft=True)
    if run is None:
        return
    if earlier is not None and quota.draft_until(earlier.folder) is not None:
        with suppress(RunMissing):
            delete(earlier.id)
    lesson.active = None
    lesson.run = st.query_params[RUN] = run.id
    st.rerun()


def _explain(status: JobStatus | None) -> None:
    if status is not None and status.state is JobState.FAILED:
        show_failure(status)
    elif status is not None and status.state is JobState.STOPPED:
        st.info("Stopped before the first epoch ended, so there is no classifier.", icon=":material/stop_circle:")
    else:
        st.warning("This training was interrupted. Train again.", icon=":material/link_off:")


# How good it is


def show_quality(lesson: Lesson, run: Run) -> None:
    """Show how good a classifier is, as far as that can be said, and its curves."""
    st.header("How good is it?", anchor=False)
    _show_accuracy(lesson, run)
    if run.outcome is not None:
        with st.expander("Training curves"):
            figure = training_curves_figure(run.outcome.history, best=run.outcome.best.epoch)
            st.plotly_chart(figure, key="teach-curves", config=saved_as("curves"))


def _show_accuracy(lesson: Lesson, run: Run) -> None:
    """The accuracy on takes that were left out, which a job measures once the classifier is there."""
    clips = {label: found for label, found in lesson.clips().items() if label in run.plan.labels}
    fewest = min((len({takes.take_of(path) for path in clips.get(label, ())}) for label in run.plan.labels), default=0)
    if fewest < _MIN_TAKES:
        st.info(
            "There are too few takes to say. Record every class in at least two takes, with another "
            "place, other clothes or another person, and train again: then each take is left out in turn, and tested.",
            icon=":material/help:",
        )
        return
    job_id = runs.recordings_job_id(run.id)
    report, status = runs.read_recordings(run), find_status(job_id)
    if report is None and status is None:
        try:
            recordings.start(run, detached=False)
        except HarError as error:
            show_error(error)
            return
        status = find_status(job_id)
    if is_running(status):
        st.markdown("Each take is left out of a training in turn, and tested.")
        follow(job_id)
    elif report is not None:
        _show_report(report)
    elif status is not None and status.state is JobState.FAILED:
        show_failure(status)
    else:
        st.caption("How good it is was not tested, because the test was cancelled.")


def _show_report(report: RecordingsReport) -> None:
    share = report.share
    low, high = share.interval
    left, right = st.columns([2, 5], gap="large")
    with left:
        show_share("Accuracy on takes left out", share)
    with right:
        st.markdown("What it means")
        text = f"In {format_count(share.count, 'clip')} of takes that it had not seen, it recognised {share.right}."
        if low <= report.baseline:
            text += (
                f" Always answering the most frequent class would be right in {report.baseline:.0%}: these are too few "
                "clips to say whether it is better than that."
            )
        elif high - low > 0.2:
            text += " These are few clips, so the accuracy is uncertain, as the interval shows."
        st.write(text)
        if mistakes := _most_frequent_mistake(report):
            st.caption(mistakes)


def _most_frequent_mistake(report: RecordingsReport) -> str:
    wrong = [
        (count, label, predicted)
        for label, row in zip(report.labels, report.confusion, strict=True)
        for predicted, count in zip(report.labels, row, strict=True)
        if count and label != predicted
    ]
    if not wrong:
        return ""
    _, label, predicted = max(wrong, key=lambda each: each[0])
    return f"Most frequent mistake: {label_name(label)} taken for {label_name(predicted)}."
