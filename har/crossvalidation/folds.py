"""Training and testing one fold for each group and seed."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from har.crossvalidation.pooled import summarise_training
from har.datasets import Dataset, Skipped, open_dataset, splits
from har.datasets.facts import readable
from har.datasets.similarity_groups import with_guessed_groups
from har.errors import DatasetMissing, StopRequested
from har.jobs import TaskResult
from har.jobs.manifest import Manifest, Row
from har.progress import OnProgress, ignore
from har.recipe import Recipe
from har.storage import remote
from har.training_pipeline import train_and_save

MANIFEST = "folds.jsonl"


@dataclass(frozen=True)
class CrossValidationOptions:
    """What is trained, and how often."""

    dataset: str  # as `har.datasets.open_dataset` takes it, on every worker
    labels: tuple[str, ...] | None  # only these; None: all
    recipe: Recipe  # its seed is not used
    seeds: int = 1
    guess_groups: bool = False  # where they are not known


@dataclass(frozen=True)
class CrossValidationResult:
    """The folds, finished now or by an earlier call."""

    labels: tuple[str, ...]
    title: str  # of the data set
    done: tuple[Row, ...]  # by seed and group
    failed: tuple[Row, ...]
    skipped: tuple[Skipped, ...] = ()  # clips that cannot be read


@dataclass(frozen=True)
class _Shared:
    options: CrossValidationOptions
    fingerprint: str  # of the data set


def crossvalidate(
    options: CrossValidationOptions, out: str, workers: int = 1, on_progress: OnProgress = ignore
) -> CrossValidationResult:
    """Train once for each seed and group without that group, test on it, and record the results in `MANIFEST`.

    Folds that the manifest has for the same clips and recipe are not repeated; finished ones stay if `on_progress`
    raises `StopRequested`. With 25 groups and one seed this is the protocol of UCF50 (Reddy and Shah 2013,
    https://doi.org/10.1007/s00138-012-0450-4). Workers are those of `har.jobs.run_tasks`, `out` is a path or URL.

    Raises:
        DatasetError, LabelsError: as `open_dataset`; or no video can be read.
        DatasetTooSmall: videos without a group, unless groups are guessed; or too few groups.
        LocationError: `out` cannot be written.
        JobError: as `har.jobs.run_tasks`.
        StopRequested: raised by `on_progress`.
    """
    dataset = _open(options, on_progress)
    for _ in splits.folds(dataset, 0, options.recipe.validation_share, by_group=_by_group(options.recipe)):
        pass  # fails early if a fold cannot be made
    if Path(options.dataset).expanduser().exists():
        options = replace(options, dataset=str(Path(options.dataset).expanduser().absolute()))
    shared = _Shared(options, clips_fingerprint(dataset))
    mark = _fingerprint([shared.fingerprint, asdict(replace(options.recipe, seed=0))])
    folds = {_fold_name(seed, group): (seed, group) for seed in range(options.seeds) for group in dataset.groups}
    remote.make_folder(out)
    with Manifest(remote.join(out, MANIFEST), "fold") as manifest:

        def rows(state: str) -> tuple[Row, ...]:
            found = (manifest.rows.get(name, {}) for name in folds)
            return tuple(row for row in found if row.get("mark") == mark and row["state"] == state)

        def to_row(result: TaskResult) -> Row:
            seed, group, _ = result.task
            row = {"fold": _fold_name(seed, group), "seed": seed, "group": group, "mark": mark}
            if result.error is not None:
                return row | {"state": "failed"} | result.failure
            summary: Row = result.result
            return row | {"state": "done"} | summary

        earlier = {row["fold"] for row in rows("done")}
        tasks = [(*fold, shared) for name, fold in folds.items() if name not in earlier]
        manifest.run_pending(train_fold, tasks, to_row, workers, len(earlier), "folds", on_progress)
        manifest.put_first(folds)
        return CrossValidationResult(dataset.labels, dataset.title, rows("done"), rows("failed"), dataset.skipped)


def train_fold(seed: int, group: str, shared: _Shared, on_progress: OnProgress = ignore) -> dict[str, Any]:
    """Train without a group, and test on it.

    Returns:
        `summarise_training`, and the prediction for each test clip.

    Raises:
        DatasetMissing: the worker has no such data set, or one with other clips.
        HarError: as `har.training.train`.
        StopRequested: raised by `on_progress`; there is no result of a part of a training.
    """
    options = shared.options
    dataset = _open(options, on_progress)
    if clips_fingerprint(dataset) != shared.fingerprint:
        raise DatasetMissing(
            f"The data set {options.dataset} has different clips on this worker.",
            "All machines must have the same clips in the same groups.",
            "Update its folder, or use a shared folder.",
        )
    recipe = replace(options.recipe, seed=seed)
    split = splits.held_out(dataset, {group}, seed, recipe.validation_share, by_group=_by_group(recipe))
    outcome = train_and_save(dataset, recipe, on_progress=on_progress, split=split).outcome
    if outcome.stopped or outcome.examination is None:
        raise StopRequested
    clips = [
        {
            "clip": f"{Path(clip.path).parent.name}/{Path(clip.path).name}",
            "label": clip.label,
            "predicted": clip.predicted,
            "confidence": round(clip.confidence, 4),
        }
        for clip in outcome.examination.report.clips
    ]
    return summarise_training(outcome) | {"clips": clips}


def _open(options: CrossValidationOptions, on_progress: OnProgress) -> Dataset:
    """The clips that can be read; the others are in `skipped`."""
    opened = open_dataset(options.dataset, options.labels, on_progress)
    dataset = readable(opened, on_progress, for_training=True)
    dataset = replace(dataset, skipped=dataset.skipped[len(opened.skipped) :])
    return with_guessed_groups(dataset, on_progress) if options.guess_groups else dataset


def _by_group(recipe: Recipe) -> bool:
    """Whether whole groups validate: not where all clips are to be used, because there are few groups."""
    return recipe.split != "all"


def clips_fingerprint(dataset: Dataset) -> str:
    """A hash of the names, labels and groups of a data set's clips."""
    return _fingerprint(sorted((video.label, video.group or "", video.path.name) for video in dataset.videos))


def _fingerprint(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()


def _fold_name(seed: int, group: str) -> str:
    return f"seed {seed}, {group}"
