"""Get data: every source described and weighed before anything is fetched, and a visitor's own clips."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har.datasets import Skipped, open_dataset
from har.datasets.sources import SOURCES, Checking, Downloading, Source, Unpacking, ucf50, ucf101, user
from har.errors import DatasetMissing, HarError, JobMissing
from har.jobs import JobState, JobStatus, Lane, new_job_id
from har.settings import GIB, MIB, settings
from har.storage import quota
from ui import uploads
from ui.jobs import follow, jobs
from ui.messages import plain, show_error, show_failure

_JOB = "get"  # in the address: the job that fetches or unpacks
_TYPES = ["mp4", "mov", "m4v", "avi", "mkv", "webm", "mpg", "mpeg", "gif", "ts", "wmv", "flv", "ogv", "3gp"]
_ARCHIVES = ["zip", "tar", "tgz", "gz", "xz", "bz2", "rar", "7z"]
_ENOUGH = 3  # clips a label: one for each part of a split


def show() -> None:
    """The sources, one below the other; while something is fetched, its progress on top."""
    busy = _progress()
    _own(busy)
    _ucf101(busy)
    _ucf50(busy)
    _described(SOURCES["figures"], "It is here already: clips are drawn when they are first looked at.")


def _progress() -> bool:
    """What the visitor's own job does or has done; whether it still does."""
    job_id = st.query_params.get(_JOB)
    if job_id is None:
        return False
    try:
        status = jobs().status(job_id)
    except JobMissing:
        del st.query_params[_JOB]
        return False
    if not status.state.settled:
        with st.container(border=True):
            follow(job_id, _describe)
            st.caption("You can leave: the address of this page leads back here. What has come already is kept.")
        return True
    shutil.rmtree(settings().jobs / job_id, ignore_errors=True)  # what was uploaded has been moved or unpacked
    match status.state:
        case JobState.FAILED:
            show_failure(status)
        case JobState.STOPPED:
            st.info("Cancelled. Whole clips that had come are kept, and the next attempt goes on from there.")
        case _:
            _done(status)
    return False


def _done(status: JobStatus) -> None:
    """A fetch gives back the data set's folder; what adds to a visitor's own, the files it left out."""
    fetched = isinstance(status.result, Path)
    name = status.result.name if fetched else _own_name()
    skipped: Sequence[Skipped] = () if fetched else status.result
    st.success("Done." if not skipped else f"Done; {_count(len(skipped), 'file')} left out.", icon=":material/check:")
    if skipped:
        with st.expander("What was left out, and why"):
            st.dataframe(
                {"file": [item.name for item in skipped], "reason": [item.reason for item in skipped]}, hide_index=True
            )
    if name and st.button("Look at it", type="primary", icon=":material/grid_view:"):
        st.query_params.from_dict({"dataset": name})
        st.rerun()


def _describe(status: JobStatus) -> tuple[float, str]:
    match status.events[-1] if status.events else None:
        case Downloading(done, total, label):
            speed = done / MIB / max(status.running_sec, 1.0)
            return done / total if total else 0.0, plain(
                f"Fetching {label}: {done / MIB:.0f} of {total / MIB:.0f} MB, {speed:.1f} MB/s"
            )
        case Unpacking(done, total):
            return done / total if total else 0.0, "Unpacking"
        case Checking(done, total):
            return done / total if total else 0.0, f"Looking into {done} of {total} videos"
    return 0.0, "Connecting"


def _described(source: Source, more: str = "") -> None:
    with st.container(border=True):
        _head(source)
        if more:
            st.write(more)


def _head(source: Source) -> None:
    st.header(source.title, anchor=False)
    st.write(f"{source.description} **{source.size}.**")
    st.caption(source.licence)


# UCF101, class by class


def _ucf101(busy: bool) -> None:
    with st.container(border=True):
        _head(SOURCES["ucf101"])
        entries = st.session_state.get("ucf101-classes")
        if entries is None:
            if not st.button("Show its classes and what they weigh", icon=":material/list:"):
                return
            try:
                with st.spinner("Reading the list of its clips …"):
                    entries = st.session_state["ucf101-classes"] = ucf101.classes()
            except HarError as error:
                show_error(error)
                return
            st.rerun()
        _choose_classes(entries, busy)


def _choose_classes(entries: Sequence[ucf101.ClassEntry], busy: bool) -> None:
    by_label = {entry.label: entry for entry in entries}
    preset = st.segmented_control(
        "Classes", list(ucf101.PRESETS), default=next(iter(ucf101.PRESETS)), key="ucf101-preset"
    )
    wanted = ucf101.PRESETS[preset] if preset else ()
    labels = st.multiselect(
        "Chosen",
        list(by_label),
        default=[label for label in (by_label if wanted is None else wanted) if label in by_label],
        format_func=lambda label: f"{label} · {by_label[label].size_bytes / MIB:.0f} MB",
        key=f"ucf101-labels-{preset}",
    )
    chosen = [by_label[label] for label in labels if not (settings().datasets / "ucf101" / label).is_dir()]
    size_bytes = sum(entry.size_bytes for entry in chosen)
    clip_count = sum(by_label[label].clip_count for label in labels)
    st.write(
        f"{_count(len(labels), 'class', 'classes')}, {_count(clip_count, 'clip')}; "
        f"{_size(size_bytes)} to fetch" + (", the rest is here already." if len(chosen) < len(labels) else ".")
    )
    if size_bytes > settings().max_download_bytes:
        st.warning(f"This server fetches at most {_size(settings().max_download_bytes)} at a time.")
    elif st.button(
        f"Fetch {_size(size_bytes)}",
        disabled=busy or not chosen,
        icon=":material/download:",
        type="primary",
        key="fetch-ucf101",
    ):
        _start(ucf101.fetch, tuple(labels))


