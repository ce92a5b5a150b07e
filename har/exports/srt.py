"""SubRip captions: what most video players read. SubRip cannot escape, so similar characters replace special ones."""

from har.exports.base import Document, Format, register
from har.exports.captions import write_cues

_ESCAPES = str.maketrans({"<": "＜", ">": "＞", "{": "｛", "}": "｝", "\\": "＼"})


def write(document: Document) -> str:
    """One cue per labelled segment."""
    return write_cues(document.timeline, "srt", _ESCAPES)


register(Format("srt", "Captions (SRT)", "captions.srt", ".srt", "application/x-subrip", write, with_results=True))
