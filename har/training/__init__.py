"""A recipe and labelled videos go in, a classifier comes out. TensorFlow is imported when training starts."""

from har.training.outcome import Outcome, SplitFacts
from har.training.records import BatchRecord, EpochRecord, Resumed
from har.training.train import TrainingResult, train
