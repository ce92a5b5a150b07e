"""Corrections by a result's owner: made in the player or imported from a file, and saved as training clips.

The player edits in the browser (ui/assets/player/edit.js) and sends the corrections a moment later; they are validated
by `har.results.save_corrections`.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from har import results
from har.colours import PALETTE
from har.errors import CorrectionsInvalid, HarError
from har.exports import FORMATS, MAX_IMPORT_BYTES, importable_suffixes
from har.results import Annotation
from har.timeline import Corrections
from ui import uploads
from ui.annotate import training_clips
from ui.annotate.names import stored_name
from ui.messages import plain, show_error

PLAYER = "player"  # the component's key
_SEEN = "corrections-seen"  # in the session: the revision that this tab shows
_REFUSED = "corrections-refused"  # in the session: why the last change was refused
_IMPORTED = "corrections-imported"  # in the session: the number of imported files; each gets an empty box
_LEFT_OUT = "corrections-left-out"  # in the session: what the last imported file has in addition
_CHANGED = "corrections-changed"  # in the session: whether the player has just changed the timeline
_MAX_SERIAL = 60
NONE: dict[str, object] = {  # the player's data while nothing can be corrected
    "own": False,
    "known": [],
    "palette": [],
    "corrections": {"now": None, "past": (), "future": ()},
    "serial": "",
}


def corrected(shown: Annotation) -> Annotation:
    """A result with its corrections; without them if they cannot be read, which the panel reports."""
    try:
        return results.apply_corrections(shown)
    except CorrectionsInvalid:
        return shown


def is_corrected(shown: Annotation) -> bool:
    """Whether a person's timeline replaces the classifier's, so that the threshold has no effect."""
    return _corrections(shown).now is not None


def is_newer(shown: Annotation, name: str) -> bool:
    """Whether corrections were made or removed after a file of the result was written."""
    try:
        return (shown.folder / results.CORRECTIONS).stat().st_mtime > (shown.folder / name).stat().st_mtime
    except OSError:
        return False


def player_data(shown: Annotation, own: bool) -> dict[str, object]:
    """What the player needs for corrections, ready for JSON."""
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
        "serial": corrections.revision,
    }


def colours(shown: Annotation, known: Mapping[str, str]) -> dict[str, str]:
    """The player's colours of labels, with those of further labels, as `applyPieces` in edit.js gives them."""
    found = dict(known)
    for piece in _corrections(shown).now or ():
        if piece.label is not None and piece.label not in found:
            free = (colour for colour in PALETTE if colour not in found.values())
            found[piece.label] = next(free, PALETTE[len(found) % len(PALETTE)])
    return found


def receive(shown: Annotation) -> None:
    """Save the player's corrections, if valid; they come from a browser, so they may be anything."""
    value = st.session_state[PLAYER].get("corrections")
    if not isinstance(value, dict):
        return
    before = _corrections(shown).now
    states = {name: state for name, state in value.items() if name not in ("serial", "after")}
    serial, after = (str(value.get(name, ""))[:_MAX_SERIAL] for name in ("serial", "after"))
    player = serial.rpartition(":")[0] + ":"  # which may have sent earlier changes that it has not seen stored

    def follows(stored: str) -> bool:
        return stored == after or stored.startswith(player)

    _try(lambda: results.save_corrections(shown, states, serial, follows))
    st.session_state[_CHANGED] = before != _corrections(shown).now


def panel(shown: Annotation) -> None:
    """Below the player: errors, reset, import, and training clips."""
    if (error := st.session_state.pop(_REFUSED, None)) is not None:
        show_error(error)
    if (left_out := st.session_state.pop(_LEFT_OUT, None)) is not None:
        st.info(plain(left_out), icon=":material/info:")
    if st.session_state.pop(_CHANGED, False):
        st.rerun()  # to update the parts next to the player
    stored = _corrections(shown)
    seen = st.session_state.get(_seen(shown), stored.revision)
    st.session_state[_seen(shown)] = stored.revision
    now = stored.now
    if now is not None:
        marks = [piece.mark for piece in now]
        counts = f"{marks.count('corrected')} corrected, {marks.count('confirmed')} confirmed, of {len(marks)} segments"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{counts}. They override the chosen labels and the threshold, and are in all files.")
            if st.button("Reset to the model's answer", icon=":material/undo:"):
                _from_page(lambda: results.replace_segments(shown, None, seen.__eq__))
    with st.expander("Import corrections, save training clips", icon=":material/edit_note:"):
        _import(shown, seen)
        training_clips.box(shown)


def _import(shown: Annotation, seen: str) -> None:
    importable = ", ".join(form.title for form in FORMATS.values() if form.read is not None)
    st.caption(f"{importable}. The file replaces the timeline above; Undo restores it.")
    turn = st.session_state.get(_IMPORTED, 0)
    file = st.file_uploader(
        "Corrections",
        type=importable_suffixes(),
        max_upload_size=uploads.limit_mb(MAX_IMPORT_BYTES),
        key=f"corrections-{turn}",
    )
    if file is None or not st.button("Import", icon=":material/check:"):
        return
    st.session_state[_IMPORTED] = turn + 1
    name = stored_name(shown.folder)

    def replace() -> None:
        text = uploads.read(file, MAX_IMPORT_BYTES + 1)
        uploads.release(file)
        st.session_state[_LEFT_OUT] = results.import_corrections(shown, text, name, seen.__eq__)
        st.toast("The timeline is that of the file now.", icon=":material/check:")

    _from_page(replace)


def _from_page(work: Callable[[], object]) -> None:
    """Change corrections on the page; the player then receives them."""
    _try(work)
    st.rerun()


def _try(work: Callable[[], object]) -> None:
    try:
        work()
    except HarError as error:
        st.session_state[_REFUSED] = error


def _corrections(shown: Annotation) -> Corrections:
    try:
        return results.read_corrections(shown)
    except CorrectionsInvalid:
        return Corrections()


def _seen(shown: Annotation) -> str:
    return f"{_SEEN}-{shown.folder.name}"
