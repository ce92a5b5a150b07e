"""A person's corrections of a result: one small file in its folder. Scores and options stay as they are."""

import json
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from har.errors import CorrectionsInvalid, CorrectionsOutdated
from har.exports import ImportTarget, read_any
from har.results.options import Annotation, considered_scores
from har.storage import atomic, quota
from har.timeline import (
    Corrections,
    Piece,
    apply_pieces,
    check_pieces,
    parse_corrections,
    to_pieces,
)

CORRECTIONS = "corrections.json"
_lock = threading.Lock()  # from reading the stored corrections to replacing them


def _any(revision: str) -> bool:
    return True


def read_corrections(result: Annotation) -> Corrections:
    """The corrections so far; none if there is no file.

    Raises:
        CorrectionsInvalid: the file cannot be read, or is of another video.
    """
    try:
        content = (result.folder / CORRECTIONS).read_bytes()
    except FileNotFoundError:
        return Corrections()
    return parse_corrections(content, result.scored.duration_sec, result.card.labels)


def set_aside(folder: Path) -> None:
    """Keep the corrections of an earlier result in a folder, a person's work, under another name."""
    with suppress(FileNotFoundError):
        (folder / CORRECTIONS).replace(folder / f"earlier-{CORRECTIONS}")


def save_corrections(
    result: Annotation, value: object, revision: str = "", follows: Callable[[str], bool] = _any
) -> Corrections:
    """Store corrections from a browser (see `har.timeline.parse_corrections`), in place of the earlier ones.

    `revision` identifies this change; if empty, a random one is drawn. `follows` returns whether the change is based on
    the stored corrections, given their revision.

    Raises:
        CorrectionsInvalid: they cannot be of this video; the earlier ones stay.
        CorrectionsOutdated: they are based on older ones than those stored.
        DiskFull: no room for them.
    """
    corrections = parse_corrections(value, result.scored.duration_sec, result.card.labels)
    with _lock:
        _check_follows(result, follows)
        return _write(result, corrections, revision)


def replace_segments(
    result: Annotation, pieces: tuple[Piece, ...] | None, follows: Callable[[str], bool] = _any
) -> Corrections:
    """Add a step, which can be undone: other segments, or None for the classifier's.

    `follows` is as for `save_corrections`.

    Raises:
        CorrectionsInvalid: they cannot be of this video, or the earlier ones cannot be read.
        CorrectionsOutdated: as `save_corrections`.
        DiskFull: no room for them.
    """
    if pieces is not None:
        check_pieces(pieces, result.scored.duration_sec, result.card.labels)
    with _lock:
        _check_follows(result, follows)
        return _write(result, read_corrections(result).with_step(pieces))


def import_corrections(
    result: Annotation, text: bytes, name: str = "", follows: Callable[[str], bool] = _any
) -> str | None:
    """Replace the segments with those of a file, in any format that `har.exports` can read.

    `name` is that of the video in the file, if it is not the result's; `follows` is as for `save_corrections`.

    Returns:
        A sentence about what the file has in addition, if anything was left out.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
        CorrectionsOutdated: as `save_corrections`.
        DiskFull: no room for them.
    """
    info = result.info
    target = ImportTarget(info.fps, result.scored.duration_sec, name or info.path.name, result.card.labels)
    imported = read_any(text, target)
    replace_segments(result, to_pieces(imported.timeline), follows)
    return imported.left_out


def undo_correction(result: Annotation) -> Corrections:
    """Undo the last step.

    Raises:
        CorrectionsInvalid: there is none, or the file cannot be read.
        DiskFull: no room for them.
    """
    with _lock:
        corrections = read_corrections(result)
        if not corrections.past:
            raise CorrectionsInvalid("There is nothing to undo.", "A correction was expected.", "Nothing was changed.")
        return _write(result, corrections.undo())


def apply_corrections(result: Annotation) -> Annotation:
    """The result with its corrections, if there are any.

    Raises:
        CorrectionsInvalid: the corrections cannot be read.
    """
    pieces = read_corrections(result).now
    if pieces is None:
        return result
    scores = considered_scores(result.scored, result.options)
    frames, timeline = apply_pieces(
        result.labelled.frames, scores, result.options.timeline, pieces, result.scored.duration_sec
    )
    return replace(result, labelled=replace(result.labelled, frames=frames, timeline=timeline))


def _check_follows(result: Annotation, follows: Callable[[str], bool]) -> None:
    try:
        stored = read_corrections(result).revision
    except CorrectionsInvalid:  # damaged ones may be replaced
        return
    if not follows(stored):
        raise CorrectionsOutdated(
            "These corrections have been changed in another tab.",
            "The stored ones are shown now.",
            "To restore your own change, press Redo in the player.",
        )


@quota.raising_disk_full()
def _write(result: Annotation, corrections: Corrections, revision: str = "") -> Corrections:
    corrections = replace(corrections, revision=revision or secrets.token_hex(8))
    text = json.dumps(asdict(corrections), ensure_ascii=False, allow_nan=False)
    atomic.write_text(result.folder / CORRECTIONS, text)
    return corrections
