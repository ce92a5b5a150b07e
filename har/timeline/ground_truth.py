"""What truly happens in a video, as somebody brings it: a table of segments, or one of frames as we write it.

    start_sec,end_sec,label          frame,time_sec,label,confidence
    0,2.5,walk                       0,0.000000,walk,0.91
    2.5,4,sit down                   1,0.040000,walk,0.92

The first line must name the columns; others than these do not matter. A stretch without a row, or with an empty label,
is one in which nothing of note happens. The table comes from anybody: it is refused by its first line that makes no
sense.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from har.errors import TruthRefused
from har.timeline.segments import Segment, Timeline

MOST_BYTES = 4 << 20
EXAMPLE = "start_sec,end_sec,label\n0,2.5,walk\n2.5,4,sit down\n5,8.2,wave\n"
_MOST_ROWS = 100_000  # a row a frame of a quarter of an hour, at any usual rate
_MOST_SEGMENTS = 5_000
_MOST_LABEL_SIGNS = 200
_SLACK_SEC = 0.5  # programs tell a video's length differently: an end so far beyond it is meant to be its end
_SAME_SEC = 0.001  # ends and starts so close are meant to be one
_SEGMENTS, _FRAMES = ("start_sec", "end_sec", "label"), ("time_sec", "label")


@dataclass(frozen=True)
class _Row:
    """A row with the line on which it ends. In a table of frames it has no end."""

    line: int
    start_sec: float
    end_sec: float
    label: str | None


def read_truth(data: bytes, duration_sec: float) -> Timeline:
    """A table as a timeline of the whole video, `None` where nothing of note happens.

    Args:
        data: CSV, as UTF-8.
        duration_sec: of the video.

    Raises:
        TruthRefused: too large, not such a table, or a row that makes no sense in this video; the line is named.
    """
    if len(data) > MOST_BYTES:
        raise _refused(f"The table has more than {MOST_BYTES >> 20} MB.", "Bring a row a segment, not a row a frame.")
    rows = _placed(list(_rows(_text(data))), duration_sec)
    parts: list[_Row] = []
    for row in rows:
        before = parts[-1] if parts else None
        if before and before.label == row.label and before.end_sec == row.start_sec:
            parts[-1] = replace(before, end_sec=row.end_sec)
        else:
            parts.append(row)
    if not any(part.label for part in parts):
        raise _refused("The table names no action.", "Bring at least one row with a label.")
    if len(parts) > _MOST_SEGMENTS:
        raise _refused(f"The table has {len(parts)} segments; at most {_MOST_SEGMENTS} are taken.", "Bring fewer.")
    return _timeline(parts, duration_sec)


def open_truth(path: Path, duration_sec: float) -> Timeline:
    """`read_truth` of a file.

    Raises:
        TruthRefused: it cannot be opened; all else as `read_truth`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _refused(f"{path} cannot be opened.", "Check the path.") from error
    return read_truth(data, duration_sec)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(f"Line {line} is not text in UTF-8.", "Save the table as CSV in UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _refused(f"Line {line} holds a byte that is no text.", "Save the table as CSV in UTF-8.")
    return text


def _rows(text: str) -> Iterator[_Row]:
    """Raises: TruthRefused, by the first line that cannot be understood."""
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().casefold() for name in next(table, [])]
        names = next((names for names in (_SEGMENTS, _FRAMES) if set(names) <= set(header)), None)
        if names is None:
            raise _refused(
                "The first line does not name the columns.", f"Let it be ‘{','.join(_SEGMENTS)}’, with commas."
            )
        columns = [header.index(name) for name in names]
        count = 0
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > _MOST_ROWS:
                raise _refused(f"Line {table.line_num} is one row too many.", f"At most {_MOST_ROWS:,} are taken.")
            if len(cells) <= max(columns):
                raise _refused(
                    f"Line {table.line_num} has {len(cells)} of {len(header)} columns.", "Complete or remove it."
                )
            yield _row(table.line_num, [cells[column] for column in columns])
    except csv.Error as error:
        raise _refused(f"Line {table.line_num} is not CSV ({error}).", "Save the table as CSV once more.") from error


