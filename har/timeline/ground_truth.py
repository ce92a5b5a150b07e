"""Ground truth from a CSV table: of segments, or of frames as we export it.

    start_sec,end_sec,label          frame,time_sec,label,confidence
    0,2.5,walk                       0,0.000000,walk,0.91
    2.5,4,sit down                   1,0.040000,walk,0.92

The first line names the columns; further ones are ignored. Columns may also be separated by semicolons or tabs, as
spreadsheets in some languages do, with decimal commas. Times without a row, or with an empty label, are background.
The table is untrusted: an error names the first invalid line.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from har.errors import GroundTruthInvalid
from har.timeline.segments import Segment, Timeline

MAX_TABLE_BYTES = 4 << 20
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # our own tables put an apostrophe before them
EXAMPLE_TABLE = "start_sec,end_sec,label\n0,2.5,walk\n2.5,4,sit down\n5,8.2,wave\n"
_MAX_ROWS = 100_000  # frames of a quarter of an hour, at any usual rate
_MAX_SEGMENTS = 5_000
_MAX_LABEL_LENGTH = 200
_SLACK_SEC = 0.5  # programs report different durations: ends up to this far beyond the video's are its end
_EQUAL_SEC = 0.001  # an end and a start this close are one time
_SEGMENTS, _FRAMES = ("start_sec", "end_sec", "label"), ("time_sec", "label")


@dataclass(frozen=True)
class _Row:
    """A row with its line number; of a table of frames, without an end (NaN)."""

    line: int
    start_sec: float
    end_sec: float
    label: str | None


def parse_ground_truth(data: bytes, duration_sec: float) -> Timeline:
    """A timeline of the whole video from a CSV table in UTF-8; None is background.

    Raises:
        GroundTruthInvalid: too large, not such a table, or a row that cannot be of this video.
    """
    if len(data) > MAX_TABLE_BYTES:
        raise _error(f"The table is larger than {MAX_TABLE_BYTES >> 20} MB.", "Use one row per segment, not per frame.")
    rows = _placed_in_video(list(_rows(_text(data))), duration_sec)
    parts: list[_Row] = []
    for row in rows:
        if parts and parts[-1].label == row.label and parts[-1].end_sec == row.start_sec:
            parts[-1] = replace(parts[-1], end_sec=row.end_sec)
        else:
            parts.append(row)
    if not any(part.label for part in parts):
        raise _error("The table contains no label.", "Add at least one row with a label.")
    if len(parts) > _MAX_SEGMENTS:
        raise _error(
            f"The table has {len(parts)} segments; at most {_MAX_SEGMENTS} are accepted.", "Use fewer segments."
        )
    return _timeline(parts, duration_sec)


def read_table(path: Path) -> bytes:
    """The content of a file, and of one that is too large, its beginning.

    Raises:
        GroundTruthInvalid: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise _error(f"{path} cannot be opened.", "Check the path.") from error


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(f"Line {line} is not valid UTF-8.", "Save the table as CSV in UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _error(f"Line {line} contains a NUL byte.", "Save the table as CSV in UTF-8.")
    return text


def _rows(text: str) -> Iterator[_Row]:
    """Raises: GroundTruthInvalid, for the first invalid line."""
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    table = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        header = [name.strip().casefold() for name in next(table, [])]
        names = next((names for names in (_SEGMENTS, _FRAMES) if set(names) <= set(header)), None)
        if names is None:
            raise _error("The first line is not the expected header.", f"It must be ‘{','.join(_SEGMENTS)}’.")
        columns = [header.index(name) for name in names]
        count = 0
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > _MAX_ROWS:
                raise _error(
                    f"The table has more rows than allowed at line {table.line_num}.",
                    f"At most {_MAX_ROWS:,} rows are accepted.",
                )
            if len(cells) <= max(columns):
                raise _error(
                    f"Line {table.line_num} has {len(cells)} of {len(header)} columns.", "Complete or remove the line."
                )
            *times, label = (cells[column] for column in columns)
            yield _row(table.line_num, [*(_with_point(time) if delimiter != "," else time for time in times), label])
    except csv.Error as error:
        raise _error(f"Line {table.line_num} is not CSV ({error}).", "Save the table as CSV again.") from error


def _row(line: int, cells: list[str]) -> _Row:
    *times, name = cells
    start_sec, *rest = (_seconds(line, cell) for cell in times)
    label = " ".join(name.split())
    if label[:1] == "'" and label[1:2] in FORMULA_STARTS:
        label = label[1:]  # which keeps spreadsheets from running formulas
    if len(label) > _MAX_LABEL_LENGTH:
        raise _error(
            f"The label on line {line} has {len(label)} characters.", f"At most {_MAX_LABEL_LENGTH} are accepted."
        )
    if rest and rest[0] <= start_sec:
        raise _error(
            f"The segment on line {line} starts at {start_sec:g} s and ends at {rest[0]:g} s.", "Correct the line."
        )
    return _Row(line, start_sec, rest[0] if rest else math.nan, label or None)


def _with_point(number: str) -> str:
    return number.replace(",", ".") if number.count(",") == 1 and "." not in number else number


def _seconds(line: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _error(f"‘{cell.strip()[:40]}’ on line {line} is not a number of seconds.", "Write seconds like 12.5.")
    return value


def _placed_in_video(rows: list[_Row], duration_sec: float) -> list[_Row]:
    """Rows in order, with their ends, clipped to the video."""
    if rows and math.isnan(rows[0].end_sec):
        rows = _with_ends(rows, duration_sec)
    rows = sorted(rows, key=lambda row: row.start_sec)
    placed: list[_Row] = []
    for row in rows:
        if row.start_sec < 0 or max(row.start_sec, row.end_sec) > duration_sec + _SLACK_SEC:
            raise _error(
                f"Line {row.line} is from {row.start_sec:g} to {row.end_sec:g} s, but the video is from 0 to "
                f"{duration_sec:.2f} s.",
                "Correct the line, or choose the table for this video.",
            )
        start_sec = row.start_sec
        if placed and abs(start_sec - placed[-1].end_sec) <= _EQUAL_SEC:
            start_sec = placed[-1].end_sec
        if placed and start_sec < placed[-1].end_sec:
            lines = " and ".join(str(line) for line in sorted((placed[-1].line, row.line)))
            raise _error(f"Lines {lines} overlap.", "Each moment can have only one label: correct one of the lines.")
        end_sec = min(row.end_sec, duration_sec)
        if end_sec > start_sec:
            placed.append(replace(row, start_sec=start_sec, end_sec=end_sec))
    return placed


def _with_ends(frames: list[_Row], duration_sec: float) -> list[_Row]:
    """Each frame lasts until the next, the first from second 0 on, the last as long as the median if the video does."""
    steps = [after.start_sec - frame.start_sec for frame, after in pairwise(frames)]
    for step, after in zip(steps, frames[1:], strict=True):
        if step <= 0:
            raise _error(f"The frame on line {after.line} is not after the one before.", "Sort the frames by time.")
    last_end_sec = min(frames[-1].start_sec + (median(steps) if steps else _SLACK_SEC), duration_sec)
    ends = [*(frame.start_sec for frame in frames[1:]), last_end_sec]
    starts = [min(0.0, frames[0].start_sec), *(frame.start_sec for frame in frames[1:])]
    return [
        replace(frame, start_sec=start, end_sec=end) for frame, start, end in zip(frames, starts, ends, strict=True)
    ]


def _timeline(parts: list[_Row], duration_sec: float) -> Timeline:
    """With background before, between and after the parts."""
    segments: list[Segment] = []
    at = 0.0
    for part in parts:
        if part.start_sec > at:
            segments.append(Segment(at, part.start_sec, None))
        segments.append(Segment(part.start_sec, part.end_sec, part.label))
        at = part.end_sec
    if at < duration_sec:
        segments.append(Segment(at, duration_sec, None))
    return Timeline(tuple(segments))


def _error(received: str, remedy: str) -> GroundTruthInvalid:
    return GroundTruthInvalid(received, "A table of labelled segments of this video was expected.", remedy)
