"""The visitor's own clips: uploaded one by one or as an archive, and handed to a job."""

from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.datasets import open_dataset, user_sets
from har.errors import HarError
from har.settings import settings
from har.storage import quota
from har.video.formats import VIDEO_SUFFIXES
from ui import uploads, visitor
from ui.explore.chooser import is_mine, own_dataset
from ui.formatting import format_size
from ui.messages import label_name, show_error

_ARCHIVES = ["zip", "tar", "tgz", "gz", "xz", "bz2", "rar", "7z"]
_MIN_CLIPS = 3  # per label: one for each part of a split
_UPLOADS = "own-uploads"  # in the session: number of uploads; each gets new, empty widgets


def show(busy: bool, submit: Callable[..., None]) -> None:
    """Show what has been uploaded, and the boxes for more.

    Args:
        busy: whether another job of the visitor is running.
        submit: starts a job, from a function, its arguments, `job_id` and `scratch`.
    """
    name = own_dataset()
    if name is not None and not is_mine(name):
        st.info(
            "The data set in this address belongs to another visitor. Clips that you add go into a new one.",
            icon=":material/group:",
        )
        name = None
    _show_counts(name)
    limits, limit_mb = settings(), uploads.limit_mb(settings().max_video_bytes)
    key = f"-{st.session_state.get(_UPLOADS, 0)}"
    clips, archive = st.tabs(["Clips of one label", "Archive with label folders"], key="own-kind", on_change="rerun")
    with clips:
        label = st.text_input("Label", max_chars=60, placeholder="Juggling", key=f"own-label{key}").strip()
        files = st.file_uploader(
            "Clips",
            type=VIDEO_SUFFIXES,
            accept_multiple_files=True,
            max_upload_size=limit_mb,
            key=f"own-clips{key}",
        )
        at_a_time = uploads.limit_mb(limits.max_session_upload_bytes)
        st.caption(
            f"Up to {limit_mb} MB and {limits.max_video_sec / 60:g} minutes per clip, and {at_a_time} MB at a time."
        )
        if st.button("Add these clips", disabled=busy or not (label and files), icon=":material/add:"):
            _add(name, label, files, submit)
    with archive:
        st.caption(
            "One folder per label with its clips. Groups are read from file names or from a groups.csv. Up to "
            f"{limit_mb} MB, and {format_size(limits.max_unpacked_bytes)} unpacked."
        )
        packed = st.file_uploader("Archive", type=_ARCHIVES, max_upload_size=limit_mb, key=f"own-archive{key}")
        if st.button("Add this archive", disabled=busy or packed is None, icon=":material/unarchive:") and packed:
            _add(name, None, [packed], submit)
    st.caption(f"Deleted from this server {limits.job_hours:g} hours after the last change.")


def _show_counts(name: str | None) -> None:
    try:
        dataset = open_dataset(name, draw=False) if name else None
    except HarError:  # it is empty
        dataset = None
    if dataset is None:
        return
    counts = Counter(video.label for video in dataset.videos)
    st.write(f"So far: {', '.join(f'{label_name(label)} ({counts[label]})' for label in dataset.labels)}.")
    if few := [label_name(label) for label in dataset.labels if counts[label] < _MIN_CLIPS]:
        st.caption(f"{', '.join(few)}: training needs at least {_MIN_CLIPS} clips per label.")
    elif len(counts) < 2:
        st.caption("Training needs at least one more label.")


def _add(name: str | None, label: str | None, files: Sequence[UploadedFile], submit: Callable[..., None]) -> None:
    name = name or user_sets.new_name()
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    try:
        quota.claim(name, visitor.visitor().id)
        job_id, folder, saved = uploads.save_for_job(files)
    except HarError as error:
        show_error(error)
        return
    finally:
        uploads.release(*files)
    job = (user_sets.add_archive, name, saved[0][1]) if label is None else (user_sets.add_clips, name, label, saved)
    st.query_params["dataset"] = name
    submit(*job, job_id=job_id, scratch=folder)
