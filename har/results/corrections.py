"""What a person corrects in a result: one small file in its folder. Scores and settings stay as they are."""

import json
from dataclasses import asdict, replace

from har import exports
from har.results.options import Annotation, considered
from har.storage import atomic, quota
from har.timeline import Corrections, Piece, check_pieces, checked, correct, pieces_of, refused

CORRECTIONS = "corrections.json"


def corrections_of(result: Annotation) -> Corrections:
    """What has been corrected so far; nothing where there is no file.

    Raises:
        CorrectionsRefused: the file cannot be read, or is of another video.
    """
    try:
        told = (result.folder / CORRECTIONS).read_bytes()
    except FileNotFoundError:
        return Corrections()
    return checked(told, result.scored.duration_sec, result.card.labels)


def keep_corrections(result: Annotation, told: object) -> Corrections:
    """Keep what a browser says has been corrected, in place of what was there.

    Args:
        result: an annotation.
        told: see `har.timeline.checked`.

    Raises:
        CorrectionsRefused: it cannot be; what was there stays.
        DiskFull: there is no room for it.
    """
    return _kept(result, checked(told, result.scored.duration_sec, result.card.labels))


def change(result: Annotation, pieces: tuple[Piece, ...] | None) -> Corrections:
    """One step more, which can be undone: other segments; None: none of a person's.

    Raises:
        CorrectionsRefused: they cannot be those of the video, or what was there cannot be read.
        DiskFull: there is no room for it.
    """
    if pieces is not None:
        check_pieces(pieces, result.scored.duration_sec, result.card.labels)
    return _kept(result, corrections_of(result).then(pieces))


def bring(result: Annotation, text: bytes) -> Corrections:
    """Take a file of Label Studio's, in ActivityNet's form, or of our own, as corrections.

    Raises:
        CorrectionsRefused: it cannot be read, or is no timeline of this video.
        DiskFull: there is no room for it.
    """
    info, duration_sec = result.info, result.scored.duration_sec
    told = exports.read_any(text, info.fps, duration_sec, info.path.stem, result.card.labels)
    return change(result, pieces_of(told))


def undo(result: Annotation) -> Corrections:
    """Take the last step back.

    Raises:
        CorrectionsRefused: there is none, or what was there cannot be read.
        DiskFull: there is no room for it.
    """
    before = corrections_of(result)
    if not before.past:
        raise refused("There is no step to take back")
    return _kept(result, before.undone())


def corrected(result: Annotation) -> Annotation:
    """The result as it was corrected; as it is where it was not.

    Raises:
        CorrectionsRefused: the corrections cannot be read.
    """
    pieces = corrections_of(result).now
    if pieces is None:
        return result
    scores = considered(result.scored, result.options)
    frames, timeline = correct(
        result.labelled.frames, scores, result.options.timeline, pieces, result.scored.duration_sec
    )
    return replace(result, labelled=replace(result.labelled, frames=frames, timeline=timeline))


@quota.telling()
def _kept(result: Annotation, corrections: Corrections) -> Corrections:
    text = json.dumps(asdict(corrections), ensure_ascii=False, allow_nan=False)
    atomic.write_text(result.folder / CORRECTIONS, text)
    return corrections
