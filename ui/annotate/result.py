"""The result of a job: the player, the labels of the whole video, downloads."""

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from har import annotation, plots, results
from har.errors import AnnotationMissing, HarError
from har.exports import FORMATS
from har.reels import Against
from har.results import Annotation, GroundTruthComparison, LabelOptions
from har.settings import settings
from har.sharing import SharedKind, SharedResult
from har.timeline import TimelineOptions
from ui import jobs, sharing, visitor
from ui.annotate import compare, corrections, explanation, films, ground_truth, player, training_clips
from ui.annotate.names import VIDEO, given_name
from ui.downloads import download
from ui.formatting import format_number
from ui.messages import label_name, plain, show_error
from ui.theme import BARE

_ID = re.compile(r"[\w-]{22}")
_THRESHOLD, _SMOOTHING = "threshold", "smoothing"  # also query parameters: the sliders are in the address
_BURN = "burn"  # the query parameter with the id of the job that writes the video


def folder_of(job_id: str) -> Path:
    """The folder of a job's files; for an invalid id, one that does not exist."""
    return settings().jobs / (job_id if _ID.fullmatch(job_id) else "none")


def is_there(job_id: str) -> bool:
    """Whether a job has a result to show."""
    return results.is_annotated(folder_of(job_id))


def show(job_id: str) -> None:
    """All of the result's screen below the title."""
    try:
        _show(results.open_annotation(folder_of(job_id)), SharedResult(SharedKind.ANNOTATION, job_id))
    except AnnotationMissing as error:
        show_error(error)


def show_shared(folder: Path) -> None:
    """The same for viewers of a shared link: read-only, and without anything that identifies the owner.

    Raises:
        AnnotationMissing: it has been deleted.
    """
    _show(results.open_annotation(folder), None)


class Layout(NamedTuple):
    """Containers for the parts of a result, the same while the job runs, so that nothing moves."""

    heading: DeltaGenerator
    top: DeltaGenerator
    watch: DeltaGenerator
    facts: DeltaGenerator


def layout() -> Layout:
    """Empty containers at this place of the page."""
    return Layout(st.container(), st.container(), *st.columns([3, 2], gap="large"))


def _show(stored: Annotation, own: SharedResult | None) -> None:
    """Show a result; `own` is what its owner may share, None for other viewers."""
    heading, top, watch, facts = layout()
    with heading:
        _heading(stored)
    with facts:
        verdict = st.container()
        options = _options(stored)
        shown = replace(stored, options=options, labelled=results.label_scores(stored.scored, options))
        comparison = results.compare_with_ground_truth(shown)
        second = results.open_comparison(stored, options)
        second_comparison = results.compare_with_ground_truth(second) if second is not None else None
        with verdict:
            _verdict(shown.labelled.verdict)
            ground_truth.show_metrics(comparison, second_comparison)
        _downloads(shown)
        if own is not None:
            _burn_in(stored, options)
            ground_truth.box(stored, comparison)
            compare.box(stored, second)
    with watch:
        requested_sec = player.player(shown, comparison, second, own=own is not None)
        if own is not None:
            training_clips.progress()
        with st.expander("Probabilities over time", icon=":material/show_chart:"):
            figure = plots.probabilities_figure(shown.labelled.frames)
            st.plotly_chart(figure, key="probabilities", config=BARE)
        name = _file_name(shown)
        films.highlights(shown, name, own is not None)
        films.side_by_side(shown, name, _compared(second, comparison), own is not None)
    explanation.show(stored, requested_sec, own=own is not None)
    if own is not None:
        with top:
            sharing.box(own, **_changed(stored.options, options))


def leave() -> None:
    """Remove the result, and its jobs and sliders, from the address."""
    for name in ("job", _BURN, compare.JOB, films.HIGHLIGHTS, films.SIDE_BY_SIDE, training_clips.KEEP, explanation.JOB):
        st.query_params.pop(name, None)


def _heading(stored: Annotation) -> None:
    info = stored.info
    st.markdown(
        f"**{plain(given_name(stored.folder))}** · {stored.scored.duration_sec:.1f} s · {info.width}×{info.height} · "
        f"{format_number(float(info.fps), 5)} frames per second · annotated by **{plain(stored.card.title)}**"
    )
    for warning in filter(None, (stored.info.warning, stored.scored.warning)):
        st.warning(plain(warning), icon=":material/broken_image:")
        break
    for remark in info.remarks:
        st.info(plain(remark), icon=":material/info:")
    if stored.scored.stopped:
        st.info(
            f"Stopped at {stored.scored.duration_sec:.1f} s. This is the result up to there.",
            icon=":material/stop_circle:",
        )


