"""Comparing runs: those that differ only in the seed are one experiment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from har.runs.store import Run
from har.training.outcome import training_title


@dataclass(frozen=True)
class RunGroup:
    """Runs on the same data with the same recipe and different seeds. Of runs with the same seed, the newest counts."""

    label: str  # for users
    runs: tuple[Run, ...]
    mean: float | None  # test accuracy; None: no run is finished
    spread: float | None  # standard deviation; None: fewer than two runs are finished


def group_runs(runs: Sequence[Run]) -> list[RunGroup]:
    """Group runs that differ only in the seed, in the order of each group's first run."""
    groups: dict[object, list[Run]] = {}
    for run in runs:
        plan, recipe = run.plan, repr(replace(run.plan.recipe, seed=0))
        groups.setdefault((plan.dataset, plan.title, plan.labels, recipe), []).append(run)
    return [_group(members) for members in groups.values()]


def _group(runs: list[Run]) -> RunGroup:
    by_seed: dict[int, float] = {}
    plan = runs[0].plan
    for run in sorted(runs, key=lambda run: run.plan.created):
        if run.outcome is not None and run.outcome.examination is not None:
            by_seed[run.plan.recipe.seed] = run.outcome.examination.report.accuracy
    accuracies = list(by_seed.values())
    return RunGroup(
        training_title(replace(plan.recipe, seed=0), plan.labels, plan.dataset),
        tuple(runs),
        float(np.mean(accuracies)) if accuracies else None,
        float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None,
    )
