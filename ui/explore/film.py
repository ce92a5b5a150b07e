"""The clips on the wall as a film to download."""

import re
from collections.abc import Sequence

import streamlit as st

from har import reels
from har.datasets import LabelledVideo
from har.jobs import Lane
from har.progress import FILMING_CLASSES
from har.settings import settings
from ui import jobs
from ui.downloads import download
from ui.formatting import format_size
from ui.messages import show_remarks

_FILM = "film"  # the query parameter with the id of the job


def box(videos: Sequence[LabelledVideo], name: str) -> None:
    """The button that makes the film; then the film."""
    status = jobs.watch(_FILM, FILMING_CLASSES)
    if jobs.is_running(status):
        return
    show_remarks(status)
    film = _read(videos)
    if film is None:
        highest = settings().max_wall_classes
        pressed = st.button(
            "Download as film",
            icon=":material/movie:",
            disabled=len(videos) > highest,
            help=f"Four seconds of each clip, side by side with their labels. At most {highest} clips.",
        )
        if pressed and jobs.submit(_FILM, reels.montage_job, tuple(videos), lane=Lane.DATA):
            st.rerun()
        return
    with st.expander("Film of these clips", icon=":material/movie:", expanded=_FILM in st.query_params):
        st.video(film, format="video/mp4", loop=True, muted=True, autoplay=True)
        download(
            f"Download as film ({format_size(len(film))})",
            lambda: film,
            f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name).strip('-') or 'classes'}.mp4",
            "video/mp4",
            icon=":material/download:",
        )


def _read(videos: Sequence[LabelledVideo]) -> bytes | None:
    path = reels.find_montage(videos)
    try:
        return path.read_bytes() if path else None
    except FileNotFoundError:  # removed at this moment to free space
        return None
