"""Importing timelines: one label at a time, from a file that may be malicious."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from unicodedata import normalize
from urllib.parse import parse_qs, unquote

from pydantic import TypeAdapter, ValidationError

from har.exports.base import FORMATS, Imported, ImportTarget
from har.settings import MIB
from har.timeline import Mark, Segment, Timeline, corrections_error, is_valid_label

MAX_IMPORT_BYTES = 2 * MIB
_DURATION_SLACK_SEC = 1.0  # how far a file's duration may be from the video's
_ENDING = re.compile(r"(?<=.)\.(?:[a-z]\w{1,4}|3g[p2])$", re.I)  # ids have dots too, so only what looks like one
_PREFIX = re.compile(r"^(?:[0-9a-fA-F]{8}-|v_)")  # of Label Studio's uploads, and of ActivityNet's files
_ANY_JSON = TypeAdapter(list[Any] | dict[str, Any])

T = TypeVar("T")
V = TypeVar("V")


def read_any(text: str | bytes, target: ImportTarget) -> Imported:
    """Read a file in any of the formats that can be imported.

    Raises:
        CorrectionsInvalid: it is too large, in none of them, or no timeline of this video.
    """
    if len(text) > MAX_IMPORT_BYTES:
        raise corrections_error(f"The file is larger than {MAX_IMPORT_BYTES // MIB} MB")
    for entry in FORMATS.values():
        if entry.read is not None and entry.recognises is not None and entry.recognises(text):
            return entry.read(text, target)
    names = ", ".join(entry.title for entry in FORMATS.values() if entry.read is not None)
    raise corrections_error(f"The file is in none of the formats that can be imported: {names}")


def json_keys(text: str | bytes) -> frozenset[str]:
    """The keys of a JSON object, or of the first object in a list; none where it is not JSON."""
    try:
        document = _ANY_JSON.validate_json(text)
    except (ValueError, RecursionError):
        return frozenset()
    first = document[0] if isinstance(document, list) and document else document
    return frozenset(first) if isinstance(first, dict) else frozenset()


def check_form(value: V, validate: Callable[[V], T], program: str) -> T:
    """A file or a part of it as a pydantic type, whose method `validate` is; fields that the type lacks are ignored.

    Raises:
        CorrectionsInvalid: it is too deep, or of another form than files of the program.
    """
    try:
        return validate(value)
    except (ValueError, RecursionError) as error:
        raise corrections_error(f"The file is not in the format of {program}: {_describe(error)}") from error


def check_duration(file_sec: float | None, target: ImportTarget) -> None:
    """Check that a file is about this video.

    Raises:
        CorrectionsInvalid: it is about one of another duration.
    """
    if file_sec is not None and abs(file_sec - target.duration_sec) > _DURATION_SLACK_SEC:
        raise corrections_error(
            f"The file is for a video of {file_sec:.2f} seconds, but this video has {target.duration_sec:.2f}"
        )


def build_timeline(
    entries: Iterable[Segment], target: ImportTarget, slack_sec: float, gap_mark: Mark | None
) -> Timeline:
    """A timeline from a file's entries, in any order; gaps between them are unsure, with the mark `gap_mark`.

    Two entries may overlap by `slack_sec`, for rounding: then the later one begins where the earlier one ends.

    Raises:
        CorrectionsInvalid: no entries; entries that overlap or are outside the video; or an invalid label.
    """
    duration_sec = target.duration_sec
    segments: list[Segment] = []
    at = 0.0
    for entry in sorted(entries, key=lambda entry: (entry.start_sec, entry.end_sec)):
        start, end = max(entry.start_sec, at), min(entry.end_sec, duration_sec)
        if start - entry.start_sec > slack_sec:
            raise corrections_error(f"Two segments overlap at {entry.start_sec:.2f} seconds")
        if (
            entry.start_sec < -slack_sec
            or entry.end_sec - end > max(slack_sec, _DURATION_SLACK_SEC)
            or entry.start_sec > end
        ):
            raise corrections_error(
                f"A segment from {entry.start_sec:.2f} to {entry.end_sec:.2f} seconds is outside a video of "
                f"{duration_sec:.2f} seconds"
            )
        if entry.label is not None and entry.label not in target.labels and not is_valid_label(entry.label):
            raise corrections_error(f"A segment has an invalid label: {entry.label[:100]!r}")
        if end - start <= 0:
            continue
        if start - at > slack_sec / 2:
            segments.append(Segment(at, start, None, mark=gap_mark))
        else:
            start = at
        segments.append(Segment(start, end, entry.label, mark=entry.mark))
        at = end
    if not segments:
        raise corrections_error("The file has no segment of this video")
    if duration_sec - at > slack_sec / 2:
        segments.append(Segment(at, duration_sec, None, mark=gap_mark))
    elif at < duration_sec:
        last = segments.pop()
        segments.append(Segment(last.start_sec, duration_sec, last.label, mark=last.mark))
    return Timeline(tuple(segments))


def select_video(videos: Sequence[tuple[Iterable[str], T]], target: ImportTarget, program: str) -> T:
    """The entry of a file for this video: the only one, or of several the one with its name.

    It comes with paths, URLs or names. Other programs change names: so if no name is the same, upload prefixes and the
    like are ignored.

    Raises:
        CorrectionsInvalid: none or several match.
    """
    matching = list(videos)
    for simplify in (_stem, _without_prefix, _as_uploaded):
        if len(matching) == 1:
            break
        wanted = simplify(target.name)
        matching = [video for video in videos if wanted in map(simplify, video[0])] or matching
    if len(matching) != 1:
        raise corrections_error(
            f"The {program} file describes {len(videos)} videos, and not exactly one of them is called "
            f"{_stem(target.name)[:100]!r}"
        )
    return matching[0][1]


def _stem(reference: str) -> str:
    """The name of a file without its ending, from a path or a URL."""
    path, _, query = reference.partition("?")
    path = parse_qs(query).get("d", [path])[0]  # Label Studio's local storage: /data/local-files/?d=folder/name.mp4
    name = normalize("NFC", unquote(path)).replace("\\", "/").rsplit("/", 1)[-1]
    return _ENDING.sub("", name)


def _without_prefix(reference: str) -> str:
    """Also without a URL's fragment: in paths, '#' is a character like others."""
    return _PREFIX.sub("", _stem(reference.partition("#")[0] if "://" in reference else reference))


def _as_uploaded(reference: str) -> str:
    """As a web framework stores it: '_' for spaces, without special characters."""
    return re.sub(r"[^-\w.]", "", _without_prefix(reference).strip().replace(" ", "_")).casefold()


def _describe(error: Exception) -> str:
    """The first fault, without the value itself: that may be long, and is not to be trusted."""
    if not isinstance(error, ValidationError):
        return "it is not valid JSON"
    first: Any = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in first["loc"][:8])
    return f"{first['msg'][:100]}{f' at {place}' if place else ''}"
