"""Training clips out of a corrected result: a job that cuts them, and the way to Train."""

import base64
import hashlib

import streamlit as st

from har import results
from har.datasets.sources import user
from har.errors import CorrectionsRefused, DatasetMissing, HarError, JobMissing
from har.jobs import JobState, JobStatus, Lane, new_job_id
from har.results import Annotation, Cutting, Kept
from har.settings import settings
from ui import navigation, visitor
from ui.jobs import follow, jobs
from ui.messages import plain, show_error, show_failure

KEEP = "keep"  # in the address: the job that cuts
_DATASET = "dataset"  # in the address: a data set of the visitor's own, where one was chosen


def box(shown: Annotation) -> None:
    """What would be kept, and the button."""
    try:
        timeline = results.corrected(shown).labelled.timeline
    except CorrectionsRefused as error:
        show_error(error)
        return
    clips = results.clips_of(timeline, shown.card.spec.span_sec)
    count, most = len(clips), settings().max_kept_clips
    name = "Keep as training clips" + (f" ({count})" if count else "")
    help_text = (
        "Cuts every corrected or confirmed segment into clips and adds them to a data set of your own, as one group. "
        "Clips that you kept of this video before are replaced."
    )
    if st.button(name, icon=":material/content_cut:", disabled=not 0 < count <= most, help=help_text, key="keep-clips"):
        _begin(shown)
    if not count:
        st.caption("Correct or confirm segments above, and they can be kept to train a network on.")
    elif count > most:
        st.caption(f"At most {most} clips are cut out of one video.")


def progress() -> None:
    """What the cutting does or has done. Stands outside of what runs again at each correction, and once on the page."""
    job_id = st.query_params.get(KEEP)
    if job_id is None:
        return
    try:
        status = jobs().status(job_id)
    except JobMissing:
        del st.query_params[KEEP]
        return
    if not status.state.settled:
        follow(job_id, _describe)
        return
    match status.state:
        case JobState.FAILED:
            show_failure(status)
        case JobState.STOPPED:
            st.info("Cancelled; your data set is as it was.", icon=":material/stop_circle:")
        case _ if isinstance(status.result, Kept):  # the address may name any other job
            _done(status.result)


def dataset_name() -> str:
    """The visitor's data set: that of the address, else always the same one, which nobody else can guess."""
    asked = st.query_params.get(_DATASET, "")
    try:
        if user.folder_of(asked):
            return asked
    except DatasetMissing:
        pass
    digest = hashlib.blake2b(visitor.visitor().id.encode(), digest_size=16, person=b"kept clips").digest()
    return f"own-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _begin(shown: Annotation) -> None:
    try:
        job_id = jobs().submit(
            results.keep_for_page,
            shown.folder,
            dataset_name(),
            job_id=new_job_id(),
            lane=Lane.DATA,
            visitor=visitor.visitor(),
        )
    except HarError as error:
        show_error(error)
        return
    st.query_params[KEEP] = job_id
    st.toast("How far it is, and then the way to Train, stands above the player.", icon=":material/content_cut:")
    st.rerun()


def _describe(status: JobStatus) -> tuple[float, str]:
    match status.events[-1] if status.events else None:
        case Cutting(done, total):
            return done / total, f"Cutting clip {min(done + 1, total)} of {total}"
    return 0.0, "Looking at the video"


def _done(kept: Kept) -> None:

    told = ", ".join(f"{plain(label)} ({count})" for label, count in kept.counts.items())
    left_out = f" {kept.too_short} too short to show an action were left out." if kept.too_short else ""
    st.success(f"Kept as group {kept.group} of your data set: {told}.{left_out}", icon=":material/check:")
    st.page_link(
        navigation.page("train"),
        label="Train on your data set",
        icon=":material/model_training:",
        query_params={_DATASET: dataset_name()},
    )
    st.caption(
        "To train, at least two labels need clips of three videos each: correct further videos and keep them too. "
        f"Your data set stays {settings().job_hours:g} hours after its last change."
    )
