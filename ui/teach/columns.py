"""The columns, one for each class: name, camera, box for files, moving previews, count, delete."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.datasets import LabelledVideo, takes, user_sets
from har.errors import HarError
from har.jobs import JobState, Lane
from har.recipe import Recipe
from har.settings import settings
from har.video.formats import VIDEO_SUFFIXES
from ui import jobs, uploads
from ui.dataset_cache import play
from ui.formatting import format_count
from ui.messages import label_name, plain, show_error, without_paths
from ui.preview_wall import Cell, wall
from ui.teach.lesson import ADDING, BACKGROUND, Column, Lesson
from ui.teach.recorder import recorder

_WIDTH = 330  # pixels of a column; on a phone it takes the whole width: ui/assets/face.css
_WALL_HEIGHT, _FEW_CLIPS = 330, 4  # pixels for more clips than these
_OPENED = "teach-opened"  # in the session: the clip whose dialog is open
_BACKGROUND_TEXT = (
    "What the camera sees between the moves: standing, sitting, walking about. Without it, the "
    "classifier takes everything for one of the moves."
)


def show(lesson: Lesson, recipe: Recipe) -> None:
    """Show all columns, and what adds one."""
    clips = lesson.clips()
    with st.container(horizontal=True, gap="medium", key="teach-columns"):
        for column in list(lesson.columns):
            with st.container(border=True, width=_WIDTH, key=f"teach-column-{column.id}"):
                _column(lesson, column, clips.get(column.label, ()), recipe.spec.span_sec)
        if len(lesson.columns) < takes.MAX_LABELS:
            with st.container(width=_WIDTH, key="teach-more"):
                _show_more(lesson)


def show_added() -> None:
    """The progress or the result of the job that adds files."""
    status = jobs.watch(ADDING)
    if status is None or jobs.is_running(status):
        return
    if status.state is JobState.DONE and isinstance(status.result, user_sets.Added):
        for item in status.result.left_out:
            st.warning(f"{plain(item.name)} was not added: {plain(item.reason)}.", icon=":material/rule:")


def show_opened(lesson: Lesson) -> None:
    """The dialog of the clip that was clicked, if it is still there."""
    path = st.session_state.pop(_OPENED, None)
    if lesson.name and isinstance(path, Path) and path in lesson.clips().get(path.parent.name, ()):
        _show_clip(lesson.name, path)


def _column(lesson: Lesson, column: Column, clips: Sequence[Path], span_sec: float) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _name(lesson, column)
        _delete(lesson, column, len(clips))
    if column.problem:
        st.error(plain(column.problem))
    if column.label == BACKGROUND:
        st.caption(_BACKGROUND_TEXT)
    _camera(lesson, column, span_sec)
    taken = {takes.take_of(path) for path in clips}
    with st.container(key=f"teach-count-{column.id}"):
        in_takes = f" in {format_count(len(taken), 'take')}" if clips else ""
        st.markdown(f"**{format_count(len(clips), 'clip')}**{in_takes}")
    if clips:
        cells = [Cell(LabelledVideo(path, column.label), _title(path)) for path in reversed(clips)]
        # More clips scroll, so that the button below stays near.
        with st.container(
            height="content" if len(clips) <= _FEW_CLIPS else _WALL_HEIGHT, border=False, key=f"teach-clips-{column.id}"
        ):
            wall(cells, key=f"teach-wall-{column.id}", on_open=_open, small=True)
    _files(lesson, column)


def _title(path: Path) -> str:
    take = takes.take_of(path)
    return "Clip" if take is None else f"Take {take}"


def _name(lesson: Lesson, column: Column) -> None:
    key = f"teach-name-{column.id}"

    def rename() -> None:
        if st.session_state[key].strip():  # a browser that misses the label would send an empty name
            try:
                new = takes.check_label(st.session_state[key], lesson.others(column))
                if lesson.name and new != column.label:
                    takes.rename(lesson.name, column.label, new)
                column.label, column.problem = new, ""
            except HarError as error:
                column.problem = without_paths(str(error))
        st.session_state[key] = column.label

    st.session_state.setdefault(key, column.label)
    st.text_input("Name of the class", max_chars=60, key=key, on_change=rename)


def _delete(lesson: Lesson, column: Column, clip_count: int) -> None:
    def delete() -> None:
        try:
            lesson.remove_column(column)
        except HarError as error:
            column.problem = without_paths(str(error))

    if not clip_count:
        st.button("Delete", type="tertiary", icon=":material/delete:", key=f"teach-delete-{column.id}", on_click=delete)
        return
    with st.popover("Delete", type="tertiary", icon=":material/delete:", key=f"teach-deleting-{column.id}"):
        st.write(f"The class and its {format_count(clip_count, 'clip')} will be deleted for good.")
        st.button("Delete it", type="primary", key=f"teach-delete-{column.id}", on_click=delete)


def _camera(lesson: Lesson, column: Column, span_sec: float) -> None:
    with st.container(key=f"teach-box-{column.id}"):
        if lesson.active == column.id:
            recorder(lesson, column, span_sec)
            minutes = settings().draft_minutes
            st.caption(
                "Only clips that you record leave this device, and nothing is kept unless you say so below: they are "
                f"deleted from the server {minutes:g} minutes after you close this page."
            )
        elif st.button("Record", type="primary", icon=":material/videocam:", key=f"teach-record-{column.id}"):
            try:
                lesson.create_set()  # here, so that a refusal is shown before anything is recorded
            except HarError as error:
                show_error(error)
                return
            lesson.active = column.id
            st.rerun(scope="fragment")


def _files(lesson: Lesson, column: Column) -> None:
    limit = settings()
    files = st.file_uploader(
        "or drop video files",
        type=VIDEO_SUFFIXES,
        accept_multiple_files=True,
        max_upload_size=uploads.limit_mb(limit.max_video_bytes),
        key=f"teach-files-{column.id}-{column.uploads}",
        help="Files that you drop together count as one take.",
    )
    if files:
        column.uploads += 1
        _add_files(lesson, column, files)


def _add_files(lesson: Lesson, column: Column, files: Sequence[UploadedFile]) -> None:
    try:
        name = lesson.create_set()
        job_id, folder, saved = uploads.save_for_job(files)
    except HarError as error:
        show_error(error)
        return
    finally:
        uploads.release(*files)
    if jobs.submit(ADDING, takes.add_files, name, column.label, saved, job_id=job_id, lane=Lane.DATA, scratch=folder):
        st.rerun()


def _show_more(lesson: Lesson) -> None:
    st.button("Add a class", icon=":material/add:", key="teach-add", on_click=lesson.add_column)
    if BACKGROUND not in lesson.labels:
        key = "teach-add-background"
        st.button(f"Add “{BACKGROUND}”", icon=":material/add:", key=key, on_click=lesson.add_column, args=(BACKGROUND,))
        st.caption(_BACKGROUND_TEXT)


def _open(video: LabelledVideo) -> None:
    st.session_state[_OPENED] = video.path


@st.dialog("Clip")
def _show_clip(name: str, path: Path) -> None:
    label = path.parent.name
    st.markdown(f"{label_name(label)}, {_title(path).lower()}")
    try:
        play(LabelledVideo(path, label))
    except HarError as error:
        show_error(error)
    if st.button("Delete this clip", icon=":material/delete:"):
        try:
            takes.remove(name, label, path.name)
        except HarError as error:
            show_error(error)
            return
        st.rerun()
