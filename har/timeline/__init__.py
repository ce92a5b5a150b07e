"""From what a classifier said of each window to what stands on each frame. Pure NumPy, no pixels.

WindowScores ─frames→ FrameScores ─smooth→ FrameScores ─label_frames→ FrameLabels ─segment→ Timeline

Window scores are all that is stored. The rest is made again from them whenever a threshold moves, so it is quick. Frame
scores come in blocks, so that no array is ever as large as frames × labels of a whole video.
"""

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
from har.timeline.packed import colours_by_name, pack
from har.timeline.scores import Scored, WindowScores, check_labels, load_scores, restrict, save_scores, verdict
from har.timeline.segments import Mark, Segment, Timeline, agreement, segment
from har.timeline.spread import FrameScores, frames, smooth

__all__ = [
    "Corrections",
    "FrameLabels",
    "FrameScores",
    "Mark",
    "Piece",
    "Scored",
    "Segment",
    "Timeline",
    "TimelineOptions",
    "WindowScores",
    "agreement",
    "can_be_label",
    "check_labels",
    "check_pieces",
    "checked",
    "colours_by_name",
    "correct",
    "frames",
    "label_frames",
    "load_scores",
    "pack",
    "pieces_of",
    "refused",
    "restrict",
    "save_scores",
    "segment",
    "smooth",
    "verdict",
]
