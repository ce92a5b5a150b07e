"""WebVTT captions (https://www.w3.org/TR/webvtt1/): what browsers show over a video."""

from har.exports.base import Document, Format, register
from har.exports.captions import write_cues

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"})


def write(document: Document) -> str:
    """One cue per labelled segment."""
    return write_cues(document.timeline, "vtt", _ESCAPES)


register(Format("vtt", "Captions (WebVTT)", "captions.vtt", ".vtt", "text/vtt", write, with_results=True))
