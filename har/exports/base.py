"""What export formats have in common, and their registry.

Labels come with classifiers, and classifiers from anyone. So a format never lets a label through where a program that
opens the file would take it for something else: a formula in a table, a tag or a time in captions.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import category

from har.timeline import FrameLabels, Scored, Timeline, TimelineOptions
from har.timeline.ground_truth import FORMULA_STARTS
from har.video import VideoInfo

DIGITS = 6  # of seconds and shares: a microsecond, a millionth
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, surrogates, line and paragraph separators


@dataclass(frozen=True)
class Document:
    """An annotated video: everything that a format may write."""

    video: VideoInfo
    classifier: Mapping[str, object]  # facts for JSON, at least its `name`
    labels: tuple[str, ...] | None  # only these were considered; None: all
    options: TimelineOptions
    scored: Scored
    frames: FrameLabels
    timeline: Timeline
    verdict: Sequence[tuple[str, float]]  # the most probable labels of the whole video
    ground_truth: Mapping[str, object] | None = None  # segments and scores, for JSON


@dataclass(frozen=True)
class ImportTarget:
    """The video that a file is imported for."""

    fps: Fraction
    duration_sec: float
    name: str = ""  # of its file: selects one of several videos in a file
    labels: Collection[str] = ()  # the classifier's, accepted whatever they look like


@dataclass(frozen=True)
class Imported:
    """What was read from a file."""

    timeline: Timeline
    left_out: str | None = None  # a sentence about what the file has in addition


@dataclass(frozen=True)
class Format:
    """An export format.

    `read` gets a file within the limit for imports. It raises `CorrectionsInvalid` for one that is damaged, or not of
    this video, or without any segment that can be read. `recognises` checks quickly whether a file is in this format.
    """

    name: str  # on the command line
    title: str  # on pages
    file_name: str  # in a result's folder
    suffix: str  # of a download, after the video's name
    mime: str
    write: Callable[[Document], str]
    read: Callable[[str | bytes, ImportTarget], Imported] | None = None
    recognises: Callable[[str | bytes], bool] | None = None
    with_results: bool = False  # written with every result, not only on request


FORMATS: dict[str, Format] = {}  # by name; those written with every result come first


def register(format: Format) -> Format:
    """Add a format, or replace the one with its name."""
    entries = sorted({**FORMATS, format.name: format}.values(), key=lambda entry: (not entry.with_results, entry.title))
    FORMATS.clear()
    FORMATS.update({entry.name: entry for entry in entries})
    return format


def importable_suffixes() -> list[str]:
    """Endings of files that can be imported, such as '.json'."""
    return sorted({f".{entry.suffix.rpartition('.')[2]}" for entry in FORMATS.values() if entry.read is not None})


def single_line(label: str) -> str:
    """A label without line breaks and other control characters."""
    return " ".join("".join(" " if category(char) in _INVISIBLE else char for char in label).split())


def write_json(content: object) -> str:
    """Indented JSON with a line break at its end."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def escape_formula(text: str) -> str:
    """Text for a cell of a CSV file, in one line. What a spreadsheet would run as a formula gets an apostrophe."""
    line = single_line(text)
    return "'" + line if line.startswith(FORMULA_STARTS) else line
