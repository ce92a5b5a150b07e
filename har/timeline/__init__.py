"""From what a classifier said of each window to what stands on each frame. Pure NumPy, no pixels.

WindowScores ─frames→ FrameScores ─smooth→ FrameScores ─label_frames→ FrameLabels ─segment→ Timeline

Window scores are all that is stored. The rest is made again from them whenever a threshold moves, so it is quick. Frame
scores come in blocks, so that no array is ever as large as frames × labels of a whole video.

`truth` reads what truly happens, as somebody brings it; `segmental` measures how well a timeline meets it. `compare`
holds the labels of two classifiers against each other. `settled` is for a video that is still being scored.
"""

from har.timeline.compare import Comparison, Stretch, compare
from har.timeline.corrections import (
    Corrections,
    Piece,
    can_be_label,
    check_pieces,
    checked,
    correct,
    pieces_of,
    refused,
)
from har.timeline.decide import FrameLabels, TimelineOptions, label_frames
from har.timeline.ground_truth import EXAMPLE, MOST_BYTES, open_truth, read_truth
from har.timeline.packed import as_growing, beside, colours_by_name, pack
from har.timeline.scores import Scored, WindowScores, check_labels, load_scores, restrict, save_scores, verdict
from har.timeline.segmental import IOUS, Measures, edit_score, frame_accuracy, measure, segmental_f1
from har.timeline.segments import Mark, Segment, Timeline, segment
from har.timeline.settled import settled_labels
from har.timeline.spread import FrameScores, frames, smooth

__all__ = [
    "EXAMPLE",
    "IOUS",
    "MOST_BYTES",
    "Comparison",
    "Corrections",
    "FrameLabels",
    "FrameScores",
    "Mark",
    "Measures",
    "Piece",
    "Scored",
    "Segment",
    "Stretch",
    "Timeline",
    "TimelineOptions",
    "WindowScores",
    "as_growing",
    "beside",
    "can_be_label",
    "check_labels",
    "check_pieces",
    "checked",
    "colours_by_name",
    "compare",
    "correct",
    "edit_score",
    "frame_accuracy",
    "frames",
    "label_frames",
    "load_scores",
    "measure",
    "open_truth",
    "pack",
    "pieces_of",
    "read_truth",
    "refused",
    "restrict",
    "save_scores",
    "segment",
    "segmental_f1",
    "settled_labels",
    "smooth",
    "verdict",
]
