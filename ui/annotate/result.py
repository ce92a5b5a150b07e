"""The result of a job: the player, what the whole video shows, the files to take away."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from har import annotation, plots, results
from har.errors import AnnotationMissing
from har.jobs import JobStatus
from har.results import Annotation, LabelOptions
from har.settings import settings
from har.sharing import Kind, Result
from har.timeline import TimelineOptions
from ui import asked, sharing
from ui.annotate import compare, corrections, explanation, ground_truth, player, training_clips
from ui.downloads import download
from ui.messages import plain, show_error
from ui.theme import BARE

NAME = "name.txt"  # what the visitor called the video
VIDEO = "video"  # what we call it, but for the ending
_ID = re.compile(r"[\w-]{22}")
_THRESHOLD, _SMOOTHING = "threshold", "smoothing"  # query parameters too: the sliders stand in the address
_ENDINGS = {results.LABEL_STUDIO: "-label-studio.json", results.ACTIVITYNET: "-activitynet.json"}
_BURN = "burn"  # the query parameter with the id of the job that burns in once more


def folder_of(job_id: str) -> Path:
    """Where a job's files lie. An id that cannot be one of ours leads to a folder that is not there."""
    return settings().jobs / (job_id if _ID.fullmatch(job_id) else "none")


def is_there(job_id: str) -> bool:
    """Whether the job has left anything to show."""
    return results.is_annotated(folder_of(job_id))


def show(job_id: str) -> None:
    """All of the result's screen below the title."""
    try:
        _show(results.open_annotation(folder_of(job_id)), Result(Kind.ANNOTATION, job_id))
    except AnnotationMissing as error:
        show_error(error)


def show_shared(folder: Path) -> None:
    """The same for somebody to whom it was shared: nothing is changed, and nothing tells whose it is.

    Raises:
        AnnotationMissing: it is not there any more.
    """
    _show(results.open_annotation(folder), None)


class Places(NamedTuple):
    """Where the parts of a result lie; also while there is only the beginning of one, so that nothing moves."""

    heading: DeltaGenerator
    top: DeltaGenerator
    watch: DeltaGenerator
    facts: DeltaGenerator


def places() -> Places:
    """Empty ones, here."""
    return Places(st.container(), st.container(), *st.columns([3, 2], gap="large"))


def _show(stored: Annotation, own: Result | None) -> None:
    """Args: the result; and as what its owner may share it, None for everybody else."""
    heading, top, watch, facts = places()
    with heading:
        _heading(stored)
    with facts:
        verdict = st.container()
        options = _options(stored)
        if corrections.is_corrected(stored):
            st.caption("Corrected by hand: the timeline follows the corrections, not these sliders.")
        shown = replace(stored, options=options, labelled=results.label(stored.scored, options))
        found = results.against_truth(shown)
        second = results.open_second(stored, options)
        with verdict:
            _verdict(shown.labelled.verdict)
            ground_truth.numbers(found, results.against_truth(second) if second is not None else None)
        _downloads(shown)
        if own is not None:
            _burn_in(stored, options)
            ground_truth.box(stored, found)
            compare.box(stored, second)
    with watch:
        if own is not None:
            training_clips.progress()
        asked_sec = player.player(shown, found, second, own=own is not None)
        with st.expander("Probabilities over time", icon=":material/show_chart:"):
            figure = plots.probabilities_figure(shown.labelled.frames)
            st.plotly_chart(figure, key="probabilities", config=BARE)
    explanation.show(stored, asked_sec, own=own is not None)
    if own is not None:
        with top:
            sharing.box(own, **_changed(stored.options, options))


def leave() -> None:
    """Take a result out of the address; what its sliders say goes with them."""
    for name in ("job", _BURN, compare.JOB, training_clips.KEEP, explanation.JOB):
        st.query_params.pop(name, None)


def _heading(stored: Annotation) -> None:
    info = stored.info
    st.markdown(
        f"**{plain(_given_name(stored.folder))}** · {stored.scored.duration_sec:.1f} s · {info.width}×{info.height} · "
        f"{float(info.fps):.5g} frames a second · annotated by **{plain(stored.card.title)}**"
    )
    for warning in filter(None, (stored.info.warning, stored.scored.warning)):
        st.warning(plain(warning), icon=":material/broken_image:")
        break
    if stored.scored.stopped:
        st.info(
            f"Stopped at {stored.scored.duration_sec:.1f} s. What was recognised until then is here.",
            icon=":material/stop_circle:",
        )


