"""The player: a video, and a timeline that follows it frame by frame and seeks to any frame."""

import base64
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from har import results
from har.errors import HarError
from har.labels import display_name
from har.results import Annotation, GroundTruthComparison
from har.storage.cache import cache_key
from har.timeline import Segment, compare
from har.video import VideoInfo
from ui import jobs
from ui.annotate import corrections
from ui.annotate.player_data import as_partial, pack_timeline, with_comparison
from ui.theme import component

_REQUESTED = "why-requested-sec"  # in the session: the time that the owner wants explained
_BOX = "player-video"  # the key by which the component finds the page's video element
_TITLE = "Labels"  # of the captions, in the browser's menu
_SCRIPTS = ("data", "film", "timeline", "list", "edit", "labels", "correcting", "player")  # in this order
_FILES = (
    "player/player.html",
    "component.css",
    *(f"player/{name}.css" for name in ("player", "timeline", "edit")),
    "component.js",
    *(f"player/{name}.js" for name in _SCRIPTS),
)
_component = component("har_player", *_FILES)


def player(
    shown: Annotation,
    data: dict[str, Any],
    *,
    own: bool = False,
    guessing: bool = False,
) -> float | None:
    """Show an annotation's video with its timeline, or only the timeline if there is no video to play.

    Args:
        shown: the annotation, under the settings of the page; corrections override it.
        data: the result of `packed`.
        own: whether the viewer may correct it and request explanations.
        guessing: whether the guesses in `data` are shown.

    Returns:
        The time in seconds of which an explanation has just been requested.
    """
    captions = results.export_text(_with_display_names(corrections.corrected(shown)), "vtt")
    if not film(shown.info, shown.folder, captions):
        st.info("There is no video to play: the job ended before it was made.")
    timeline(lambda: data, edited=shown, own=own, guessing=guessing)
    return st.session_state.pop(_REQUESTED, None) if own else None


def _with_display_names(shown: Annotation) -> Annotation:
    timeline = shown.labelled.timeline
    segments = tuple(replace(part, label=part.label and display_name(part.label)) for part in timeline.segments)
    return replace(shown, labelled=replace(shown.labelled, timeline=replace(timeline, segments=segments)))


def film(info: VideoInfo, folder: Path, captions: str | None = None) -> bool:
    """Show the video alone; whether there is one to play."""
    path = results.playable_file(folder)
    if path is None:
        return False
    strip = results.find_filmstrip(folder)
    url = f"url(data:image/jpeg;base64,{base64.b64encode(strip.read_bytes()).decode()})" if strip else "none"
    ratio = info.width / info.height  # for its size: ui/assets/face.css
    st.html(f"<style>:root {{ --ratio: {ratio:.4f}; --filmstrip: {url}; --filmstrip-height: 2.25rem }}</style>")
    with st.container(key=_BOX):
        st.video(
            str(path),
            format=f"video/{path.suffix[1:]}",
            subtitles={_TITLE: captions.encode()} if captions is not None else None,
            muted=True,  # ui/assets/player/player.js starts it
        )
    return True


def make_filmstrip(folder: Path) -> None:
    """Write the strip of frames under the timeline, if it is missing; the page runs again when it is there."""
    if results.playable_file(folder) is None or results.find_filmstrip(folder) is not None:
        return
    with suppress(HarError):  # a video that cannot be read again is shown without it
        jobs.is_done(("filmstrip", folder), lambda: results.write_filmstrip(folder), "Making the filmstrip…")


def packed(
    shown: Annotation,
    comparison: GroundTruthComparison | None,
    second: Annotation | None = None,
    guesses: Iterable[Segment] = (),
    *,
    partial: bool = False,
) -> dict[str, Any]:
    """The data for `timeline`.

    Args:
        shown: the annotation.
        comparison: with ground truth, which is shown above the timeline.
        second: another classifier's annotation, which is shown below the timeline.
        guesses: for unsure parts.
        partial: whether the video is still being analysed.
    """
    labelled, info = shown.labelled, shown.info
    accuracy = comparison.metrics.frame_accuracy if comparison and comparison.metrics else None
    others = second.labelled.timeline.segments if second else ()
    more_labels = dict.fromkeys(part.label for part in others if part.label)
    truth = comparison.timeline if comparison else None
    data = pack_timeline(labelled.frames, labelled.timeline, info.fps, truth, accuracy, more_labels, guesses)
    data["stopped"] = shown.scored.stopped
    if partial:
        return as_partial(data, info.frame_count or 0, info.duration_sec)
    if second is None:
        return data
    duration_sec = min(shown.scored.duration_sec, second.scored.duration_sec)
    differences = compare(labelled.frames, second.labelled.frames, duration_sec)
    return with_comparison(data, (shown.card.title, second.card.title), second.labelled.timeline, differences)


def timeline(
    read: Callable[[], dict[str, Any] | None],
    every_sec: float | None = None,
    *,
    edited: Annotation | None = None,
    own: bool = False,
    guessing: bool = False,
) -> None:
    """The timeline with its controls. When its data grow, it stays, and so does the video.

    It is a fragment even if it never polls: it runs again at each correction, and Streamlit replaces elements when they
    move into or out of a fragment.

    Args:
        read: returns the result of `packed`; None: nothing yet.
        every_sec: how often to read again.
        edited: whose corrections are shown; None: the job is still running.
        own: see `player`.
        guessing: see `player`.
    """

    @st.fragment(run_every=every_sec)
    def draw() -> None:
        data = read()
        if data is None:
            return
        mark = cache_key(json.dumps(data))
        edit = corrections.player_data(edited, own) if edited is not None else corrections.NONE
        requested_sec = _component(
            key=corrections.PLAYER,
            # A list, as Streamlit compares a dict's values with tables, and imports pandas and Arrow for that.
            data=[data | {"mark": mark, "video": _BOX, "mayAsk": own, "edit": edit, "guessing": guessing}],
            on_why_change=lambda: None,
            on_corrections_change=lambda: corrections.receive(edited) if edited is not None and own else None,
        ).why
        if own and isinstance(requested_sec, int | float):
            st.session_state[_REQUESTED] = float(requested_sec)
            st.rerun()  # the explanation is elsewhere on the page
        if own and edited is not None:
            corrections.panel(edited)

    draw()
