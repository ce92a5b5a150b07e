"""A recipe and labelled videos go in, a classifier comes out. TensorFlow is imported when training starts."""

from har.training.events import BatchDone, Decoding, EpochDone, Testing, TrainingEvent
from har.training.train import TrainingResult, train

__all__ = ["BatchDone", "Decoding", "EpochDone", "Testing", "TrainingEvent", "TrainingResult", "train"]
