"""Runs side by side: those that differ in nothing but the seed are one experiment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from har.runs.folder import Run


@dataclass(frozen=True)
class RunGroup:
    """Runs on the same data with the same recipe, under different seeds."""

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
    known = [run.outcome.examination for run in runs if run.outcome is not None]
    found = [examination.report.accuracy for examination in known if examination is not None]
    return RunGroup(
        runs[0].name.rpartition(", seed")[0],
        tuple(runs),
        float(np.mean(found)) if found else None,
        float(np.std(found, ddof=1)) if len(found) > 1 else None,
    )
