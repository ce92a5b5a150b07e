"""Get data: every source of the registry, described before anything is downloaded."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from har.datasets import Note, Skipped
from har.datasets.source import Source, SourceClass
from har.datasets.sources import SOURCES
from har.datasets.user_sets import Added
from har.errors import HarError
from har.jobs import JobState, JobStatus, Lane
from har.labels import display_name
from har.settings import settings
from ui import jobs
from ui.explore import own_clips, remarks
from ui.explore.chooser import own_dataset
from ui.formatting import format_count, format_size
from ui.messages import show_error

JOB = "get"  # in the address: the job that downloads or unpacks
_SOURCE = "get-source"  # in the session: the name of the source that it was started from


def show() -> None:
    """Show all sources, and the visitor's download or upload, if there is one, where it was started."""
    started_at = st.session_state.get(_SOURCE)
    if started_at not in SOURCES:
        _show_job()
    busy = jobs.is_running(jobs.find_status(st.query_params.get(JOB)))
    for source in sorted(SOURCES.values(), key=lambda source: (source.fetch is not None, source.on_demand)):
        with st.container(border=True):
            st.header(source.title, anchor=False)
            st.write(f"{source.description} **{source.size}.**")
            st.caption(source.licence)
            if source.fetch is None:
                own_clips.show(busy, partial(submit, source))
            elif source.is_complete:
                st.write("Already downloaded.")
            elif source.list_classes is not None:
                _show_classes(source, busy)
            elif st.button(f"Download all of {source.title}", icon=":material/download:", disabled=busy):
                submit(source, source.fetch)
            if source.name == started_at:
                _show_job()


def show_own() -> None:
    """Show the boxes for the visitor's own clips alone, and the progress and result of what they add."""
    own_clips.show(jobs.is_running(jobs.find_status(st.query_params.get(JOB))), partial(submit, SOURCES["own"]))
    _show_job(can_open=False)


def submit(
    source: Source,
    function: Callable[..., object],
    *arguments: object,
    job_id: str | None = None,
    scratch: Path | None = None,
) -> None:
    """Start a job and run the page again, or show why it is refused."""
    if jobs.submit(JOB, function, *arguments, job_id=job_id, lane=Lane.DATA, scratch=scratch):
        st.session_state[_SOURCE] = source.name
        st.rerun()


def _show_job(*, can_open: bool = True) -> None:
    """The progress or result of the job in the address, and, if the page is not that of the data, a way there."""
    with st.container(border=jobs.is_running(jobs.find_status(st.query_params.get(JOB)))):
        status = jobs.watch(JOB)
        if jobs.is_running(status):
            st.caption(
                f"If you close this tab, the job stops after {settings().ownerless_minutes:g} minutes. Finished clips "
                "are kept, and you can come back to this address."
            )
            return
    if status is None:
        return
    if status.state is JobState.STOPPED:
        st.info("Cancelled. Finished clips are kept, and the next attempt resumes there.")
    elif status.state is JobState.DONE:
        _show_result(status, can_open)


def _show_result(status: JobStatus, can_open: bool) -> None:
    """A download returns the data set's folder, an upload what was added to it."""
    name = None
    if isinstance(status.result, Added):
        name = own_dataset()
        _show_added(status.result)
    elif isinstance(status.result, Path):
        name = status.result.name
        st.success("Done.", icon=":material/check:")
    if name and can_open and st.button("Open it", type="primary", icon=":material/grid_view:"):
        st.query_params.from_dict({"dataset": name})
        st.rerun()


def _show_added(added: Added) -> None:
    clip_count, label_count = sum(added.counts.values()), len(added.counts)
    skipped = [item for item in added.left_out if isinstance(item, Skipped)]
    rest = f"; {format_count(len(skipped), 'file')} skipped" if skipped else ""
    if clip_count:
        of = f"{format_count(clip_count, 'clip')} of {format_count(label_count, 'class', 'classes')}"
        st.success(f"Added {of}{rest}.", icon=":material/check:")
    else:
        st.warning(f"No clip was added{rest}.", icon=":material/rule:")
    remarks.show(skipped, [item for item in added.left_out if isinstance(item, Note)])


def _show_classes(source: Source, busy: bool) -> None:
    key = f"{source.name}-classes"
    if key not in st.session_state:
        if not st.button("Show classes and sizes", icon=":material/list:", key=f"list-{source.name}"):
            return
        try:
            with st.spinner("Reading the list of classes…"):
                st.session_state[key] = source.list_classes() if source.list_classes else ()
        except HarError as error:
            show_error(error)
            return
        st.rerun()
    _choose_classes(source, {entry.label: entry for entry in st.session_state[key]}, busy)


def _choose_classes(source: Source, classes: dict[str, SourceClass], busy: bool) -> None:
    preset = None
    if source.presets:
        presets = source.presets
        preset = st.segmented_control(
            "Classes",
            list(presets),
            default=next(iter(presets)),
            format_func=lambda name: presets[name].title,
            key=f"{source.name}-preset",
        )
    default = (source.presets[preset].labels or tuple(classes)) if preset else ()
    labels = st.multiselect(
        "Selected",
        list(classes),
        default=[label for label in default if label in classes],
        format_func=lambda label: f"{display_name(label)} · {format_size(classes[label].size_bytes)}",
        key=f"{source.name}-labels-{preset}",
    )
    folder = settings().datasets / source.name  # looked at again: a class may have been downloaded since it was listed
    missing = [label for label in labels if not (classes[label].downloaded or (folder / label).is_dir())]
    size_bytes = sum(classes[label].size_bytes for label in missing)
    clip_count = sum(classes[label].clip_count for label in labels)
    st.write(
        f"{format_count(len(labels), 'class', 'classes')}, {format_count(clip_count, 'clip')}; "
        f"{format_size(size_bytes)} to download"
        + ("; the rest is already downloaded." if len(missing) < len(labels) else ".")
    )
    if size_bytes > settings().max_download_bytes:
        st.warning(f"This server downloads up to {format_size(settings().max_download_bytes)} at a time.")
    elif source.fetch is not None and st.button(
        f"Download {format_size(size_bytes)}",
        disabled=busy or not missing,
        icon=":material/download:",
        type="primary",
        key=f"fetch-{source.name}",
    ):
        submit(source, source.fetch, tuple(labels))
