"""The closest label where a timeline is unsure. A guess is shown to people; it is never a segment's label."""

from dataclasses import replace

import numpy as np

from har.timeline.frame_labels import UNSURE, FrameLabels, TimelineOptions, label_frames
from har.timeline.scores import WindowScores
from har.timeline.segments import Segment, segment

MOSTLY_UNSURE = 0.5  # with a larger unsure share of a video, its guesses are shown without being asked for


def guess(
    scores: WindowScores, labels: FrameLabels, options: TimelineOptions, duration_sec: float
) -> tuple[Segment, ...]:
    """What a threshold of 0 would give where the labels, computed from these scores and options, are unsure.

    Parts that a person has marked as unsure are left out, and so are those where every label has the probability 0.

    Returns:
        Segments with a label, in order, without overlaps.
    """
    undecided = labels.label_index == UNSURE
    if labels.marks is not None:
        undecided &= labels.marks == 0
    if not undecided.any():
        return ()
    guessed = label_frames(scores, labels.times_sec, replace(options, threshold=0.0))
    guessed = replace(guessed, label_index=np.where(undecided, guessed.label_index, UNSURE))
    return tuple(part for part in segment(guessed, duration_sec).segments if part.label is not None)
