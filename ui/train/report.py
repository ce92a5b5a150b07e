"""A run's report: how often it is right on recordings it never saw, and what to make of that."""

import math
from dataclasses import asdict
from datetime import UTC, datetime

import streamlit as st

from har.datasets.splits import KINDS
from har.errors import HarError
from har.evaluation import Examination, Share
from har.networks import NETWORKS
from har.plots import curves_figure, switch_figure
from har.runs import Outcome, Run, delete_run, export_run, list_runs, look_at
from har.sharing import Kind, Result
from ui import navigation, sharing
from ui.downloads import download
from ui.messages import plain
from ui.theme import saved_as
from ui.train import confusions, metrics
from ui.train.recipe_form import of_curves


def show(run: Run, owner: str | None) -> None:
    """All of the report below the page's title.

    Args:
        run: one that is through.
        owner: who looks; None: somebody to whom it was shared, who may read it and take it away.
    """
    outcome = run.outcome
    if outcome is None:
        return
    st.header(plain(run.name), anchor=False)
    st.caption(f"{plain(run.plan.title)}: {_listed(run.plan.labels)}.")
    examination = outcome.examination
    if examination is None:
        _untested(outcome)
    else:
        _headline(outcome, examination)
    _warnings(outcome)
    _ways_on(run, owner)
    _pair(run, with_way=owner is not None)
    st.subheader("How it learnt", anchor=False)
    st.caption(_learnt(outcome) + of_curves(run.plan.recipe))
    st.plotly_chart(
        curves_figure(outcome.history, best=outcome.best.epoch), key="report-curves", config=saved_as("curves")
    )
    if examination is not None:
        confusions.show(examination.report, run.plan, shared=owner is None)
        metrics.show(examination)
    _numbers(run, outcome)


def percent(share: Share) -> str:
    """A share with its 95 % interval: '83% (70% to 91%)'."""
    low, high = share.interval
    return f"{share.value:.0%} ({low:.0%} to {high:.0%})"


def long(seconds: float) -> str:
    """A stretch of time in words: '40 s', '3 min', '1 h 20 min'."""
    if seconds < 90:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _listed(labels: tuple[str, ...]) -> str:
    more = f" and {len(labels) - 12} more" if len(labels) > 12 else ""
    return ", ".join(plain(label) for label in labels[:12]) + more


# What it is worth


def _headline(outcome: Outcome, examination: Examination) -> None:
    share, baseline = examination.report.share, examination.report.baseline
    low, high = share.interval
    left, middle, right = st.columns([2, 2, 3], gap="large")
    with left:
        st.metric("Accuracy on test clips", f"{share.value:.0%}")
        st.caption(f"95 % interval: {low:.0%} to {high:.0%} · {share.right} of {share.count} clips")
    with middle:
        st.metric("Always the same answer", f"{baseline.value:.0%}")
        st.caption("The most frequent class for every clip: that takes no network.")
    with right:
        st.markdown("What it means")
        st.write(_meaning(outcome, share, baseline))


def _meaning(outcome: Outcome, share: Share, baseline: Share) -> str:
    clips = f"{share.count} {'clip' if share.count == 1 else 'clips'}"
    if outcome.split.leaked:
        told = f"It named the action in {share.right} of {clips}, many of which it knows: their recordings trained it."
    elif not any(outcome.split.groups.values()):
        told = (
            f"It named the action in {share.right} of {clips} that did not train it. Nothing tells whether they are of "
            "recordings that did."
        )
    else:
        guessed = " (as guessed by likeness)" if outcome.split.guessed_groups else ""
        told = f"It named the action in {share.right} of {clips} of recordings it never saw{guessed}."
    low, high = share.interval
    if low <= baseline.value:
        told += " With so few clips, that is not clearly better than always giving the same answer."
    elif high - low > 0.2:
        told += " So few clips leave the true figure uncertain, as the interval shows."
    return told


def _untested(outcome: Outcome) -> None:
    best = outcome.best
    st.metric("Accuracy on validation clips", f"{best.validation_accuracy:.0%}")
    st.caption(
        "It was stopped before the test. These clips chose the epoch, so the figure is likely too good: on new videos "
        "expect less."
    )


def _warnings(outcome: Outcome) -> None:
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
            f"The split was random: of {split.test} test clips, {split.leaked} are of recordings that are also in "
            "training. The accuracy says how well the network remembers, not how well it recognises.",
            icon=":material/warning:",
        )
    if split.note:
        st.caption(plain(split.note))


