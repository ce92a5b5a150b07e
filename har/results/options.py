"""What comes of annotating a video, and the choices that shape it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from har.classifier import Card
from har.datasets import normal_label
from har.timeline import (
    FrameLabels,
    Scored,
    Timeline,
    TimelineOptions,
    WindowScores,
    check_labels,
    label_frames,
    restrict,
    segment,
    verdict,
)
from har.video import VideoInfo


@dataclass(frozen=True)
class LabelOptions:
    """Everything that can be changed after scoring, in milliseconds."""

    labels: tuple[str, ...] | None = None  # only these are considered; None: all that the classifier has
    timeline: TimelineOptions = field(default_factory=TimelineOptions)
    floor_share: float = 0.2  # what the chosen labels must have together, as a share of what chance gives them

    def spelt_as(self, known: tuple[str, ...]) -> "LabelOptions":
        """The same with each label spelt as a classifier spells it: 'TaiChi' becomes 'tai chi'.

        Raises:
            LabelsError: a label that the classifier does not have.
        """
        if self.labels is None:
            return self
        spelling = {normal_label(label): label for label in known}
        labels = tuple(label if label in known else spelling.get(normal_label(label), label) for label in self.labels)
        check_labels(labels, known)
        return replace(self, labels=labels)


@dataclass(frozen=True)
class Labelled:
    """What the scores mean under some options."""

    frames: FrameLabels
    timeline: Timeline
    verdict: list[tuple[str, float]]  # the likeliest labels of the whole video, and their probabilities


@dataclass(frozen=True)
class Annotation:
    """A video with its scores and labels; its files lie in `folder`."""

    folder: Path
    info: VideoInfo
    card: Card
    options: LabelOptions
    scored: Scored
    labelled: Labelled
    classifier: Path | None = None  # folder of the one that scored it, where that was noted
    truth: Timeline | None = None  # what truly happens, where somebody has brought that


def label(scored: Scored, options: LabelOptions) -> Labelled:
    """From stored scores to a label for each frame. Pure arithmetic: no network, no video.

    Raises:
        LabelsError: labels that the scores do not have.
    """
    scores = considered(scored, options)
    frames = label_frames(scores, scored.times_sec, options.timeline)
    return Labelled(frames, segment(frames, scored.duration_sec), verdict(scores))


def considered(scored: Scored, options: LabelOptions) -> WindowScores:
    """The scores of the chosen labels.

    Raises:
        LabelsError: labels that the scores do not have.
    """
    if options.labels is None:
        return scored.scores
    return restrict(scored.scores, options.labels, options.floor_share)
