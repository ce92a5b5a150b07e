"""WebVTT captions (https://www.w3.org/TR/webvtt1/): what browsers show over a video."""

from har.exports.base import Document, Format, Imported, ImportTarget, register
from har.exports.captions import has_cues, is_webvtt, read_cues, write_cues

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"})


def write(document: Document) -> str:
    """One cue per labelled segment."""
    return write_cues(document.timeline, "vtt", _ESCAPES)


def read(text: str | bytes, target: ImportTarget) -> Imported:
    """One segment per cue.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    return read_cues(text, target, _ESCAPES)


register(
    Format(
        name="vtt",
        title="Captions (WebVTT)",
        file_name="captions.vtt",
        suffix=".vtt",
        mime="text/vtt",
        write=write,
        read=read,
        recognises=lambda text: has_cues(text) and is_webvtt(text),
        with_results=True,
    )
)
