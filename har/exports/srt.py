"""SubRip captions: what most video players read. SubRip cannot escape, so similar characters replace special ones."""

from har.exports.captions import register_captions

_ESCAPES = str.maketrans({"<": "＜", ">": "＞", "{": "｛", "}": "｝", "\\": "＼"})

register_captions("srt", "Captions (SRT)", "application/x-subrip", _ESCAPES)
