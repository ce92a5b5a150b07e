"""A recipe and labelled videos go in, a classifier comes out. TensorFlow is imported when training starts."""

from har.training.events import (
    BatchDone,
    Decoding,
    Encoding,
    EpochDone,
    FramesDone,
    LookingForGroups,
    Resumed,
    Testing,
    TrainingEvent,
)
from har.training.train import TrainingResult, train

__all__ = [
    "BatchDone",
    "Decoding",
    "Encoding",
    "EpochDone",
    "FramesDone",
    "LookingForGroups",
    "Resumed",
    "Testing",
    "TrainingEvent",
    "TrainingResult",
    "train",
]
