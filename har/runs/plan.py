"""What was asked for, and what came of it."""

from dataclasses import dataclass

from har.evaluation import Examination
from har.recipe import Recipe
from har.training import EpochDone


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    dataset: str  # by which `har.datasets.open_dataset` knows it
    title: str  # of the data set, for people
    labels: tuple[str, ...]
    recipe: Recipe
    created: float  # seconds since 1970
    pair: str | None = None  # id of the run with the same recipe on the other kind of split


@dataclass(frozen=True)
class SplitFacts:
    """How the clips were divided, in numbers."""

    kind: str  # a key of `har.datasets.splits.KINDS`
    train: int  # clips
    validation: int
    test: int
    groups: dict[str, tuple[str, ...]]  # known ones of each part
    leaked: int  # test clips whose recording is also in training
    note: str | None
    guessed_groups: bool


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    history: tuple[EpochDone, ...]
    best: EpochDone
    split: SplitFacts
    examination: Examination | None  # None: stopped before the test
    stopped: bool  # on request, before its time
    seconds: float  # from the first clip decoded to the report, over all attempts
    parameters: int
    macs: int | None  # multiply-adds for one clip; None: not counted
