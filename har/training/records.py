"""What training reports beyond how far it is: travels in `Progress.event`, for the live curves and a run's history."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resumed:
    """An interrupted training continues after this epoch."""

    epoch: int


@dataclass(frozen=True)
class BatchRecord:
    """One training step."""

    epoch: int  # from 1
    epochs: int
    batch: int  # from 1
    batches: int
    loss: float  # mean over the epoch so far
    accuracy: float


@dataclass(frozen=True)
class EpochRecord:
    """One pass over the training clips, evaluated on the validation clips. Stored in a run's history."""

    epoch: int  # from 1
    epochs: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    examples_per_sec: float
    best: bool  # the best so far: its weights are kept
    memory_bytes: int = 0  # peak memory of the training process; 0: not known