def _options(stored: Annotation) -> LabelOptions:
    """Sliders that apply at once to the stored scores; their values are in the address."""
    before = stored.options.timeline
    corrected = corrections.is_corrected(stored)
    threshold = st.slider(
        "Threshold",
        0.0,
        1.0,
        before.threshold,
        0.01,
        help="Below this probability the label is 'unsure'.",
        key=_THRESHOLD,
        bind="query-params",
        disabled=corrected,
    )
    smooth_sec = st.slider(
        "Smoothing (seconds)",
        0.0,
        5.0,
        before.smooth_sec,
        0.1,
        key=_SMOOTHING,
        bind="query-params",
        disabled=corrected,
    )
    if corrected:
        st.caption("Corrected by hand: these sliders have no effect on the timeline.")
    return LabelOptions(
        stored.options.labels,
        TimelineOptions(threshold, before.hysteresis, before.min_sec, smooth_sec),
    )


def _changed(before: LabelOptions, now: LabelOptions) -> dict[str, float]:
    """The sliders' values that differ from those the result was made with, by query parameter."""
    pairs = {
        _THRESHOLD: (before.timeline.threshold, now.timeline.threshold),
        _SMOOTHING: (before.timeline.smooth_sec, now.timeline.smooth_sec),
    }
    return {name: value for name, (was, value) in pairs.items() if value != was}


def _verdict(verdict: list[tuple[str, float]]) -> None:
    with st.container(key="result-heading"):  # gets the focus when the job ends: ui/assets/page.js
        st.header("The whole video", anchor=False)
    for label, probability in verdict:
        st.progress(min(probability, 1.0), f"{label_name(label)} · {probability:.0%}")


def _burn_in(stored: Annotation, options: LabelOptions) -> None:
    """Write the labelled video, of a short video in the background, otherwise on request: then it takes long."""
    status = jobs.watch(_BURN)
    if jobs.is_running(status):
        return
    written = (stored.folder / results.ANNOTATED).exists()
    is_short = stored.scored.duration_sec <= settings().burn_in_sec and not stored.scored.stopped
    if not written and is_short and status is None and _write_in_background(stored, options):
        return
    corrected = corrections.is_newer(stored, results.ANNOTATED)
    if written and options == stored.options and not corrected:
        return
    if written:
        what = (
            "was written before the last corrections" if corrected else "still shows the settings it was written with"
        )
        st.caption(f"The labelled video {what}. The player and other downloads are up to date.")
    pressed = st.button(
        "Update the labelled video" if written else "Write the labels into the video",
        icon=":material/local_fire_department:",
        help="Creates a video with the label in every frame to download, and the player's video if that is missing.",
        width="stretch",
    )
    if pressed and jobs.submit(_BURN, annotation.burn_in_again, stored.folder, options):
        st.rerun()


def _write_in_background(stored: Annotation, options: LabelOptions) -> bool:
    """Write the labelled video once in a session, by a job that is not in the address; whether it waits or runs."""
    key = f"{_BURN}-{stored.folder.name}"
    if key not in st.session_state:
        st.session_state[key] = None  # a job that is refused or fails is not started again
        with suppress(HarError):
            st.session_state[key] = jobs.jobs().submit(
                annotation.burn_in_again, stored.folder, options, visitor=visitor.visitor(), detached=False
            )
    status = jobs.find_status(st.session_state[key])
    if status is None or status.state.finished:
        return False
    jobs.follow(status.id)
    return True


def _export(shown: Annotation, format_name: str) -> bytes:
    return results.export_text(corrections.corrected(shown), format_name).encode()


def _file_name(shown: Annotation) -> str:
    """Of downloads, without a suffix."""
    return re.sub(r"[^\w-]+", "-", Path(given_name(shown.folder)).stem).strip("-")[:60] or "video"


def _compared(second: Annotation | None, truth: GroundTruthComparison | None) -> list[Against]:
    """What the result is compared with."""
    return [Against.CLASSIFIER] * (second is not None) + [Against.GROUND_TRUTH] * (truth is not None)


def _downloads(shown: Annotation) -> None:
    """Files are read or written only when their button is pressed."""
    st.header("Download", anchor=False)
    name = _file_name(shown)
    video = shown.folder / results.ANNOTATED
    if video.exists():
        download(
            f"Video with labels ({video.stat().st_size / 1e6:.1f} MB)",
            video.read_bytes,
            f"{name}-annotated.mp4",
            "video/mp4",
            icon=":material/movie:",
            width="stretch",
        )
    for entry in FORMATS.values():
        download(
            entry.title,
            partial(_export, shown, entry.name),
            f"{name}{entry.suffix}",
            entry.mime,
            icon=":material/download:",
            width="stretch",
            key=entry.file_name,
        )


def names(job_id: str) -> dict[str, str]:
    """The visitor's name for an uploaded video, by our name for its file; empty for others."""
    folder = folder_of(job_id)
    return {path.name: given_name(folder) for path in folder.glob(f"{VIDEO}.*")}
