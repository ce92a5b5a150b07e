"""The result of annotating a video, and the options that can be changed afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from har.classifier import Card
from har.datasets import normalise_label
from har.timeline import (
    FrameLabels,
    Scored,
    Segment,
    Timeline,
    TimelineOptions,
    WindowScores,
    check_labels,
    guess,
    label_frames,
    restrict,
    segment,
    verdict,
)
from har.video import VideoInfo


@dataclass(frozen=True)
class LabelOptions:
    """All that can be changed after scoring, in milliseconds."""

    labels: tuple[str, ...] | None = None  # only these are considered; None: all of the classifier's
    timeline: TimelineOptions = field(default_factory=TimelineOptions)
    floor_share: float = 0.2  # see `har.timeline.restrict`

    def canonicalize(self, known: Sequence[str]) -> "LabelOptions":
        """The same options with labels as the classifier spells them: 'TaiChi' becomes 'tai chi'.

        Raises:
            LabelsError: a label that the classifier lacks.
        """
        if self.labels is None:
            return self
        spelling = {normalise_label(label): label for label in known}
        labels = tuple(
            label if label in known else spelling.get(normalise_label(label), label) for label in self.labels
        )
        check_labels(labels, known)
        return replace(self, labels=labels)


@dataclass(frozen=True)
class Labelled:
    """Labels computed from scores under some options."""

    frames: FrameLabels
    timeline: Timeline
    verdict: list[tuple[str, float]]  # the most probable labels of the whole video


@dataclass(frozen=True)
class Annotation:
    """A video with its scores and labels; its files are in `folder`."""

    folder: Path
    info: VideoInfo
    card: Card
    options: LabelOptions
    scored: Scored
    labelled: Labelled
    classifier: Path | None = None  # folder of the one that scored it, if known
    ground_truth: Timeline | None = None  # imported by the user

    @property
    def frames(self) -> FrameLabels:
        """The label of every frame."""
        return self.labelled.frames

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The timeline, without gaps: parts of the video with one label each."""
        return self.labelled.timeline.segments

    def guesses(self) -> tuple[Segment, ...]:
        """The closest label where it is unsure: see `har.timeline.guess`."""
        scores = considered_scores(self.scored, self.options)
        return guess(scores, self.frames, self.options.timeline, self.scored.duration_sec)

    def relabelled(self, options: LabelOptions) -> "Annotation":
        """The same scores under other options. Pure arithmetic: no network, no video.

        Raises:
            LabelsError: labels that the scores lack.
        """
        return replace(self, options=options, labelled=label_scores(self.scored, options))


def label_scores(scored: Scored, options: LabelOptions) -> Labelled:
    """Labels from stored scores.

    Raises:
        LabelsError: labels that the scores lack.
    """
    scores = considered_scores(scored, options)
    frames = label_frames(scores, scored.times_sec, options.timeline)
    return Labelled(frames, segment(frames, scored.duration_sec), verdict(scores))


def considered_scores(scored: Scored, options: LabelOptions) -> WindowScores:
    """The scores of the chosen labels.

    Raises:
        LabelsError: labels that the scores lack.
    """
    if options.labels is None:
        return scored.scores
    return restrict(scored.scores, options.labels, options.floor_share)
