"""A visitor's runs: a table, their curves side by side, and what the seed alone changes."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from har.errors import HarError, JobMissing
from har.jobs import JobState, new_job_id
from har.networks import NETWORKS
from har.plots import compare_figure
from har.runs import Run, delete_run, group_runs, import_run, list_runs
from har.settings import settings
from har.storage import quota
from ui import uploads
from ui.jobs import jobs
from ui.messages import plain, show_error
from ui.theme import saved_as
from ui.train.report import long, percent

_TABLE = "runs"
_UPLOADS = "run-uploads"  # in the session: so many archives were brought; each time the widget is a new one


def show(owner: str) -> None:
    """The table, what can be done with the chosen rows, and the way in for a run from elsewhere."""
    st.header("Your runs", anchor=False)
    runs = list_runs(owner)
    if not runs:
        st.caption(
            "None yet: choose classes above and press Train. This browser remembers which runs are yours; there is "
            "nothing to log in to."
        )
    else:
        chosen = [runs[row] for row in _table(runs) if row < len(runs)]
        _with_chosen(chosen)
        _groups(runs)
    with st.expander("Import a run", icon=":material/upload:"):
        _import(owner)


def _table(runs: Sequence[Run]) -> list[int]:
    recipes = [run.plan.recipe for run in runs]
    return st.dataframe(
        {
            "name": [run.name for run in runs],
            "data": [run.plan.title for run in runs],
            "network": [NETWORKS[each.network].title if each.network in NETWORKS else each.network for each in recipes],
            "recipe": [each.preset for each in recipes],
            "split": [each.split for each in recipes],
            "seed": [each.seed for each in recipes],
            "state": [state_of(run) for run in runs],
            "accuracy": [_accuracy(run) for run in runs],
            "time": [long(run.outcome.seconds) if run.outcome else "" for run in runs],
            "parameters": [f"{run.outcome.parameters:,}" if run.outcome else "" for run in runs],
            "begun": [datetime.fromtimestamp(run.plan.created, UTC) for run in runs],
        },
        column_config={
            "accuracy": st.column_config.TextColumn(help="On test clips, with its 95 % interval."),
            "begun": st.column_config.DatetimeColumn(format="distance"),
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"{_TABLE}-{len(runs)}",  # rows move when there is one more or less
    ).selection.rows


def state_of(run: Run) -> str:
    """In a word or two, where a run stands."""
    if run.outcome is not None:
        if run.outcome.stopped:
            return "stopped"
        return "done"
    try:
        state = jobs().status(run.id).state
    except JobMissing:
        state = None
    match state:
        case JobState.WAITING:
            return "waiting"
        case JobState.RUNNING:
            return f"training, {len(run.history)} of {run.plan.recipe.epochs}"
        case JobState.FAILED:
            return "failed"
        case JobState.STOPPED:
            return "stopped, nothing kept"
    return f"cut off after epoch {run.history[-1].epoch}" if run.history else "not trained"


def _accuracy(run: Run) -> str:
    if run.outcome is None or run.outcome.examination is None:
        return ""
    return percent(run.outcome.examination.report.share)


def _with_chosen(chosen: Sequence[Run]) -> None:
    if not chosen:
        st.caption("Choose a run to open or delete it, several to compare their curves.")
        return
    going = any(_going(run) for run in chosen)
    with st.container(horizontal=True):
        if len(chosen) == 1 and st.button("Open", type="primary", icon=":material/open_in_full:"):
            st.query_params["run"] = chosen[0].id
            st.rerun()
        what = "it" if len(chosen) == 1 else f"these {len(chosen)}"
        told = "What is being trained, or waits for it, must be stopped first." if going else None
        with st.popover("Delete", icon=":material/delete:", disabled=going, help=told):
            st.write("What was learnt is gone then. Nobody can bring it back.")
            if st.button(f"Delete {what}", type="primary"):
                for run in chosen:
                    delete_run(run.id)
                st.rerun()
    if len(chosen) > 1:
        _compare(chosen)


def _going(run: Run) -> bool:
    try:
        return run.outcome is None and not jobs().status(run.id).state.settled
    except JobMissing:
        return False


def _compare(chosen: Sequence[Run]) -> None:
    curves = {}
    for run in chosen:
        history = run.outcome.history if run.outcome else run.history
        name = run.name if run.name not in curves else f"{run.name}, {run.id[:4]}"
        if history:
            curves[name] = history
    if len(curves) > 1:
        st.plotly_chart(compare_figure(curves), key="compare", config=saved_as("curves"))
    else:
        st.caption("At least two of them need an epoch to be compared.")


def _groups(runs: Sequence[Run]) -> None:
    """Runs that differ in nothing but the seed: what is chance, and what is not."""
    groups = [group for group in group_runs(runs) if group.spread is not None]
    if not groups:
        return
    st.markdown("**The same but for the seed**")
    st.dataframe(
        {
            "runs": [group.label for group in groups],
            "how many": [len(group.runs) for group in groups],
            "accuracy": [f"{group.mean:.1%} ± {group.spread:.1%}" for group in groups],
        },
        hide_index=True,
    )
    st.caption("A difference between two recipes that is smaller than this spread may be chance.")


def _import(owner: str) -> None:
    """An archive that 'Take away' made, here or on another machine."""
    key = f"run-zip-{st.session_state.get(_UPLOADS, 0)}"
    most = uploads.box_mb(settings().max_video_bytes)
    upload = st.file_uploader("A zip that 'Take away' gave", type=["zip"], max_upload_size=most, key=key)
    st.caption(f"At most {most} MB. Only its card, its numbers and its report are read; nothing in it is run.")
    if not st.button("Import it", icon=":material/upload:", disabled=upload is None) or upload is None:
        return
    folder = settings().jobs / new_job_id()
    try:
        with quota.telling():
            folder.mkdir(parents=True)
        run = import_run(owner, uploads.keep(upload, folder, "run", settings().max_video_bytes))
    except HarError as error:
        show_error(error)
        return
    finally:
        uploads.drop(upload)
        shutil.rmtree(folder, ignore_errors=True)
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    st.toast(f"Imported {plain(run.name)}", icon=":material/check:")
    st.query_params["run"] = run.id
    st.rerun()