def _options(stored: Annotation) -> LabelOptions:
    """Sliders that act at once, on the stored scores. What they say is in the address."""
    before = stored.options.timeline
    threshold = st.slider(
        "Threshold",
        0.0,
        1.0,
        before.threshold,
        0.01,
        help="Below this probability the answer is 'unsure'.",
        key=_THRESHOLD,
        bind="query-params",
    )
    smooth_sec = st.slider("Smoothing (seconds)", 0.0, 5.0, before.smooth_sec, 0.1, key=_SMOOTHING, bind="query-params")
    return LabelOptions(
        stored.options.labels,
        TimelineOptions(threshold, before.hysteresis, before.min_sec, smooth_sec),
    )


def _changed(before: LabelOptions, now: LabelOptions) -> dict[str, float]:
    """What the sliders say where it is not what the result was made with, by the names in the address."""
    pairs = {
        _THRESHOLD: (before.timeline.threshold, now.timeline.threshold),
        _SMOOTHING: (before.timeline.smooth_sec, now.timeline.smooth_sec),
    }
    return {name: value for name, (was, value) in pairs.items() if value != was}


def _verdict(verdict: list[tuple[str, float]]) -> None:
    st.header("The whole video", anchor=False)
    for label, probability in verdict:
        st.progress(min(probability, 1.0), f"{plain(label)} · {probability:.0%}")


def _burn_in(stored: Annotation, options: LabelOptions) -> None:
    """The video with its labels is written only when asked, but for short ones: it takes as long as playing a part."""
    if asked.under_way(_BURN, _describe):
        return
    written = (stored.folder / results.ANNOTATED).exists()
    corrected = corrections.is_newer(stored, results.ANNOTATED)
    if written and options == stored.options and not corrected:
        return
    if written:
        what = (
            "was written before the last corrections" if corrected else "still shows the settings it was written with"
        )
        st.caption(f"This video {what}. Player and text files show yours.")
    name = "Burn in with these settings" if written else "Burn the labels in"
    help_text = (
        "Writes the video with its labels on every frame, to take away; and what the player plays, if that is missing."
    )
    pressed = st.button(name, icon=":material/local_fire_department:", help=help_text, width="stretch")
    if pressed and asked.begin(_BURN, annotation.burn_again, stored.folder, options):
        st.rerun()


def _describe(status: JobStatus) -> tuple[float, str]:
    return (getattr(status.events[-1], "done", 0.0) if status.events else 0.0), "Writing"


def _text(shown: Annotation, file: str) -> bytes:
    return results.export_text(corrections.corrected(shown), file).encode()


def _downloads(shown: Annotation) -> None:
    """Files are read, and texts written, only when their button is pressed."""
    st.header("Take away", anchor=False)
    name = re.sub(r"[^\w-]+", "-", Path(_given_name(shown.folder)).stem).strip("-")[:60] or "video"
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
    for file, title, mime in (
        (results.CSV, "Table, a row a frame (CSV)", "text/csv"),
        (results.JSON, "Segments and settings (JSON)", "application/json"),
        (results.VTT, "Captions (WebVTT)", "text/vtt"),
        (results.SRT, "Captions (SRT)", "application/x-subrip"),
        (results.LABEL_STUDIO, "For Label Studio (JSON)", "application/json"),
        (results.ACTIVITYNET, "As ActivityNet has it (JSON)", "application/json"),
    ):
        download(
            title,
            partial(_text, shown, file),
            f"{name}{_ENDINGS.get(file, Path(file).suffix)}",
            mime,
            icon=":material/download:",
            width="stretch",
            key=file,
        )


def names(job_id: str) -> dict[str, str]:
    """What the visitor calls the video, by our name for it; nothing where it was not brought."""
    folder = folder_of(job_id)
    return {path.name: _given_name(folder) for path in folder.glob(f"{VIDEO}.*")}


def _given_name(folder: Path) -> str:
    """In a stranger's words, though on one line and without signs that steer; no path is ever made of it."""
    name = folder / NAME
    return name.read_text(encoding="utf-8") or "Your video" if name.exists() else "A generated sample"
