"""The report of a finished run: its accuracy on recordings it has not seen, and how far to trust it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

import streamlit as st

from har.datasets.splits import KINDS
from har.errors import HarError, JobMissing
from har.evaluation import Evaluation, Proportion
from har.networks import NETWORKS
from har.plots import split_comparison_figure, training_curves_figure
from har.runs import MAX_NAME, Run, delete_run, export_run, list_runs, read_run, recordings_job_id, rename_run
from har.sharing import SharedKind, SharedResult
from har.training import Outcome
from ui import jobs, navigation, sharing
from ui.downloads import download
from ui.formatting import format_count, format_duration, format_number
from ui.messages import label_name, plain, show_error
from ui.tables import table
from ui.theme import saved_as
from ui.train import confusions, metrics, recordings
from ui.train.recipe_form import describe_curves

_MAX_LABELS = 12  # listed


def show(run: Run, owner: str | None) -> None:
    """Show the report below the page's title."""
    outcome = run.outcome
    if outcome is None:
        return
    with st.container(key="result-heading"):  # gets the focus when the training ends: ui/assets/page.js
        st.header(plain(run.name), anchor=False)
    st.caption(f"{plain(run.plan.title)}: {list_labels(run.plan.labels)}.")
    evaluation = outcome.examination
    if evaluation is None:
        _show_untested(outcome)
    else:
        _show_accuracy(outcome, evaluation)
    _show_warnings(outcome)
    _show_actions(run, owner)
    _show_pair(run, can_open=owner is not None)
    if evaluation is not None:
        recordings.show(run, outcome.split.test, owner is not None and belongs_to(run, owner))
    st.subheader("Training curves", anchor=False)
    st.caption(_describe_training(outcome) + describe_curves(run.plan.recipe))
    figure = training_curves_figure(outcome.history, best=outcome.best.epoch)
    st.plotly_chart(figure, key="report-curves", config=saved_as("curves"))
    if evaluation is not None:
        confusions.show(evaluation.report, run.plan, shared=owner is None)
        metrics.show(evaluation)
    _show_details(run, outcome)


def list_labels(labels: Sequence[str]) -> str:
    """The first labels, and how many more there are."""
    more = f" and {len(labels) - _MAX_LABELS} more" if len(labels) > _MAX_LABELS else ""
    return ", ".join(label_name(label) for label in labels[:_MAX_LABELS]) + more


def belongs_to(run: Run, owner: str) -> bool:
    """Whether the visitor started or imported the run, rather than having its address only."""
    return any(each.id == run.id for each in list_runs(owner))


# Accuracy


def _show_accuracy(outcome: Outcome, evaluation: Evaluation) -> None:
    share, baseline = evaluation.report.share, evaluation.report.baseline
    left, middle, right = st.columns([2, 2, 3], gap="large")
    with left:
        metrics.show_share("Accuracy on test clips", share)
    with middle:
        st.metric("Baseline", f"{baseline.value:.0%}")
        st.caption("Always answering the most frequent class.")
    with right:
        st.markdown("What it means")
        st.write(_interpret(outcome, share, baseline))


def _interpret(outcome: Outcome, share: Proportion, baseline: Proportion) -> str:
    split = outcome.split
    text = f"It recognised the action in {share.right} of {format_count(share.count, 'clip')}"
    if split.leaked:
        text += ", many of them from recordings it was trained on."
    elif not any(split.groups.values()):
        text += " it was not trained on. Whether they are from recordings it was trained on is unknown."
    else:
        text += f" from recordings it has not seen{' (guessed by similarity)' if split.guessed_groups else ''}."
    low, high = share.interval
    if low <= baseline.value:
        text += " With so few clips, that is not clearly better than the baseline."
    elif high - low > 0.2:
        text += " With so few clips the accuracy is uncertain, as the interval shows."
    return text


def _show_untested(outcome: Outcome) -> None:
    st.metric("Accuracy on validation clips", f"{outcome.best.validation_accuracy:.0%}")
    why = "No clips were left for testing." if outcome.split.kind == "all" else "Training was stopped before the test."
    st.caption(f"{why} The best epoch was selected on these clips, so expect less on new videos.")


def _show_warnings(outcome: Outcome) -> None:
    split = outcome.split
    if outcome.stopped:
        last = outcome.history[-1]
        st.info(
            f"Stopped on request after epoch {last.epoch} of {last.epochs}. The best epoch, {outcome.best.epoch}, "
            "is kept.",
            icon=":material/stop_circle:",
        )
    if split.leaked:
        st.warning(
            f"This was a random split: {split.leaked} of {split.test} test clips are from recordings that are also in "
            "training. The accuracy shows how well the network remembers, not how well it recognises.",
            icon=":material/warning:",
        )
    if split.note:
        st.caption(plain(split.note))
    if outcome.skipped:
        with st.expander(f"{format_count(len(outcome.skipped), 'clip')} left out: cannot be read"):
            table(
                {"clip": [item.name for item in outcome.skipped], "reason": [item.reason for item in outcome.skipped]},
            )


def _describe_training(outcome: Outcome) -> str:
    best, last = outcome.best, outcome.history[-1]
    text = f"Epoch {best.epoch} of {last.epoch} was the best on validation clips, and its weights are kept."
    if best.train_accuracy - best.validation_accuracy > 0.15:
        text += " It is much better on training clips than on others: more recordings would help."
    return text


