"""The player: a video with its timeline, which follows it frame by frame and leads to any of its frames."""

import json

import streamlit as st

from har import annotation
from har.annotation import Annotation
from har.caches import key_of
from har.timeline import pack
from pages.widgets import ASSETS, start_app

_BOX = "player-video"  # where the component finds the page's own video element
_HIGHEST = 420  # pixels: the timeline is to be seen below the video without scrolling
_NARROWEST = 240
_TITLE = "Labels"  # of the captions, in the menu of the browser's own controls
_FOLDER = ASSETS / "player"
_SCRIPTS = ("data.js", "film.js", "timeline.js", "list.js", "player.js")  # no build step: joined as they are
_STYLES = ("player.css", "timeline.css")


def _joined(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "har_player",
    html=_joined("player.html"),
    css=_joined(*_STYLES),
    js=_joined(*_SCRIPTS),
)


def player(shown: Annotation, *, may_ask: bool = False) -> float | None:
    """Show the video of an annotation with its timeline, or only the timeline where there is nothing to play.

    Args:
        shown: the annotation.
        may_ask: whether there is a button to ask why it says what it says.

    Returns:
        The second of which that was just asked.
    """
    path = annotation.to_play(shown.folder)
    if path is None:
        st.info("There is nothing to play: the work ended before that was made.")
    else:
        info = shown.info
        width = max(_NARROWEST, round(_HIGHEST * info.width / info.height))
        with st.container(key=_BOX, horizontal_alignment="center"):
            st.video(
                str(path),
                format=f"video/{path.suffix[1:]}",
                subtitles={_TITLE: annotation.export_text(shown, annotation.VTT).encode()},
                width=width,
            )
    labelled = shown.labelled
    packed = pack(labelled.frames, labelled.timeline, shown.info.fps, annotation.true_timeline(shown))
    packed["stopped"] = shown.scored.stopped
    told = {"mark": key_of(json.dumps(packed)), "video": _BOX, "mayAsk": may_ask}
    asked = _component(key="player", data=packed | told, on_why_change=_nothing).why
    return float(asked) if may_ask and isinstance(asked, int | float) else None


def _nothing() -> None:
    """What was asked is seen in the component's value."""


if __name__ == "__main__":
    start_app()
