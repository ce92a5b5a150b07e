"""A recipe and labelled videos go in, a classifier comes out. TensorFlow is imported when training starts."""

from har.training.events import BatchDone, Decoding, EpochDone, FramesDone, LookingForGroups, Testing, TrainingEvent
from har.training.train import TrainingResult, train

__all__ = [
    "BatchDone",
    "Decoding",
    "EpochDone",
    "FramesDone",
    "LookingForGroups",
    "Testing",
    "TrainingEvent",
    "TrainingResult",
    "train",
]