# Actions


def _show_actions(run: Run, owner: str | None) -> None:
    with st.container(horizontal=True):
        if owner is not None and st.button("Use in Annotate", type="primary", icon=":material/movie:"):
            st.switch_page(navigation.page("annotate"), query_params={"classifier": run.id})
        download(
            "Download",
            lambda: export_run(run.id).read_bytes(),
            f"{run.plan.recipe.network}-{datetime.fromtimestamp(run.plan.created, UTC):%Y%m%d-%H%M}.zip",
            "application/zip",
            icon=":material/download:",
            help="Weights, card and report as a zip. You can import it here or use it on the command line.",
        )
        if owner is not None and belongs_to(run, owner):
            sharing.box(SharedResult(SharedKind.RUN, run.id))
            rename_box(run)
            delete_box(run, "The classifier and this report")


def rename_box(run: Run) -> None:
    """A button that opens a field with the run's name."""
    with st.popover("Rename", icon=":material/edit:"), st.form(f"rename-{run.id}", border=False):
        name = st.text_input(
            "Name", run.name, max_chars=MAX_NAME, help="Of the run and its classifier. Empty: the name it had at first."
        )
        if st.form_submit_button("Save the name", type="primary"):
            try:
                rename_run(run.id, name)
            except HarError as error:
                show_error(error)
            else:
                st.rerun()


def delete(run_id: str) -> None:
    """End what still runs for a run, and delete it.

    Raises:
        RunMissing: there is none.
    """
    for job_id in (run_id, recordings_job_id(run_id)):
        with suppress(JobMissing):
            jobs.jobs().stop(job_id)
    delete_run(run_id)


def delete_box(run: Run, what: str) -> None:
    """A button that opens one to delete a run, and then leads to the form."""
    with st.popover("Delete", icon=":material/delete:"):
        st.write(f"{what} will be deleted for good.")
        if st.button("Delete it", type="primary"):
            delete(run.id)
            st.query_params.clear()
            st.rerun()


# The run of the same recipe on the other split


def _show_pair(run: Run, can_open: bool) -> None:
    if run.plan.pair is None:
        return
    st.subheader("Random versus grouped split", anchor=False)
    try:
        other = read_run(run.plan.pair)
    except HarError:
        st.caption("The run on the other split has been deleted.")
        return
    if other.outcome is None:
        st.caption("The run of the same recipe on the other split has no result yet.")
    else:
        _compare_splits(run, other)
    if can_open and st.button("Open the other run", icon=":material/compare_arrows:"):
        st.query_params["run"] = other.id
        st.rerun()


def _compare_splits(run: Run, other: Run) -> None:
    random, grouped = sorted((run, other), key=lambda each: each.plan.recipe.split != "random")
    random_share, grouped_share = _share(random), _share(grouped)
    if random_share is None or grouped_share is None or random.outcome is None:
        st.caption("One of the two was stopped before the test, so they cannot be compared.")
        return
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        figure = split_comparison_figure(grouped_share, random_share)
        st.plotly_chart(figure, key="switch", config=saved_as("splits"))
    with right:
        split = random.outcome.split
        st.write(
            f"The same recipe scores {random_share.value:.0%} on a random split, and {grouped_share.value:.0%} on "
            f"recordings it has not seen. In the random split, {split.leaked} of {split.test} test clips are from "
            "recordings that are also in training."
        )
        if random_share.value > grouped_share.value:
            st.caption("Only the grouped split shows what to expect on new videos.")
        else:
            st.caption("Here the random split does not inflate accuracy, or there are too few clips to show it.")


def _share(run: Run) -> Proportion | None:
    """Correct test clips; None if the run was stopped before the test."""
    evaluation = run.outcome and run.outcome.examination
    return evaluation.report.share if evaluation else None


# Details


def _show_details(run: Run, outcome: Outcome) -> None:
    split, recipe = outcome.split, run.plan.recipe
    st.subheader("Details", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.table(
            {
                "network": plain(network_title(recipe.network)),
                "parameters": f"{outcome.parameters:,}",
                "multiply-adds per clip": f"{outcome.macs:,}" if outcome.macs is not None else "not counted",
                "total time": format_duration(outcome.seconds),
                "clips per second in training": format_number(outcome.best.examples_per_sec),
            },
            border="horizontal",
        )
    with right:
        parts = {"train": split.train, "validation": split.validation, "test": split.test}
        table(
            {
                "part": list(parts),
                "clips": list(parts.values()),
                "recordings": [len(split.groups.get(part, ())) for part in parts],
            },
        )
        guessed = " Recordings were guessed by similarity." if split.guessed_groups else ""
        st.caption(f"Split: {KINDS.get(split.kind, plain(split.kind))}, seed {recipe.seed}.{guessed}")
    with st.expander("Recipe"):
        options = asdict(recipe)
        options |= {f"clip {name}": value for name, value in options.pop("spec").items()}
        table(
            {
                "option": [name.replace("_", " ") for name in options],
                "value": [str(value) for value in options.values()],
            },
        )


def network_title(network: str) -> str:
    """The network's title, or its name if a later version has dropped it."""
    return NETWORKS[network].title if network in NETWORKS else network
