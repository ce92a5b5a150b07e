"""Annotate: choose a video, watch the work, look at the result, take it away."""

import shutil
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har import annotation, results
from har.classifier import Card
from har.datasets.figures import SAMPLES
from har.errors import HarError, JobMissing, RunMissing
from har.jobs import JobState, JobStatus, new_job_id
from har.recognition import Scoring
from har.results import LabelOptions
from har.runs import Run, open_run
from har.settings import MIB, settings
from har.storage import quota
from har.timeline import TimelineOptions
from har.youtube import Fetching, clean
from ui import classifiers, uploads, visitor
from ui.annotate import live, result, youtube
from ui.jobs import jobs
from ui.messages import plain, show_error, show_failure
from ui.navigation import start_app
from ui.theme import ASSETS

_FOR_SAMPLES, _FOR_UPLOADS = "lrcn-figures", "i3d-kinetics400"
_TYPES = ["mp4", "mov", "m4v", "avi", "mkv", "webm", "mpg", "mpeg", "gif", "ts", "wmv", "flv", "ogv", "3gp"]
_SAMPLE, _UPLOAD, _YOUTUBE = "A sample", "Your own video", "From YouTube"

_Chosen = str | UploadedFile | youtube.Stretch  # a sample's name, or a video


def main() -> None:
    """One address, three states: nothing chosen, work under way, a result."""
    st.title("Annotate a video", anchor=False)
    visitor.owner()  # whose classifiers and data sets are offered
    job_id = st.query_params.get("job")
    if job_id is None:
        _choose()
    else:
        _show(job_id)


def _choose() -> None:
    """The form. Its last press makes a job and puts the job's id into the address."""
    st.write(
        "Every frame gets the name of its action. Start with a sample, or bring a video of people doing something."
    )
    left, right = st.columns(2, gap="large")
    with left:
        sources = [_SAMPLE, _UPLOAD, _YOUTUBE]
        source = st.segmented_control("Video", sources, default=_SAMPLE, required=True, key="source")
        sample, upload, stretch = None, None, None
        if source == _SAMPLE:
            sample = st.radio("Sample", list(SAMPLES), format_func=lambda name: SAMPLES[name].title, key="sample")
            st.image(str(ASSETS / f"{sample}.jpg"), width=320, alt=f"A still of: {SAMPLES[sample].title}")
            st.caption("Drawn by this program, so what really happens in it is known.")
        elif source == _UPLOAD:
            upload = _upload_box()
        else:
            stretch, failed = youtube.box()
            upload = _upload_box() if failed else None
    with right:
        where, card = _classifier(source)
        st.caption(plain(card.description))
        labels = st.multiselect(
            "Labels to consider",
            card.labels,
            placeholder=f"All {len(card.labels)}",
            help="If you know which actions can occur, choose them: the answer gets surer.",
            key=f"labels-{where}",
        )
        stride_sec, timeline = _advanced(card)
    options = LabelOptions(tuple(labels) or None, timeline)
    chosen = sample or upload or stretch
    name = "Annotate this stretch" if stretch else "Annotate"
    if st.button(name, type="primary", icon=":material/play_arrow:", disabled=not chosen) and chosen:
        _start(chosen, where, options, stride_sec)


def _upload_box() -> UploadedFile | None:
    limits = settings()
    upload = st.file_uploader(
        "Video file",
        type=_TYPES,
        max_upload_size=uploads.box_mb(limits.max_video_bytes),
        key=f"upload-{st.session_state.get('uploads', 0)}",
    )
    st.caption(
        f"At most {limits.max_video_bytes // MIB} MB and {limits.max_video_sec / 60:g} minutes. "
        f"It stays on this server for {limits.job_hours:g} hours at most, and only you have the link to it."
    )
    return upload


def _classifier(source: str) -> tuple[str | Path, Card]:
    """The one to recognise with: shipped, trained here from the command line, or by this visitor on Train."""
    asked = st.query_params.get("classifier")
    opened = _opened(asked)
    cards, names = classifiers.known(opened)
    wanted: str | Path = _FOR_SAMPLES if source == _SAMPLE else _FOR_UPLOADS
    if opened and opened[0].outcome is not None:
        wanted = opened[0].classifier
    where = st.selectbox(
        "Classifier",
        list(cards),
        index=list(cards).index(wanted) if wanted in cards else 0,
        format_func=names.__getitem__,
        key=f"classifier-{source}-{asked}",
    )
    return where, cards[where]


def _opened(run_id: str | None) -> list[Run]:
    """A run that the address names: who knows its id may use it."""
    try:
        return [open_run(run_id)] if run_id else []
    except RunMissing as error:
        show_error(error)
        return []


