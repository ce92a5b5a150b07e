"""What WebVTT and SubRip have in common: cues."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Literal

import pysubs2

from har.exports.base import Format, Imported, ImportTarget, register, single_line
from har.exports.importing import build_timeline
from har.timeline import Segment, Timeline, corrections_error
from har.timeline.corrections import MAX_PIECES

_SLACK_SEC = 0.05  # for rounding in other programs' files
_TIME = r"(?:(\d{1,4}):)?(\d\d):(\d\d)[,.](\d{3})"
_TIMES = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s|$)")
_BLANK = re.compile(r"\n[ \t]*\n")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}|<[\d:.]+>")  # of voices, styles and words that are sung
_LINES_BEFORE = 2  # a cue's times: its number or name, and in a file without blank lines the heading
_HEAD_SIZE = 1 << 14


def register_captions(name: Literal["vtt", "srt"], title: str, mime: str, escapes: Mapping[int, str]) -> None:
    """Add a format of captions. `escapes` replaces characters that mean something in it or to pysubs2."""
    register(
        Format(
            name=name,
            title=title,
            file_name=f"captions.{name}",
            suffix=f".{name}",
            mime=mime,
            write=lambda document: _write_cues(document.timeline, name, escapes),
            read=lambda text, target: _read_cues(text, target, escapes),
            recognises=lambda text: _has_cues(text) and _is_webvtt(text) == (name == "vtt"),
            with_results=True,
        )
    )


def _write_cues(timeline: Timeline, form: Literal["vtt", "srt"], escapes: Mapping[int, str]) -> str:
    """One cue per labelled segment, none where unsure.

    Times are rounded to milliseconds, a segment's end like the start of the next, so cues never overlap.
    """
    captions = pysubs2.SSAFile()
    for segment in timeline.segments:
        start, end = round(segment.start_sec * 1000), round(segment.end_sec * 1000)
        text = _escape(segment.label or "", escapes)
        if text and end > start:
            captions.append(pysubs2.SSAEvent(start=start, end=end, text=text))
    return str(captions.to_string(form)).rstrip() + "\n"


def _read_cues(text: str | bytes, target: ImportTarget, escapes: Mapping[int, str]) -> Imported:
    """A segment per cue, marked as corrected; gaps are unsure, as in captions of this program.

    A cue that is one of the video's labels as `_write_cues` writes it has that label. pysubs2 is not used here: it
    takes names of cues and notes for text of the cue before them.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    labels = {_escape(label, escapes): label for label in target.labels}
    entries = [
        Segment(start_sec, end_sec, label, mark="corrected")
        for start_sec, end_sec, content in _cues(text)
        if (label := labels.get(content) or single_line(unescape(_TAG.sub("", content))))
    ]
    if len(entries) > MAX_PIECES:
        raise corrections_error(f"The file has {len(entries)} captions")
    return Imported(build_timeline(entries, target, _SLACK_SEC, "corrected"))


def _has_cues(text: str | bytes) -> bool:
    """Whether a file has any cue near its beginning."""
    return next(_cues(text[:_HEAD_SIZE]), None) is not None


def _is_webvtt(text: str | bytes) -> bool:
    return _decode(text[:_HEAD_SIZE]).startswith("WEBVTT")


def _decode(text: str | bytes) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    return text.decode("utf-16" if text.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig", "replace")


def _cues(text: str | bytes) -> Iterator[tuple[float, float, str]]:
    """Start, end and text in one line, of blocks that are separated by blank lines."""
    for block in _BLANK.split("\n".join(_decode(text).splitlines())):
        lines = block.strip().split("\n")
        for number, line in enumerate(lines[: _LINES_BEFORE + 1]):
            if times := _TIMES.match(line):
                parts = [int(part or 0) for part in times.groups()]
                start_sec, end_sec = (
                    hours * 3600 + minutes * 60 + seconds + thousandths / 1000
                    for hours, minutes, seconds, thousandths in (parts[:4], parts[4:])
                )
                yield start_sec, end_sec, single_line(" ".join(lines[number + 1 :]))
                break


def _escape(label: str, escapes: Mapping[int, str]) -> str:
    return single_line(label).translate(escapes)
