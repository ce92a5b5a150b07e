"""The player: a video with its timeline, which follows it frame by frame and leads to any of its frames."""

import json

import streamlit as st

from har import annotation
from har.annotation import Annotation
from har.caches import key_of
from har.timeline import pack
from pages import correcting
from pages.widgets import ASSETS, start_app

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


def player(shown: Annotation, *, own: bool = False) -> None:
    """Show the video of an annotation with its timeline, or only the timeline where there is nothing to play.

    Args:
        shown: what the classifier says, under the settings of the page; what was corrected goes before it.
        own: whether it may be corrected.
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
                subtitles={_TITLE: annotation.export_text(correcting.corrected(shown), annotation.VTT).encode()},
                width=width,
            )
    _timeline(shown, own)


@st.fragment
def _timeline(shown: Annotation, own: bool) -> None:
    """The part that runs again when somebody corrects something; the video above is left alone."""
    labelled = shown.labelled
    packed = pack(labelled.frames, labelled.timeline, shown.info.fps, annotation.true_timeline(shown))
    packed["stopped"] = shown.scored.stopped
    data = packed | {"mark": key_of(json.dumps(packed)), "video": _BOX, "edit": correcting.told(shown, own)}
    if not own:
        _component(key=correcting.PLAYER, data=data)
        return
    _component(key=correcting.PLAYER, data=data, on_corrections_change=lambda: correcting.take(shown))
    correcting.panel(shown)


if __name__ == "__main__":
    start_app()
