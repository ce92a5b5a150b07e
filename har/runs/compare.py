"""Runs side by side: those that differ in nothing but the seed are one experiment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from har.runs.folder import Run


@dataclass(frozen=True)
class RunGroup:
    """Runs on the same data with the same recipe, under different seeds. Of one seed, the newest counts."""

    label: str  # for people
    runs: tuple[Run, ...]
    mean: float | None  # test accuracy; None: none of them is through
    spread: float | None  # standard deviation; None: fewer than two are through


def group_runs(runs: Sequence[Run]) -> list[RunGroup]:
    """Put runs together that differ in the seed alone, in the order in which each group's first one comes."""
    groups: dict[object, list[Run]] = {}
    for run in runs:
        plan = run.plan
        recipe = replace(plan.recipe, seed=0)
        groups.setdefault((plan.dataset, plan.title, plan.labels, repr(recipe)), []).append(run)
    return [_group(members) for members in groups.values()]


def _group(runs: list[Run]) -> RunGroup:
    by_seed: dict[int, float] = {}
    for run in sorted(runs, key=lambda run: run.plan.created):
        if run.outcome is not None and run.outcome.examination is not None:
            by_seed[run.plan.recipe.seed] = run.outcome.examination.report.accuracy
    found = list(by_seed.values())
    return RunGroup(
        runs[0].name.rpartition(", seed")[0],
        tuple(runs),
        float(np.mean(found)) if found else None,
        float(np.std(found, ddof=1)) if len(found) > 1 else None,
    )
