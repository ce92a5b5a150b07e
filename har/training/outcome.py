"""The stored summary of a finished training: `outcome.json` in its folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from har.datasets import Dataset, Skipped, splits
from har.evaluation import Evaluation
from har.labels import title_labels
from har.networks import NETWORKS
from har.recipe import Recipe, default_preset
from har.storage import atomic
from har.training.records import EpochRecord

OUTCOME = "outcome.json"


@dataclass(frozen=True)
class SplitFacts:
    """How the clips were split, in numbers."""

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
    """How a training went and how good its classifier is."""

    history: tuple[EpochRecord, ...]
    best: EpochRecord
    split: SplitFacts
    examination: Evaluation | None  # None: there were no test clips, or it was stopped before all were tested
    stopped: bool  # on request, before the last epoch
    seconds: float  # from the first clip decoded to the end of the test, over all attempts
    parameters: int
    macs: int | None  # multiply-adds per clip; None: not counted
    skipped: tuple[Skipped, ...] = ()  # clips that could not be read


_outcomes = TypeAdapter(Outcome)


def write_outcome(folder: Path, outcome: Outcome) -> None:
    """Write `outcome.json` into a folder."""
    atomic.write_bytes(folder / OUTCOME, _outcomes.dump_json(outcome))


def read_outcome(folder: Path) -> Outcome | None:
    """The outcome in a folder; None if there is none yet.

    Raises:
        OSError, ValidationError: it cannot be read.
    """
    path = folder / OUTCOME
    return _outcomes.validate_json(path.read_bytes()) if path.exists() else None


def split_facts(kind: str, dataset: Dataset, split: splits.Split) -> SplitFacts:
    """The numbers of a split; its kind is a key of `har.datasets.splits.KINDS`."""
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return SplitFacts(
        kind,
        train=len(split.train),
        validation=len(split.validation),
        test=len(split.test),
        groups={name: tuple(sorted({video.group for video in part if video.group})) for name, part in parts.items()},
        leaked=len(splits.leaked(split)),
        note=split.note,
        guessed_groups=dataset.guessed_groups,
    )


def training_title(recipe: Recipe, labels: Sequence[str], dataset_name: str) -> str:
    """A training in a few words: 'Cobra · Triangle (LRCN)', and what differs from the usual choices.

    The preset named after the data set, if there is one, is the usual choice.
    """
    presets = NETWORKS[recipe.network].presets
    preset = presets[recipe.preset].title if recipe.preset in presets else recipe.preset
    unusual = {
        preset.lower(): recipe.preset != default_preset(recipe.network, dataset_name),
        f"{recipe.split} split": recipe.split not in ("grouped", "all"),
        f"seed {recipe.seed}": recipe.seed != 0,
    }
    details = [NETWORKS[recipe.network].title, *(text for text, differs in unusual.items() if differs)]
    return f"{title_labels(labels)} ({', '.join(details)})"
