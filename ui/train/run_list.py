"""The visitor's runs: a table, their curves, the spread between seeds, and importing a run."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from har.errors import HarError
from har.jobs import JobState, Lane
from har.networks import NETWORKS
from har.plots import run_comparison_figure
from har.recipe import Recipe
from har.runs import Run, group_runs, import_run, list_runs
from har.settings import settings
from ui import jobs, uploads
from ui.formatting import format_duration, format_percent
from ui.jobs import find_status, is_running
from ui.messages import plain, show_error
from ui.tables import table
from ui.theme import saved_as
from ui.train.report import delete, network_title, rename_box

_TABLE = "runs"
_IMPORT = "import"  # in the address: the job that imports a run
_UPLOADS = "run-uploads"  # in the session: number of imports; each gets a new upload widget
_STATES = {
    JobState.WAITING: "waiting",
    JobState.FAILED: "failed",
    JobState.STOPPED: "stopped, nothing kept",
}


def show(owner: str) -> None:
    """Show the table, actions for the selected rows, and the import."""
    st.header("Your runs", anchor=False)
    runs = list_runs(owner)
    if not runs:
        st.caption(
            "No runs yet. Choose classes above and press Train. This browser remembers which runs are yours; there is "
            "no login."
        )
    else:
        _show_selected([runs[row] for row in _table(runs) if row < len(runs)])
        _show_seed_groups(runs)
    with st.expander("Import a run", icon=":material/upload:", expanded=_IMPORT in st.query_params):
        _import(owner)


def _table(runs: Sequence[Run]) -> list[int]:
    recipes = [run.plan.recipe for run in runs]
    rows: list[int] = table(
        {
            "name": [run.name for run in runs],
            "data": [run.plan.title for run in runs],
            "network": [network_title(recipe.network) for recipe in recipes],
            "recipe": [_preset_title(recipe) for recipe in recipes],
            "split": [recipe.split for recipe in recipes],
            "seed": [recipe.seed for recipe in recipes],
            "state": [describe_state(run) for run in runs],
            "accuracy": [_accuracy(run) for run in runs],
            "time": [format_duration(run.outcome.seconds) if run.outcome else "" for run in runs],
            "parameters": [f"{run.outcome.parameters:,}" if run.outcome else "" for run in runs],
            "created": [datetime.fromtimestamp(run.plan.created, UTC) for run in runs],
        },
        column_config={
            "accuracy": st.column_config.TextColumn(help="On test clips, with its 95% interval."),
            "created": st.column_config.DatetimeColumn(format="distance"),
        },
        on_select="rerun",
        selection_mode="multi-row",
        key=f"{_TABLE}-{hash(tuple(run.id for run in runs))}",  # rows shift when a run is added or deleted
    ).selection.rows
    return rows


def _preset_title(recipe: Recipe) -> str:
    """The preset's title, or its name if a later version has dropped it."""
    presets = NETWORKS[recipe.network].presets if recipe.network in NETWORKS else {}
    return presets[recipe.preset].title if recipe.preset in presets else recipe.preset


def describe_state(run: Run) -> str:
    """The state of a run in a few words."""
    if run.outcome is not None:
        return "stopped" if run.outcome.stopped else "done"
    status = find_status(run.id)
    if status is not None and status.state is JobState.RUNNING:
        return f"training, {len(run.history)} of {run.plan.recipe.epochs}"
    if status is not None and status.state in _STATES:
        return _STATES[status.state]
    return f"interrupted after epoch {run.history[-1].epoch}" if run.history else "not trained"


def _accuracy(run: Run) -> str:
    if run.outcome is None or run.outcome.examination is None:
        return ""
    return format_percent(run.outcome.examination.report.share)


def _show_selected(selected: Sequence[Run]) -> None:
    if not selected:
        st.caption("Select one run to open or delete it, or several to compare their curves.")
        return
    busy = any(run.outcome is None and is_running(find_status(run.id)) for run in selected)
    with st.container(horizontal=True):
        if len(selected) == 1 and st.button("Open", type="primary", icon=":material/open_in_full:"):
            st.query_params["run"] = selected[0].id
            st.rerun()
        if len(selected) == 1:
            rename_box(selected[0])
        object_text = "it" if len(selected) == 1 else f"these {len(selected)}"
        help_text = "Stop the training first." if busy else None
        with st.popover("Delete", icon=":material/delete:", disabled=busy, help=help_text):
            st.write("Classifiers and reports will be deleted for good.")
            if st.button(f"Delete {object_text}", type="primary"):
                for run in selected:
                    delete(run.id)
                st.rerun()
    if len(selected) > 1:
        _compare(selected)


def _compare(selected: Sequence[Run]) -> None:
    curves = {}
    for run in selected:
        history = run.outcome.history if run.outcome else run.history
        if history:
            curves[run.name if run.name not in curves else f"{run.name}, {run.id[:4]}"] = history
    if len(curves) > 1:
        st.plotly_chart(run_comparison_figure(curves), key="compare", config=saved_as("curves"))
    else:
        st.caption("To compare, at least two of them need a finished epoch.")


def _show_seed_groups(runs: Sequence[Run]) -> None:
    """Runs that differ only in the seed show how much is chance."""
    groups = [group for group in group_runs(runs) if group.spread is not None]
    if not groups:
        return
    st.markdown("**Spread between seeds**")
    table(
        {
            "recipe": [group.label for group in groups],
            "runs": [len(group.runs) for group in groups],
            "accuracy": [f"{group.mean:.1%} ± {group.spread:.1%}" for group in groups],
        },
    )
    st.caption("A difference between two recipes that is smaller than this spread may be chance.")


def _import(owner: str) -> None:
    """Import an archive that was downloaded from a report, here or on another server."""
    status = jobs.watch(_IMPORT)
    if is_running(status):
        return
    if status is not None and isinstance(status.result, Run):  # the address may name any other job
        st.query_params.from_dict({"run": status.result.id})
        st.toast(f"Imported {plain(status.result.name)}", icon=":material/check:")
        st.rerun()
    key = f"run-zip-{st.session_state.get(_UPLOADS, 0)}"
    limit_mb = uploads.limit_mb(settings().max_video_bytes)
    upload = st.file_uploader("Zip file downloaded from a report", type=["zip"], max_upload_size=limit_mb, key=key)
    st.caption(f"Up to {limit_mb} MB. Only weights, card and report are read; no code in it is run.")
    if not st.button("Import it", icon=":material/upload:", disabled=upload is None) or upload is None:
        return
    try:
        job_id, folder, [(_, path)] = uploads.save_for_job([upload])
    except HarError as error:
        show_error(error)
        return
    finally:
        uploads.release(upload)
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    if jobs.submit(_IMPORT, import_run, owner, path, job_id=job_id, lane=Lane.DATA, scratch=folder):
        st.rerun()