def _learnt(outcome: Outcome) -> str:
    best, last = outcome.best, outcome.history[-1]
    told = f"Epoch {best.epoch} of {last.epoch} was the best on validation clips, and its weights are kept."
    if best.train_accuracy - best.validation_accuracy > 0.15:
        told += " It knows the training clips much better than others: more recordings would help."
    return told


# Ways on


def _ways_on(run: Run, owner: str | None) -> None:
    with st.container(horizontal=True):
        if owner is not None and st.button("Use in Annotate", type="primary", icon=":material/movie:"):
            page = navigation.page("annotate")
            st.switch_page(page, query_params={"classifier": run.id})
        download(
            "Take away",
            lambda: export_run(run.id).read_bytes(),
            f"{run.plan.recipe.network}-{datetime.fromtimestamp(run.plan.created, UTC):%Y%m%d-%H%M}.zip",
            "application/zip",
            icon=":material/download:",
            help="Weights, card and report in a zip. It can be imported here or used from the command line.",
        )
        if owner is not None and belongs(run, owner):
            sharing.box(Result(Kind.RUN, run.id))
            with st.popover("Delete", icon=":material/delete:"):
                st.write("The classifier and this report are gone then. Nobody can bring them back.")
                if st.button("Delete it", type="primary"):
                    delete_run(run.id)
                    st.query_params.clear()
                    st.rerun()


def belongs(run: Run, owner: str) -> bool:
    """Whether the visitor has made or imported the run, and was not only given its address."""
    return any(each.id == run.id for each in list_runs(owner))


# The same on the other split


def _pair(run: Run, with_way: bool) -> None:
    """Both side by side, where the same was trained on the other kind of split."""
    if run.plan.pair is None:
        return
    st.subheader("What a random split flatters", anchor=False)
    try:
        other = look_at(run.plan.pair)
    except HarError:
        st.caption("The run on the other kind of split has been deleted.")
        return
    if other.outcome is None:
        st.caption("The same recipe on the other kind of split has no result yet.")
    else:
        _side_by_side(run, other)
    if with_way and st.button("Open the other run", icon=":material/compare_arrows:"):
        st.query_params["run"] = other.id
        st.rerun()


def _side_by_side(run: Run, other: Run) -> None:
    random, grouped = sorted((run, other), key=lambda each: each.plan.recipe.split != "random")
    shares = [share for each in (grouped, random) if (share := _share(each)) is not None]
    if len(shares) < 2 or random.outcome is None:
        st.caption("One of the two was stopped before the test, so they cannot be compared.")
        return
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        st.plotly_chart(switch_figure(*shares), key="switch", config=saved_as("splits"))
    with right:
        split = random.outcome.split
        st.write(
            f"The same recipe reaches {shares[1].value:.0%} when clips are dealt out at random, and "
            f"{shares[0].value:.0%} on whole recordings that it never saw. At random, {split.leaked} of {split.test} "
            "test clips are of recordings that are also in training."
        )
        st.caption("Only the lower bar tells what to expect of new videos." if shares[1].value > shares[0].value else
                   "Here the random split does not flatter, or too few clips tell.")  # fmt: skip


def _share(run: Run) -> Share | None:
    """What was right on test clips; None: it was stopped before."""
    examination = run.outcome and run.outcome.examination
    return examination.report.share if examination else None


# What it took


def _numbers(run: Run, outcome: Outcome) -> None:
    split, recipe = outcome.split, run.plan.recipe
    st.subheader("In numbers", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.table(
            {
                "network": NETWORKS[recipe.network].title if recipe.network in NETWORKS else plain(recipe.network),
                "parameters": f"{outcome.parameters:,}",
                "multiply-adds for a clip": f"{outcome.macs:,}" if outcome.macs is not None else "not counted",
                "time, all in all": long(outcome.seconds),
                "clips a second in training": f"{outcome.best.examples_per_sec:.3g}",
            },
            border="horizontal",
        )
    with right:
        parts = {"train": split.train, "validation": split.validation, "test": split.test}
        st.dataframe(
            {
                "part": list(parts),
                "clips": list(parts.values()),
                "recordings": [len(split.groups.get(part, ())) for part in parts],
            },
            hide_index=True,
        )
        guessed = " Recordings were guessed by likeness." if split.guessed_groups else ""
        st.caption(f"{KINDS.get(split.kind, plain(split.kind))}, seed {recipe.seed}.{guessed}")
    with st.expander("The recipe"):
        chosen = asdict(recipe)
        chosen |= {f"clip {name}": value for name, value in chosen.pop("spec").items()}
        st.dataframe(
            {"choice": [name.replace("_", " ") for name in chosen], "value": [str(value) for value in chosen.values()]},
            hide_index=True,
        )
