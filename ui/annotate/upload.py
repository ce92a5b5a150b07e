"""The box for a visitor's own video: what is in the file, or why it is refused, before it is annotated."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.errors import HarError
from har.settings import MIB, settings
from har.storage import quota
from har.video import VideoInfo, probe, read_frames
from har.video.formats import VIDEO_SUFFIXES
from har.youtube import clean
from ui import uploads
from ui.annotate.names import VIDEO
from ui.annotate.youtube import clock
from ui.formatting import format_number, format_size
from ui.jobs import is_done
from ui.messages import plain

_COUNT = "uploads"  # in the session: how many boxes were used
_LOOKS = "upload-looks"  # in the session: what was found in each upload, by its id
_WIDTH = 320  # of the first frame on the page
_MAX_SIDE = 640  # pixels, of the stored first frame


@dataclass(frozen=True)
class Look:
    """What is known of a file after opening it."""

    info: VideoInfo
    poster: UInt8[np.ndarray, "height width 3"]  # the first frame


def box() -> tuple[UploadedFile | None, Look | HarError | None]:
    """The box with its limits, and below it the video; see `field`."""
    limits = settings()
    upload, found = field(
        "Video file",
        f"Up to {limits.max_video_sec / 60:g} minutes and {limits.max_video_bytes // MIB} MB. Private: anyone with the "
        f"link can view; deleted after {limits.job_hours:g} h.",
    )
    if isinstance(found, Look):
        _show(found)
    return upload, found


def field(label: str, caption: str = "") -> tuple[UploadedFile | None, Look | HarError | None]:
    """The box alone, with a caption.

    Returns:
        The file, and what is in it, or why it cannot be used; None: no file, or not known yet.
    """
    upload = st.file_uploader(
        label,
        type=VIDEO_SUFFIXES,
        max_upload_size=uploads.limit_mb(settings().max_video_bytes),
        key=f"upload-{st.session_state.get(_COUNT, 0)}",
    )
    if caption:
        st.caption(caption)
    if upload is None:
        st.session_state.pop(_LOOKS, None)
        return None, None
    return upload, _find(upload)


def clear() -> None:
    """Show an empty box from the next run on."""
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1  # a new widget


def _find(upload: UploadedFile) -> Look | HarError | None:
    """Open each file once, in a thread; the answer, also a refusal, is kept before the page runs again."""
    looks: dict[str, Look | HarError] = st.session_state.setdefault(_LOOKS, {})
    if upload.file_id not in looks:
        try:
            data = uploads.content(upload)
        except HarError as error:
            return error

        def work() -> None:
            looks[upload.file_id] = look(upload, data)

        if not is_done((_LOOKS, upload.file_id), work, "Opening the video…"):
            return None
    return looks.get(upload.file_id)


def look(upload: UploadedFile, data: bytes) -> Look | HarError:
    """Open an upload with ffmpeg, which is limited in time and memory; a refusal calls it by the visitor's name."""
    with tempfile.TemporaryDirectory(prefix="har-upload-") as folder:
        name = VIDEO
        try:
            with quota.raising_disk_full():
                path = uploads.save(upload, Path(folder), VIDEO, settings().max_video_bytes, data)
            name = path.name
            info = probe(path)
            factor = min(1.0, _MAX_SIDE / max(info.width, info.height))
            size = (max(1, round(info.height * factor)), max(1, round(info.width * factor)))
            with read_frames(info, size=size) as frames:
                return Look(info, next(frames))
        except HarError as error:
            return error.renaming(name, clean(upload.name))


def _show(found: Look) -> None:
    info = found.info
    height, width = found.poster.shape[:2]
    st.image(
        found.poster, width=min(_WIDTH, round(_WIDTH * width / height)), alt="The first frame", output_format="JPEG"
    )
    rate = f"{format_number(float(info.fps))} frames per second"
    st.caption(f"{clock(info.duration_sec)} · {info.width}×{info.height} · {rate} · {format_size(info.size_bytes)}")
    for notice in info.notices():
        st.caption(f":material/info: {plain(notice)}")
