"""CSV: one row per frame, `frame,time_sec,label,confidence`.

Frames count from 0; the label is empty where unsure. If anyone has corrected or confirmed any of them, a fifth column
`corrected` says `corrected`, `confirmed` or nothing.
"""

import csv
import io
from itertools import repeat

from har.exports.base import DIGITS, Document, Format, escape_formula, register
from har.timeline.corrections import MARKS


def write(document: Document) -> str:
    """A label that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets hide."""
    frames = document.frames
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    frame_marks = [] if frames.marks is None else frames.marks.tolist()
    marked = any(frame_marks)
    table.writerow(("frame", "time_sec", "label", "confidence", *(["corrected"] if marked else [])))
    names = [*map(escape_formula, frames.labels), ""]  # index -1, unsure, is the last
    marks = ([MARKS[mark] or ""] for mark in frame_marks) if marked else repeat([])
    columns = zip(frames.times_sec.tolist(), frames.label_index.tolist(), frames.confidence.tolist(), strict=True)
    for frame, ((time_sec, index, confidence), mark) in enumerate(zip(columns, marks, strict=False)):
        table.writerow((frame, f"{time_sec:.{DIGITS}f}", names[index], f"{confidence:.{DIGITS}f}", *mark))
    return out.getvalue()


register(Format("csv", "Frame table (CSV)", "timeline.csv", ".csv", "text/csv", write, with_results=True))
