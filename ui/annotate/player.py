"""The player: a video with its timeline, which follows it frame by frame and leads to any of its frames."""

import json
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from har import results
from har.results import AgainstTruth, Annotation
from har.storage.cache import key_of
from har.timeline import as_growing, beside, compare, pack
from har.video import VideoInfo
from ui.annotate import corrections
from ui.theme import ASSETS

_ASKED = "why-asked"  # in the session: the second of which the owner has just asked why
_BOX = "player-video"  # where the component finds the page's own video element
_HIGHEST = 420  # pixels: the timeline is to be seen below the video without scrolling
_NARROWEST = 240
_TITLE = "Labels"  # of the captions, in the menu of the browser's own controls
_FOLDER = ASSETS / "player"
_SCRIPTS = (
    "data.js",
    "film.js",
    "timeline.js",
    "list.js",
    "edit.js",
    "correcting.js",
    "player.js",
)  # no build step: joined as they are
_STYLES = ("player.css", "timeline.css", "edit.css")


def _joined(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "har_player",
    html=_joined("player.html"),
    css=_joined(*_STYLES),
    js=_joined(*_SCRIPTS),
)


def player(
    shown: Annotation,
    found: AgainstTruth | None = None,
    second: Annotation | None = None,
    *,
    own: bool = False,
) -> float | None:
    """Show the video of an annotation with its timeline, or only the timeline where there is nothing to play.

    Args:
        shown: what the classifier says, under the settings of the page; what was corrected goes before it.
        found: what truly happens, which then stands above the timeline.
        second: another classifier's, which then stands below it.
        own: whether it may be corrected, and asked why it says what it says.

    Returns:
        The second of which that was just asked.
    """
    captions = results.export_text(corrections.corrected(shown), results.VTT)
    if not film(shown.info, shown.folder, captions):
        st.info("There is nothing to play: the work ended before that was made.")
    told = packed(shown, found, second)
    timeline(lambda: told, edited=shown, own=own)
    return st.session_state.pop(_ASKED, None) if own else None


def film(info: VideoInfo, folder: Path, captions: str | None = None) -> bool:
    """The video alone; whether there is one to play."""
    path = results.to_play(folder)
    if path is None:
        return False
    width = max(_NARROWEST, round(_HIGHEST * info.width / info.height))
    with st.container(key=_BOX, horizontal_alignment="center"):
        st.video(
            str(path),
            format=f"video/{path.suffix[1:]}",
            subtitles={_TITLE: captions.encode()} if captions is not None else None,
            width=width,
        )
    return True


def packed(
    shown: Annotation, found: AgainstTruth | None, second: Annotation | None = None, *, growing: bool = False
) -> dict[str, object]:
    """What `timeline` is given.

    Args:
        shown: the annotation.
        found: what truly happens.
        second: what another classifier says.
        growing: the annotation is only the beginning of what is to come.
    """
    labelled, info = shown.labelled, shown.info
    right = found.measures.frame_accuracy if found and found.measures else None
    also = dict.fromkeys(part.label for part in second.labelled.timeline.segments if part.label) if second else ()
    told = pack(labelled.frames, labelled.timeline, info.fps, found.timeline if found else None, right, also)
    told["stopped"] = shown.scored.stopped
    if growing:
        return as_growing(told, info.frame_count or 0, info.duration_sec)
    if second is None:
        return told
    duration_sec = min(shown.scored.duration_sec, second.scored.duration_sec)
    differing = compare(labelled.frames, second.labelled.frames, duration_sec)
    return beside(told, (shown.card.title, second.card.title), second.labelled.timeline, differing)


def timeline(
    give: Callable[[], dict[str, object] | None],
    every_sec: float | None = None,
    *,
    edited: Annotation | None = None,
    own: bool = False,
) -> None:
    """The player's part that is ours. When what it is given grows it stays as it is, and so does the video.

    It is a fragment also where it asks only once: it runs again when somebody corrects something, and Streamlit would
    put up another one in place of a fragment's.

    Args:
        give: what `packed` makes; None: nothing yet.
        every_sec: how often to ask again.
        edited: whose corrections are shown; None: it is not finished yet.
        own: see `player`.
    """

    @st.fragment(run_every=every_sec)
    def draw() -> None:
        told = give()
        if told is None:
            return
        mark = key_of(json.dumps(told))
        edit = corrections.told(edited, own) if edited is not None else corrections.NOTHING
        asked = _component(
            key=corrections.PLAYER,
            # In a list: a dict's values Streamlit compares with pandas' tables, for which it imports pandas and Arrow.
            data=[told | {"mark": mark, "video": _BOX, "mayAsk": own, "edit": edit}],
            on_why_change=_nothing,
            on_corrections_change=lambda: corrections.take(edited) if edited is not None and own else None,
        ).why
        if own and isinstance(asked, int | float):
            st.session_state[_ASKED] = float(asked)
            st.rerun()  # the answer stands elsewhere on the page
        if own and edited is not None:
            corrections.panel(edited)

    draw()


def _nothing() -> None:
    """What was asked is seen in the component's value."""