def _advanced(card: Card) -> tuple[float, TimelineOptions]:
    default = TimelineOptions(threshold=card.threshold) if card.threshold is not None else TimelineOptions()
    with st.expander("Advanced settings"):
        stride_sec = st.number_input(
            "Stride (seconds between two windows)",
            min_value=0.04,
            max_value=60.0,
            value=card.stride_sec,
            step=0.04,
            key=f"stride-{card.title}-{card.name}",
            help=f"A window spans {card.spec.span_sec:g} s. A smaller stride is more exact and slower.",
        )
        threshold = st.slider(
            "Threshold",
            0.0,
            1.0,
            default.threshold,
            0.01,
            key=f"threshold-{default.threshold}",
            help="Below this probability the answer is 'unsure'.",
        )
        smooth_sec = st.slider("Smoothing (seconds)", 0.0, 5.0, default.smooth_sec, 0.1)
        st.caption("Threshold and smoothing can still be changed afterwards, at once.")
    return stride_sec, TimelineOptions(threshold=threshold, smooth_sec=smooth_sec)


def _start(chosen: _Chosen, classifier: str | Path, options: LabelOptions, stride_sec: float) -> None:
    """Make a job of a sample's name, an upload, or a stretch of a YouTube video."""
    job_id = new_job_id()
    folder = result.folder_of(job_id)
    job: tuple[Callable[..., object], object, *tuple[object, ...]]
    rest = (folder, classifier, options, stride_sec)
    try:
        if isinstance(chosen, youtube.Stretch):
            _note_name(chosen.listing.title, folder)
            stretch = (chosen.start_sec, chosen.end_sec)
            job = (annotation.annotate_youtube_for_page, chosen.listing, stretch)
        else:
            source = chosen if isinstance(chosen, str) else _keep(chosen, folder)
            job = (annotation.annotate_for_page, source)
        jobs().submit(*job, *rest, job_id=job_id, visitor=visitor.visitor(), goes_on_alone=False)
    except HarError as error:
        shutil.rmtree(folder, ignore_errors=True)
        show_error(error)
        return
    if not isinstance(chosen, str | youtube.Stretch):
        uploads.drop(chosen)
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1  # an empty widget
    st.query_params.from_dict({"job": job_id})
    st.rerun()


@quota.telling()
def _keep(upload: UploadedFile, folder: Path) -> Path:
    """Copy an upload out of the web process's memory."""
    _note_name(upload.name, folder)
    return uploads.keep(upload, folder, result.VIDEO, settings().max_video_bytes)


@quota.telling()
def _note_name(name: str, folder: Path) -> None:
    """What to call the video on its result. Whatever it says, no file is called so."""
    folder.mkdir(parents=True)
    (folder / result.NAME).write_text(clean(name), encoding="utf-8")


def _show(job_id: str) -> None:
    status = _status(job_id)
    if status is not None and not status.state.settled:
        live.show(job_id, _describe)
        return
    live.forget()
    if status is not None and status.abandoned:
        st.info(
            f"Nobody had this page open for {settings().ownerless_minutes:g} minutes, so the work was ended.",
            icon=":material/timer_off:",
        )
    if status is not None and status.state is JobState.FAILED:
        show_failure(status, result.names(job_id))
    elif not result.is_there(job_id):
        _nothing(status)
    if result.is_there(job_id):  # also where only writing the video failed
        result.show(job_id)
    if st.button("Annotate another video", icon=":material/restart_alt:"):
        result.leave()
        st.rerun()


def _nothing(status: JobStatus | None) -> None:
    """Why there is no result, where nothing has failed."""
    if status is not None and status.state is JobState.STOPPED:
        st.info("Cancelled before there was anything to keep.", icon=":material/stop_circle:")
    else:
        st.warning(
            "There is no result under this address. Results are kept for "
            f"{settings().job_hours:g} hours, and work under way is lost when the app starts anew.",
            icon=":material/search_off:",
        )


def _status(job_id: str) -> JobStatus | None:
    try:
        return jobs().status(job_id)
    except JobMissing:
        return None


def _describe(status: JobStatus) -> tuple[float, str]:
    """The share done and a line of text, from a job's last event."""
    match status.events[-1] if status.events else None:
        case Fetching() as event:
            done, text = youtube.describe(event)
            return 0.1 * done, text
        case results.DrawingSample(title):
            return 0.05, f"Drawing the sample: {title}"
        case results.LoadingClassifier(title):
            return 0.2, f"Loading {title}"
        case Scoring(done_sec, total_sec):
            return 0.2 + 0.6 * done_sec / total_sec, f"Recognising: {done_sec:.0f} of {total_sec:.0f} s"
        case results.MakingProxy(done):
            return 0.1 + 0.1 * done, "Preparing the player"
        case results.BurningIn(done):
            return 0.8 + 0.2 * done, "Writing labels on the frames"
    return 0.0, "Starting"


if __name__ == "__main__":
    start_app()
