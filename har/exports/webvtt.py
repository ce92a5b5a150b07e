"""WebVTT captions (https://www.w3.org/TR/webvtt1/): what browsers show over a video."""

from har.exports.captions import register_captions

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"})

register_captions("vtt", "Captions (WebVTT)", "text/vtt", _ESCAPES)
