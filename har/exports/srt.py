"""SubRip captions: what most video players read. SubRip cannot escape, so similar characters replace special ones."""

from har.exports.base import Document, Format, Imported, ImportTarget, register
from har.exports.captions import has_cues, is_webvtt, read_cues, write_cues

_ESCAPES = str.maketrans({"<": "＜", ">": "＞", "{": "｛", "}": "｝", "\\": "＼"})


def write(document: Document) -> str:
    """One cue per labelled segment."""
    return write_cues(document.timeline, "srt", _ESCAPES)


def read(text: str | bytes, target: ImportTarget) -> Imported:
    """One segment per cue.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    return read_cues(text, target, _ESCAPES)


register(
    Format(
        name="srt",
        title="Captions (SRT)",
        file_name="captions.srt",
        suffix=".srt",
        mime="application/x-subrip",
        write=write,
        read=read,
        recognises=lambda text: has_cues(text) and not is_webvtt(text),
        with_results=True,
    )
)
