"""The result of a job: one row of facts and files, the player, the choice of labels, the labels of the whole video."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from har import plots, results
from har.errors import AnnotationMissing
from har.reels import Against
from har.results import Annotation, GroundTruthComparison, LabelOptions
from har.settings import settings
from har.sharing import SharedKind, SharedResult
from har.timeline import MOSTLY_UNSURE
from ui import sharing
from ui.annotate import (
    choices,
    compare,
    corrections,
    explanation,
    files,
    films,
    ground_truth,
    player,
    training_clips,
    whole_video,
)
from ui.annotate.names import VIDEO, given_name
from ui.formatting import format_number
from ui.messages import plain, show_error
from ui.theme import BARE

_ID = re.compile(r"[\w-]{22}")
_THRESHOLD, _SMOOTHING = "threshold", "smoothing"  # also query parameters: the sliders are in the address


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


def layout() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Empty containers for heading, player, facts and all else, the same while the job runs, so that nothing moves."""
    top = st.container()
    watch, facts = st.columns([3, 2], gap="large")
    return top, watch, facts, st.container()


def heading(name: str, facts: str = "") -> DeltaGenerator:
    """The row at the top: the video's name, and facts in Markdown.

    Returns:
        The container that ends the row, for buttons.
    """
    # Its heading gets the focus when the job ends: ui/assets/page.js.
    with st.container(key="result-heading", horizontal=True, vertical_alignment="center"):
        st.title(plain(name), anchor=False, width="content")
        st.caption(facts)
        return st.container(horizontal=True, width="content")


def _show(stored: Annotation, own: SharedResult | None) -> None:
    """Show a result; `own` is what its owner may share, None for other viewers."""
    top, watch, facts, more = layout()
    with top:
        buttons = heading(given_name(stored.folder), _facts(stored))
        _remarks(stored)
    with facts:
        beside = st.container()
        with st.container():  # each part has its own, so that no other moves when one gets more lines
            labels = choices.box(stored, disabled=corrections.is_corrected(stored))
        options = _options(stored, labels)
        shown = replace(stored, options=options, labelled=results.label_scores(stored.scored, options))
        comparison = results.compare_with_ground_truth(shown)
        second = results.open_comparison(stored, options)
        with st.container():
            guesses = shown.guesses()
            guessing = bool(guesses) and _guessing(corrections.corrected(shown))
        data = player.packed(shown, comparison, second, guesses)
        with st.container():
            _whole_video(shown, data, guessing)
        with st.container():
            second_comparison = results.compare_with_ground_truth(second) if second is not None else None
            ground_truth.show_metrics(comparison, second_comparison)
        if own is not None:
            ground_truth.box(stored, comparison)
            compare.box(stored, second)
    with buttons:
        if own is not None:
            sharing.box(own, **_changed(stored, options))
        files.menu(shown, stored, own is not None)
    with watch:
        requested_sec = player.player(shown, data, own=own is not None, guessing=guessing)
        if own is not None:
            training_clips.progress()
    with more:
        _probabilities(shown)
        name = files.file_name(shown)
        films.highlights(shown, name, own is not None)
        films.side_by_side(shown, name, _compared(second, comparison), own is not None)
        player.make_filmstrip(stored.folder)
    with beside if explanation.is_beside(stored, requested_sec) else more:
        explanation.show(corrections.corrected(shown), requested_sec, own=own is not None)


def leave() -> None:
    """Remove the result, and its jobs and sliders, from the address."""
    of_films = (films.HIGHLIGHTS, films.SIDE_BY_SIDE)
    for name in ("job", files.BURN, compare.JOB, *of_films, training_clips.KEEP, explanation.JOB):
        st.query_params.pop(name, None)


def _facts(stored: Annotation) -> str:
    info = stored.info
    return (
        f"{stored.scored.duration_sec:.1f} s · {info.width}×{info.height} · "
        f"{format_number(float(info.fps), 4)} fps · {plain(stored.card.title)}"
    )


def _remarks(stored: Annotation) -> None:
    if warning := stored.info.warning or stored.scored.warning:
        st.warning(plain(warning), icon=":material/broken_image:")
    for remark in stored.info.remarks:
        st.info(plain(remark), icon=":material/info:")
    if stored.scored.stopped:
        st.info(
            f"Stopped at {stored.scored.duration_sec:.1f} s. This is the result up to there.",
            icon=":material/stop_circle:",
        )


def _guessing(corrected: Annotation) -> bool:
    """Whether the page shows the closest labels of unsure parts: where most is unsure, until that is switched off."""
    mostly = corrected.labelled.timeline.unsure_share > MOSTLY_UNSURE
    wanted = st.toggle(
        "Show the closest label where unsure",
        mostly,
        help="A guess is not a decision: files say 'unsure' there.",
        key=f"guesses-{mostly}",
    )
    if mostly and wanted:
        st.caption("Most of this video is unsure, so guesses are shown. Choose above what could be happening.")
    return wanted


def _whole_video(shown: Annotation, data: dict[str, Any], with_guesses: bool) -> None:
    corrected = corrections.corrected(shown)
    colours = corrections.colours(shown, dict(zip(data["labels"], data["colours"], strict=True)))
    whole_video.show(corrected.labelled.timeline, corrected.guesses() if with_guesses else (), colours)


@st.fragment
def _probabilities(shown: Annotation) -> None:
    """The chart, once it is opened: loading what draws it would delay the labels by half a second."""
    box = st.expander("Probabilities over time", icon=":material/show_chart:", on_change="rerun")
    if box.open:
        with box:
            st.plotly_chart(plots.probabilities_figure(shown.labelled.frames), key="probabilities", config=BARE)


def _options(stored: Annotation, labels: tuple[str, ...] | None) -> LabelOptions:
    """Sliders that apply at once to the stored scores; their values are in the address."""
    before = stored.options.timeline
    corrected = corrections.is_corrected(stored)
    with st.expander("Threshold and smoothing", icon=":material/tune:"):
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
    timeline = replace(before, threshold=threshold, smooth_sec=smooth_sec)
    return replace(stored.options, labels=labels, timeline=timeline)


def _changed(stored: Annotation, now: LabelOptions) -> dict[str, float | list[str]]:
    """What differs from the options that the result was made with, by query parameter."""
    before = stored.options
    pairs = {
        _THRESHOLD: (before.timeline.threshold, now.timeline.threshold),
        _SMOOTHING: (before.timeline.smooth_sec, now.timeline.smooth_sec),
    }
    sliders = {name: value for name, (was, value) in pairs.items() if value != was}
    return sliders | choices.in_address(stored, now.labels)


def _compared(second: Annotation | None, truth: GroundTruthComparison | None) -> list[Against]:
    return [Against.CLASSIFIER] * (second is not None) + [Against.GROUND_TRUTH] * (truth is not None)


def names(job_id: str) -> dict[str, str]:
    """The visitor's name for an uploaded video, by our name for its file; empty for others."""
    folder = folder_of(job_id)
    return {path.name: given_name(folder) for path in folder.glob(f"{VIDEO}.*")}
