"""Cues of WebVTT and SubRip."""

from collections.abc import Mapping
from typing import Literal

import pysubs2

from har.exports.base import single_line
from har.timeline import Timeline


def write_cues(timeline: Timeline, form: Literal["vtt", "srt"], escapes: Mapping[int, str]) -> str:
    """One cue per labelled segment, none where unsure.

    Times are rounded to milliseconds, a segment's end like the start of the next, so cues never overlap. `escapes`
    replaces characters that mean something in the format or to pysubs2.
    """
    captions = pysubs2.SSAFile()
    for segment in timeline.segments:
        start, end = round(segment.start_sec * 1000), round(segment.end_sec * 1000)
        text = single_line(segment.label or "").translate(escapes)
        if text and end > start:
            captions.append(pysubs2.SSAEvent(start=start, end=end, text=text))
    return str(captions.to_string(form)).rstrip() + "\n"