def _row(line: int, cells: list[str]) -> _Row:
    *times, name = cells
    start_sec, *rest = (_seconds(line, cell) for cell in times)
    label = " ".join(name.split())
    if label[:1] == "'" and label[1:2] in ("=", "+", "-", "@"):
        label = label[1:]  # as our own tables keep spreadsheets from running it
    if len(label) > _MOST_LABEL_SIGNS:
        raise _refused(f"The label on line {line} has {len(label)} signs.", f"At most {_MOST_LABEL_SIGNS} are taken.")
    if rest and rest[0] <= start_sec:
        raise _refused(f"Line {line} ends at {rest[0]:g} s and begins at {start_sec:g} s.", "Correct the line.")
    return _Row(line, start_sec, rest[0] if rest else math.nan, label or None)


def _seconds(line: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _refused(f"‘{cell.strip()[:40]}’ on line {line} is not a number of seconds.", "Write it like 12.5.")
    return value


def _placed(rows: list[_Row], duration_sec: float) -> list[_Row]:
    """In order, within the video, each until it ends."""
    if rows and math.isnan(rows[0].end_sec):
        rows = _with_ends(rows)
    rows = sorted(rows, key=lambda row: row.start_sec)
    placed: list[_Row] = []
    for row in rows:
        if row.start_sec < 0 or max(row.start_sec, row.end_sec) > duration_sec + _SLACK_SEC:
            raise _refused(
                f"Line {row.line} is from {row.start_sec:g} to {row.end_sec:g} s, the video from 0 to "
                f"{duration_sec:.2f} s.",
                "Is it another video's? Correct the line.",
            )
        start_sec = row.start_sec
        if placed and abs(start_sec - placed[-1].end_sec) <= _SAME_SEC:
            start_sec = placed[-1].end_sec
        if placed and start_sec < placed[-1].end_sec:
            lines = " and ".join(str(line) for line in sorted((placed[-1].line, row.line)))
            raise _refused(f"Lines {lines} overlap.", "One thing at a time: correct one of them.")
        end_sec = min(row.end_sec, duration_sec)
        if end_sec > start_sec:
            placed.append(replace(row, start_sec=start_sec, end_sec=end_sec))
    return placed


def _with_ends(frames: list[_Row]) -> list[_Row]:
    """Each frame until the next, the first from second 0 on, the last as long as the middle one."""
    steps = [after.start_sec - frame.start_sec for frame, after in pairwise(frames)]
    for step, after in zip(steps, frames[1:], strict=True):
        if step <= 0:
            raise _refused(f"The frame on line {after.line} is not after the one before.", "Put them in order.")
    ends = [frame.start_sec for frame in frames[1:]] + [frames[-1].start_sec + (median(steps) if steps else _SLACK_SEC)]
    starts = [min(0.0, frames[0].start_sec), *(frame.start_sec for frame in frames[1:])]
    return [
        replace(frame, start_sec=start, end_sec=end) for frame, start, end in zip(frames, starts, ends, strict=True)
    ]


def _timeline(parts: list[_Row], duration_sec: float) -> Timeline:
    """With what lies between the parts, and around them."""
    segments: list[Segment] = []
    at = 0.0
    for part in parts:
        if part.start_sec > at:
            segments.append(Segment(at, part.start_sec, None, 1.0, 0))
        segments.append(Segment(part.start_sec, part.end_sec, part.label, 1.0, 0))
        at = part.end_sec
    if at < duration_sec:
        segments.append(Segment(at, duration_sec, None, 1.0, 0))
    return Timeline(tuple(segments))


def _refused(received: str, remedy: str) -> TruthRefused:
    return TruthRefused(received, "A table of what truly happens in the video was expected.", remedy)
