"""From window scores to a label for every frame, and to segments. Pure NumPy, no pixels.

WindowScores ─score_frames→ FrameScores ─smooth→ FrameScores ─label_frames→ FrameLabels ─segment→ Timeline

Only window scores are stored. The rest is computed from them again whenever a threshold changes, so it is quick. Frame
scores come in blocks, so that no array is ever as large as frames × labels of a whole video.

`guesses` are the closest labels where a timeline is unsure. `corrections` replaces the classifier's segments with a
person's. `ground_truth` reads a table of what really happens, and `metrics` measures how well a timeline agrees with
it. `agreement` compares two classifiers. `stable` is for a video that is still being scored.
"""

from har.timeline.agreement import Comparison, Difference, compare
from har.timeline.colours import timeline_colours
from har.timeline.corrections import (
    Corrections,
    Piece,
    apply_pieces,
    check_pieces,
    corrections_error,
    is_valid_label,
    parse_corrections,
    to_pieces,
)
from har.timeline.frame_labels import FrameLabels, TimelineOptions, label_frames
from har.timeline.frame_scores import FrameScores, score_frames, smooth
from har.timeline.ground_truth import EXAMPLE_TABLE, MAX_TABLE_BYTES, parse_ground_truth, read_table
from har.timeline.guesses import MOSTLY_UNSURE, guess
from har.timeline.metrics import (
    IOUS,
    SegmentationMetrics,
    edit_score,
    frame_accuracy,
    segmental_f1,
    segmentation_metrics,
)
from har.timeline.scores import Scored, WindowScores, check_labels, load_scores, restrict, save_scores, verdict
from har.timeline.segments import Mark, Segment, Timeline, segment
from har.timeline.stable import stable_labels