def _ucf50(busy: bool) -> None:
    with st.container(border=True):
        _head(SOURCES["ucf50"])
        if (settings().datasets / "ucf50").is_dir():
            st.write("It is here already.")
        elif st.button("Fetch all of UCF50", icon=":material/download:", disabled=busy):
            _start(ucf50.fetch)


# A visitor's own clips


def _own(busy: bool) -> None:
    with st.container(border=True):
        _head(SOURCES["own"])
        name = _own_name()
        counts = _counts(name) if name else {}
        if counts:
            told = ", ".join(f"{plain(label)} ({count})" for label, count in counts.items())
            st.write(f"So far: {told}.")
            if few := [plain(label) for label, count in counts.items() if count < _ENOUGH]:
                st.caption(f"{', '.join(few)}: at least {_ENOUGH} clips a label are needed to train.")
            elif len(counts) < 2:
                st.caption("One more label, and a network can learn to tell them apart.")
        limits, most = settings(), uploads.box_mb(settings().max_video_bytes)
        clips, archive = st.tabs(["Clips under a label", "An archive of class folders"])
        with clips:
            label = st.text_input("Label", max_chars=60, placeholder="Juggling", key=_fresh("own-label"))
            files = st.file_uploader(
                "Clips", type=_TYPES, accept_multiple_files=True, max_upload_size=most, key=_fresh("own-clips")
            )
            st.caption(f"At most {most} MB and {limits.max_video_sec / 60:g} minutes a clip.")
            if st.button("Add these clips", disabled=busy or not (label.strip() and files), icon=":material/add:"):
                _add(name, label.strip(), files)
        with archive:
            st.caption(
                "A folder for each label with its clips in it. Groups are read from names or a groups.csv. "
                f"At most {most} MB, and {limits.max_unpacked_bytes / GIB:.1f} GB when it is unpacked."
            )
            packed = st.file_uploader("Archive", type=_ARCHIVES, max_upload_size=most, key=_fresh("own-archive"))
            if st.button("Unpack it", disabled=busy or packed is None, icon=":material/unarchive:") and packed:
                _add(name, None, [packed])
        st.caption(f"Kept on this server for {limits.job_hours:g} hours after the last change; only you have the link.")


def _own_name() -> str | None:
    """The visitor's own data set, if the address names one that is there."""
    name = st.query_params.get("dataset", "")
    try:
        return name if user.folder_of(name).is_dir() else None
    except DatasetMissing:
        return None


def _counts(name: str) -> dict[str, int]:
    try:
        dataset = open_dataset(name, draw=False)
    except HarError:  # nothing in it yet
        return {}
    counts = dict.fromkeys(dataset.labels, 0)
    for video in dataset.videos:
        counts[video.label] += 1
    return counts


def _add(name: str | None, label: str | None, files: Sequence[UploadedFile]) -> None:
    """Copy uploads out of the web process's memory, and hand them to a job."""
    name = name or user.new_name()
    job_id = new_job_id()
    folder = settings().jobs / job_id
    st.session_state["own-uploads"] = st.session_state.get("own-uploads", 0) + 1  # new, empty widgets
    try:
        kept = _keep(files, folder)
    except HarError as error:
        shutil.rmtree(folder, ignore_errors=True)
        show_error(error)
        return
    finally:
        uploads.drop(*files)
    job = (user.add_archive, name, kept[0][1]) if label is None else (user.add_clips, name, label, kept)
    st.query_params["dataset"] = name
    if not _start(*job, job_id=job_id):
        shutil.rmtree(folder, ignore_errors=True)


@quota.telling()
def _keep(files: Sequence[UploadedFile], folder: Path) -> list[tuple[str, Path]]:
    """Names that uploads had, and where they lie now. Only the endings are taken from the names."""
    folder.mkdir(parents=True)
    return [
        (file.name, uploads.keep(file, folder, str(number), settings().max_video_bytes))
        for number, file in enumerate(files)
    ]


def _fresh(key: str) -> str:
    return f"{key}-{st.session_state.get('own-uploads', 0)}"


def _start(function: Callable[..., object], *arguments: object, job_id: str | None = None) -> bool:
    try:
        job_id = jobs().submit(function, *arguments, job_id=job_id, lane=Lane.DATA)
    except HarError as error:
        show_error(error)
        return False
    st.query_params[_JOB] = job_id
    st.rerun()
    return True


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / GIB:.1f} GB" if size_bytes >= GIB else f"{size_bytes / MIB:.0f} MB"
