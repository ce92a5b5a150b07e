"""Training clips from a corrected result: a job cuts them, then a link leads to Train."""

import base64
import hashlib

import streamlit as st

from har import results
from har.datasets import user_sets
from har.errors import CorrectionsInvalid, DatasetMissing, HarError
from har.jobs import JobState, Lane
from har.results import Annotation, SavedClips
from har.settings import settings
from har.storage import owners, quota
from ui import jobs, navigation, visitor
from ui.messages import label_name, show_error

KEEP = "keep"  # in the address: the job's id
_DATASET = "dataset"  # in the address: one of the visitor's own data sets


def box(shown: Annotation) -> None:
    """The button that starts the job."""
    try:
        timeline = results.apply_corrections(shown).labelled.timeline
    except CorrectionsInvalid as error:
        show_error(error)
        return
    clips = results.select_clips(timeline, shown.card.spec.span_sec)
    count, max_count = len(clips), settings().max_kept_clips
    name = "Save as training clips" + (f" ({count})" if count else "")
    help_text = (
        "Cuts every corrected or confirmed segment into clips and adds them to your own data set, as one group. "
        "Clips saved from this video before are replaced."
    )
    valid = 0 < count <= max_count
    if st.button(name, icon=":material/content_cut:", disabled=not valid, help=help_text, key="keep-clips"):
        _submit(shown)
    if not count:
        st.caption("Corrected or confirmed segments can be saved as training clips.")
    elif count > max_count:
        st.caption(f"At most {max_count} clips can be cut from one video.")


def progress() -> None:
    """The job's progress or result; outside of the fragment that runs again at each correction."""
    status = jobs.watch(KEEP)
    if status is None:
        return
    match status.state:
        case JobState.STOPPED:
            st.info("Cancelled. Your data set has not changed.", icon=":material/stop_circle:")
        case JobState.DONE if isinstance(status.result, SavedClips):  # the address may name any other job
            _show_result(status.result)


def dataset_name() -> str:
    """The data set in the address, if it is the visitor's; otherwise always the same, whose name is secret."""
    name = st.query_params.get(_DATASET, "")
    try:
        if owners.owner_of(user_sets.dataset_folder(name)) == visitor.visitor().id:
            return name
    except DatasetMissing:
        pass
    digest = hashlib.blake2b(visitor.visitor().id.encode(), digest_size=16, person=b"kept clips").digest()
    return f"own-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _submit(shown: Annotation) -> None:
    try:
        quota.claim(dataset_name(), visitor.visitor().id)
    except HarError as error:
        show_error(error)
        return
    if jobs.submit(
        KEEP,
        results.save_training_clips,
        shown.folder,
        user_sets.dataset_folder(dataset_name()),
        lane=Lane.DATA,
        detached=True,
    ):
        st.rerun()


def _show_result(kept: SavedClips) -> None:
    counts = ", ".join(f"{label_name(label)} ({count})" for label, count in kept.counts.items())
    skipped = f" {kept.too_short} were left out as too short to show an action." if kept.too_short else ""
    st.success(f"Saved as group {kept.group} of your data set: {counts}.{skipped}", icon=":material/check:")
    st.page_link(
        navigation.page("train"),
        label="Train on your data set",
        icon=":material/model_training:",
        query_params={_DATASET: dataset_name()},
    )
    st.caption(
        "Training needs at least two labels with clips of three videos each, so save clips of more videos. "
        f"Your data set is deleted {settings().job_hours:g} hours after its last change."
    )
