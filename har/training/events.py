"""What training tells on its way."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LookingForGroups:
    """Videos are compared, since nothing tells which are of one recording."""

    done: int
    total: int


@dataclass(frozen=True)
class Decoding:
    """Videos are being turned into frames of the network's size."""

    done: int
    total: int


@dataclass(frozen=True)
class Encoding:
    """The pretrained part of a network looks at each video, once."""

    done: int
    total: int


@dataclass(frozen=True)
class Resumed:
    """A training that was cut off goes on after this epoch."""

    epoch: int


@dataclass(frozen=True)
class FramesDone:
    """Some steps on single frames, before the first epoch."""

    done: int
    total: int
    loss: float  # mean since the last such event
    accuracy: float


@dataclass(frozen=True)
class BatchDone:
    """A step of training."""

    epoch: int  # from 1
    epochs: int
    batch: int  # from 1
    batches: int
    loss: float  # mean over the epoch so far
    accuracy: float


@dataclass(frozen=True)
class EpochDone:
    """A pass over the training clips, and a look at the validation clips."""

    epoch: int  # from 1
    epochs: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    examples_per_sec: float
    best: bool  # the best so far: its weights are kept
    memory_bytes: int = 0  # the most that the process which trains has taken; 0: not known


@dataclass(frozen=True)
class Testing:
    """The best epoch's weights are being tried: on validation clips, then on test clips in several orders."""

    done: int
    total: int


TrainingEvent = LookingForGroups | Decoding | Encoding | FramesDone | Resumed | BatchDone | EpochDone | Testing
