"""Whether what somebody says of a training can be: pages count, divide and draw with it."""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from har.evaluation import Examination
from har.networks import NETWORKS
from har.runs.plan import Outcome, Plan

_LARGEST = 1e15  # a number; the largest networks' multiply-adds are a thousandth of it
_LONGEST = 1_000  # letters of a text
_MOST = {"epochs": 10_000, "clips": 100_000, "labels": 5_000, "orders": 20, "bins": 100}


def believable(plan: Plan, outcome: Outcome) -> bool:
    """Whether numbers are finite and none is absurd, texts can be read, and the report's parts fit each other."""
    if not all(_sane(value) for value in _leaves((plan, outcome))):
        return False
    epochs, split, examination = outcome.history, outcome.split, outcome.examination
    return (
        plan.recipe.network in NETWORKS
        and _labels(plan.labels)
        and 0 < len(epochs) <= _MOST["epochs"]
        and all(1 <= epoch.epoch <= _MOST["epochs"] for epoch in (*epochs, outcome.best))
        and min(plan.created, outcome.seconds, outcome.parameters, outcome.macs or 0) >= 0
        and min(split.train, split.validation, split.test, split.leaked) >= 0
        and (examination is None or _examined(examination))
    )


def _examined(examination: Examination) -> bool:
    report, calibration = examination.report, examination.calibration
    labels, bins = set(report.labels), (*calibration.before, *calibration.after)
    shares = (calibration.threshold, calibration.answered, calibration.right)
    return (
        _labels(report.labels)
        and 0 < len(report.clips) <= _MOST["clips"]
        and all(
            clip.label in labels and clip.predicted in labels and 0 <= clip.confidence <= 1 for clip in report.clips
        )
        and len(examination.orders) <= _MOST["orders"]
        and all(0 <= share.right <= share.count and share.count > 0 for share in examination.orders.values())
        and len(bins) <= _MOST["bins"]
        and all(each.count >= 0 for each in bins)
        and all(0 <= share <= 1 for share in shares)
    )


def _labels(labels: tuple[str, ...]) -> bool:
    plain = {label.strip() for label in labels}
    return 2 <= len(labels) <= _MOST["labels"] and len(plain) == len(labels) and "" not in plain


def _sane(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return not isinstance(value, int | float) or (math.isfinite(value) and abs(value) <= _LARGEST)


def _leaves(value: object) -> Iterator[object]:
    """Every number and text in a tree of dataclasses, tuples and mappings."""
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_leaves(inner))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
