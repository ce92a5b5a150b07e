"""Training and testing once for each group and seed, and keeping what comes of it."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from har.crossvalidation.pooled import facts_of
from har.datasets import Dataset, open_dataset, splits
from har.errors import DatasetMissing, StopRequested
from har.jobs import Ended, Tally
from har.jobs.manifest import Ledger, Row, file_in
from har.recipe import Recipe
from har.storage import remote
from har.training import train

LEDGER = "folds.jsonl"


@dataclass(frozen=True)
class CrossOptions:
    """What is trained, and how often."""

    dataset: str  # by which `har.datasets.open_dataset` knows it, on every worker
    labels: tuple[str, ...] | None  # only these; None: all
    recipe: Recipe  # its seed counts for nothing
    seeds: int = 1


@dataclass(frozen=True)
class CrossDone:
    """What came of it."""

    labels: tuple[str, ...]
    title: str  # of the data set
    done: tuple[Row, ...]  # now or earlier, by seed and group
    failed: tuple[Row, ...]


@dataclass(frozen=True)
class _Shared:
    options: CrossOptions
    clips_mark: str


def crossvalidate(
    options: CrossOptions,
    out: str,
    workers: int = 1,
    on_event: Callable[[Tally], None] = lambda event: None,
    on_drawn: Callable[[int, int], None] | None = None,
) -> CrossDone:
    """Train once for each seed and group without that group, test on it, and note in `LEDGER` what came of it.

    What the ledger tells to be done of the same clips with the same recipe is not done again. With 25 groups and one
    seed this is UCF50's protocol (Reddy and Shah 2013, https://doi.org/10.1007/s00138-012-0450-4).

    Args:
        options: what is trained.
        out: a folder, by path or URL.
        workers: as `har.jobs.farm_out`.
        on_event: told of every training. `StopRequested` raised out of it ends the work; the ledger is whole.
        on_drawn: told of each clip that is generated.

    Raises:
        DatasetError, LabelsError: as `open_dataset`.
        DatasetTooSmall: videos of no known group, or too few groups.
        PlaceError: `out` cannot be written.
        JobError: as `har.jobs.farm_out`.
        StopRequested: raised out of `on_event`.
    """
    dataset = open_dataset(options.dataset, options.labels, on_drawn)
    for _ in splits.folds(dataset, 0, options.recipe.validation_share):
        pass  # each can be made
    if Path(options.dataset).expanduser().exists():
        options = replace(options, dataset=str(Path(options.dataset).expanduser().absolute()))
    shared = _Shared(options, mark_of_clips(dataset))
    mark = _mark(shared)
    pairs = [(seed, group) for seed in range(options.seeds) for group in dataset.groups]
    names = [_name(seed, group) for seed, group in pairs]
    remote.make_folder(out)
    with Ledger(file_in(out, LEDGER), "fold") as ledger:

        def kept() -> list[Row]:
            return [ledger.rows[name] for name in names if ledger.rows.get(name, {}).get("mark") == mark]

        before = {row["fold"] for row in kept() if row["state"] == "done"}
        tasks = [(seed, group, shared) for seed, group in pairs if _name(seed, group) not in before]
        ledger.work_off(train_fold, tasks, lambda each: _row(each, mark), workers, len(before), on_event)
        ledger.keep_order(names)
        done, failed = (tuple(row for row in kept() if row["state"] == state) for state in ("done", "failed"))
    return CrossDone(dataset.labels, dataset.title, done, failed)


def train_fold(
    seed: int, group: str, shared: _Shared, on_event: Callable[[Any], None] = lambda event: None
) -> dict[str, Any]:
    """Train without a group, and test on it.

    Returns:
        `facts_of` the training, and the verdict on each test clip.

    Raises:
        DatasetMissing: the data set is not there, or another one than where it was asked for.
        HarError: as `har.training.train`.
        StopRequested: raised out of `on_event`; half a training is of no use.
    """
    began, options = time.monotonic(), shared.options
    dataset = open_dataset(options.dataset, options.labels, lambda done, total: on_event((done, total)))
    if mark_of_clips(dataset) != shared.clips_mark:
        raise DatasetMissing(
            f"The data set {options.dataset} of this worker has other clips.",
            "The same clips in the same groups were expected on all machines.",
            "Bring its folder up to date, or share one.",
        )
    recipe = replace(options.recipe, seed=seed)
    split = splits.held_out(dataset, {group}, seed, recipe.validation_share)
    result = train(dataset, recipe, on_event, split=split)
    if result.stopped or result.examination is None:
        raise StopRequested
    clips = [
        {
            "clip": f"{Path(clip.path).parent.name}/{Path(clip.path).name}",
            "label": clip.label,
            "predicted": clip.predicted,
            "confidence": round(clip.confidence, 4),
        }
        for clip in result.examination.report.clips
    ]
    return facts_of(result, time.monotonic() - began) | {"clips": clips}


def mark_of_clips(dataset: Dataset) -> str:
    """Tells a data set's clips, by name, label and group, from any others."""
    named = sorted((video.label, video.group or "", video.path.name) for video in dataset.videos)
    return hashlib.blake2b(json.dumps(named).encode(), digest_size=8).hexdigest()


def _mark(shared: _Shared) -> str:
    told = json.dumps([shared.clips_mark, asdict(replace(shared.options.recipe, seed=0))], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _name(seed: int, group: str) -> str:
    return f"seed {seed}, {group}"


def _row(ended: Ended, mark: str) -> Row:
    seed, group, _ = ended.task
    row = {"fold": _name(seed, group), "seed": seed, "group": group, "mark": mark}
    if ended.error is not None:
        return row | {"state": "failed"} | ended.failure
    facts: Row = ended.result
    return row | {"state": "done"} | facts
