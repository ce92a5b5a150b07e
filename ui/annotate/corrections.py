"""Correct and keep: what a result's owner corrects by hand, files of it from elsewhere, and clips to train on.

The player edits in the browser (pages/assets/player/edit.js) and tells this page a moment later; nothing is believed
before `har.results.keep_corrections` has looked at it.
"""

import secrets
from collections.abc import Callable

import streamlit as st

from har import results
from har.colours import PALETTE
from har.errors import CorrectionsRefused, HarError
from har.exports import MOST_BYTES
from har.results import Annotation
from har.timeline import Corrections
from ui import uploads
from ui.annotate import training_clips
from ui.messages import show_error

PLAYER = "player"  # the component's key
_SERIAL = "corrections-serial"  # in the session: who has changed them last, the player or this page
_REFUSED = "corrections-refused"  # in the session: why the last ones were not taken
_BROUGHT = "corrections-brought"  # in the session: how many files were, each in an empty box
_FLIPPED = "corrections-flipped"  # in the session: whether there are some since just now, or none any more
_LONGEST_SERIAL = 60
NOTHING: dict[str, object] = {  # what the player is told while there is nothing to correct
    "own": False,
    "known": [],
    "palette": [],
    "corrections": {"now": None, "past": (), "future": ()},
    "serial": "",
}


def corrected(shown: Annotation) -> Annotation:
    """A result as it was corrected; as it is where that cannot be read, which the panel says."""
    try:
        return results.corrected(shown)
    except CorrectionsRefused:
        return shown


def is_corrected(shown: Annotation) -> bool:
    """Whether a person's timeline stands in place of the classifier's, so that a threshold changes nothing."""
    return _corrections(shown).now is not None


def is_newer(shown: Annotation, name: str) -> bool:
    """Whether something was corrected, or taken back, after a file of the result was written."""
    try:
        return (shown.folder / results.CORRECTIONS).stat().st_mtime > (shown.folder / name).stat().st_mtime
    except OSError:
        return False


def told(shown: Annotation, own: bool) -> dict[str, object]:
    """What the player needs to know for correcting: ready for JSON."""
    corrections = _corrections(shown)
    steps = {
        "now": corrections.now,
        "past": corrections.past if own else (),
        "future": corrections.future if own else (),
    }
    return {
        "own": own,
        "known": list(shown.card.labels) if own else [],
        "palette": list(PALETTE),
        "corrections": steps,
        "serial": st.session_state.get(_serial(shown), ""),
    }


def take(shown: Annotation) -> None:
    """Keep what the player says, if it can be; it comes from a browser, so it may say anything."""
    value = st.session_state[PLAYER].get("corrections")
    if not isinstance(value, dict):
        return
    before = is_corrected(shown)
    states = {name: state for name, state in value.items() if name != "serial"}
    if _kept(lambda: results.keep_corrections(shown, states)):
        st.session_state[_serial(shown)] = str(value.get("serial", ""))[:_LONGEST_SERIAL]
    st.session_state[_FLIPPED] = before != is_corrected(shown)


def panel(shown: Annotation) -> None:
    """Below the player: what was refused, the way back, files from elsewhere, and clips to train on."""
    if (error := st.session_state.pop(_REFUSED, None)) is not None:
        show_error(error)
    if st.session_state.pop(_FLIPPED, False):
        st.rerun()  # what stands beside the player speaks of it
    now = _corrections(shown).now
    if now is not None:
        marks = [piece.mark for piece in now]
        counts = f"{marks.count('corrected')} corrected, {marks.count('confirmed')} confirmed, of {len(marks)} segments"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{counts}. They go before the sliders; files to take away follow them.")
            if st.button("Take back all corrections", icon=":material/undo:"):
                _from_page(shown, lambda: results.change(shown, None))
    with st.expander("Bring corrections from a file", icon=":material/upload_file:"):
        _bring(shown)
    training_clips.box(shown)


def _bring(shown: Annotation) -> None:
    st.caption(
        "Label Studio's JSON (timeline labels), JSON as ActivityNet has it, or the JSON that you can take away here. "
        "It takes the place of the timeline above; Undo brings that back."
    )
    turn = st.session_state.get(_BROUGHT, 0)
    file = st.file_uploader(
        "Corrections", type=["json"], max_upload_size=uploads.box_mb(MOST_BYTES), key=f"corrections-{turn}"
    )
    if file is None or not st.button("Use it", icon=":material/check:"):
        return
    text = file.read(MOST_BYTES + 1)
    uploads.drop(file)
    st.session_state[_BROUGHT] = turn + 1
    _from_page(shown, lambda: results.bring(shown, text))


def _from_page(shown: Annotation, work: Callable[[], object]) -> None:
    """Change them without the player's doing, which then hears of it."""
    if _kept(work):
        st.session_state[_serial(shown)] = f"page:{secrets.token_hex(8)}"
    st.rerun()


def _kept(work: Callable[[], object]) -> bool:
    try:
        work()
    except HarError as error:
        st.session_state[_REFUSED] = error
        return False
    return True


def _corrections(shown: Annotation) -> Corrections:
    try:
        return results.corrections_of(shown)
    except CorrectionsRefused:
        return Corrections()


def _serial(shown: Annotation) -> str:
    return f"{_SERIAL}-{shown.folder.name}"
