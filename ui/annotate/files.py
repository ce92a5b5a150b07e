"""'Download': one menu with all files of a result. The video with its labels is written for it."""

import re
from contextlib import suppress
from functools import partial
from pathlib import Path

import streamlit as st

from har import annotation, results
from har.errors import HarError
from har.exports import FORMATS
from har.jobs import JobState
from har.results import Annotation, LabelOptions
from har.settings import settings
from ui import jobs, visitor
from ui.annotate import corrections
from ui.annotate.names import given_name, under_given_name
from ui.downloads import download
from ui.formatting import format_size
from ui.messages import show_failure

BURN = "burn"  # the query parameter with the id of the job that writes the video
_EVERY_SEC = 1.0


def menu(shown: Annotation, stored: Annotation, own: bool) -> None:
    """The menu. Files are made when their entry is pressed; a short video is labelled in the background."""
    name = file_name(shown)
    with st.popover("Download", icon=":material/download:"), st.container(gap=None, key="files"):
        with st.container(gap=None):  # so that the entries below stay in place when this one appears
            in_background = _video(stored, shown.options, name, own)
        for entry in FORMATS.values():
            download(
                entry.title,
                partial(_export, shown, entry.name),
                f"{name}{entry.suffix}",
                entry.mime,
                icon=":material/description:",
                type="tertiary",
                width="stretch",
                key=entry.file_name,
            )
        if own and not in_background:
            _burn_in(stored, shown.options)


def _video(stored: Annotation, options: LabelOptions, name: str, own: bool) -> bool:
    """Show the entry of the labelled video, or start to write a short one; whether that is being written."""
    path, place = stored.folder / results.ANNOTATED, st.empty()
    if path.exists():
        with place:
            download(
                f"Video with labels ({format_size(path.stat().st_size)})",
                path.read_bytes,
                f"{name}-annotated.mp4",
                "video/mp4",
                icon=":material/movie:",
                type="tertiary",
                width="stretch",
            )
        return False
    if not own:
        return False
    asked_for = jobs.find_status(st.query_params.get(BURN))
    is_short = stored.scored.duration_sec <= settings().burn_in_sec and not stored.scored.stopped
    in_background = asked_for is None and is_short and _write_in_background(stored, options)
    if in_background or jobs.is_running(asked_for):
        place.button(
            "Video with labels (being written)",
            icon=":material/movie:",
            type="tertiary",
            width="stretch",
            disabled=True,
        )
    return in_background


def file_name(shown: Annotation) -> str:
    """Of downloads, without a suffix."""
    return re.sub(r"[^\w-]+", "-", Path(given_name(shown.folder)).stem).strip("-")[:60] or "video"


def _export(shown: Annotation, format_name: str) -> bytes:
    return results.export_text(under_given_name(corrections.corrected(shown)), format_name).encode()


def _burn_in(stored: Annotation, options: LabelOptions) -> None:
    if jobs.is_running(jobs.watch(BURN)):
        return
    written = (stored.folder / results.ANNOTATED).exists()
    corrected = corrections.is_newer(stored, results.ANNOTATED)
    if written and options == stored.options and not corrected:
        return
    if written:
        what = (
            "was written before the last corrections" if corrected else "still shows the settings it was written with"
        )
        st.caption(f"The labelled video {what}. All other files are up to date.")
    pressed = st.button(
        "Update the labelled video" if written else "Write the labels into the video",
        icon=":material/local_fire_department:",
        help="Creates a video with the label in every frame, for download, and the player's video if that is missing.",
        width="stretch",
    )
    if pressed and jobs.submit(BURN, annotation.burn_in_again, stored.folder, options):
        st.rerun()


def _write_in_background(stored: Annotation, options: LabelOptions) -> bool:
    """Write the labelled video once in a session, by a job that is not in the address; whether it waits or runs."""
    key = f"{BURN}-{stored.folder.name}"
    if key not in st.session_state:
        st.session_state[key] = None  # a job that is refused or fails is not started again
        with suppress(HarError):
            st.session_state[key] = jobs.jobs().submit(
                annotation.burn_in_again, stored.folder, options, visitor=visitor.visitor(), detached=False
            )

    def is_over() -> bool:
        return not jobs.is_running(jobs.find_status(st.session_state[key]))

    if is_over():
        status = jobs.find_status(st.session_state[key])
        if status is not None and status.state is JobState.FAILED:
            show_failure(status)
        return False
    jobs.rerun_when(is_over, lambda: None, _EVERY_SEC)
    return True
