"""Whether an imported description of a training is plausible: pages count, divide and plot with its numbers."""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from har.evaluation import Evaluation
from har.networks import NETWORKS
from har.runs.store import Plan
from har.training.outcome import Outcome

_MAX_NUMBER = 1e15  # the multiply-adds of the largest networks are a thousandth of it
_MAX_TEXT_LENGTH = 1_000
_MAX_COUNTS = {"epochs": 10_000, "clips": 100_000, "labels": 5_000, "orders": 20, "bins": 100}


def is_plausible(plan: Plan, outcome: Outcome) -> bool:
    """Whether all numbers are finite and within reason, texts are short, and the parts of the report fit together."""
    if not all(_is_sane(value) for value in _leaves((plan, outcome))):
        return False
    epochs, split, evaluation = outcome.history, outcome.split, outcome.examination
    return (
        plan.recipe.network in NETWORKS
        and _are_labels(plan.labels)
        and 0 < len(epochs) <= _MAX_COUNTS["epochs"]
        and all(1 <= epoch.epoch <= _MAX_COUNTS["epochs"] for epoch in (*epochs, outcome.best))
        and min(plan.created, outcome.seconds, outcome.parameters, outcome.macs or 0) >= 0
        and len(outcome.skipped) <= _MAX_COUNTS["clips"]
        and min(split.train, split.validation, split.test, split.leaked) >= 0
        and (evaluation is None or _is_plausible_evaluation(evaluation))
    )


def _is_plausible_evaluation(evaluation: Evaluation) -> bool:
    report, calibration = evaluation.report, evaluation.calibration
    labels, bins = set(report.labels), (*calibration.before, *calibration.after)
    shares = (calibration.threshold, calibration.answered, calibration.right)
    novelty = evaluation.novelty
    proportions = [*evaluation.orders.values(), *((novelty.kept, novelty.named) if novelty is not None else ())]
    return (
        _are_labels(report.labels)
        and 0 < len(report.clips) <= _MAX_COUNTS["clips"]
        and all({clip.label, clip.predicted} <= labels and 0 <= clip.confidence <= 1 for clip in report.clips)
        and len(evaluation.orders) <= _MAX_COUNTS["orders"]
        and all(0 <= share.right <= share.count and share.count > 0 for share in proportions)
        and len(bins) <= _MAX_COUNTS["bins"]
        and all(each.count >= 0 for each in bins)
        and all(0 <= share <= 1 for share in shares)
    )


def _are_labels(labels: tuple[str, ...]) -> bool:
    plain = {label.strip() for label in labels}
    return 2 <= len(labels) <= _MAX_COUNTS["labels"] and len(plain) == len(labels) and "" not in plain


def _is_sane(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _MAX_TEXT_LENGTH
    return not isinstance(value, int | float) or (math.isfinite(value) and abs(value) <= _MAX_NUMBER)


def _leaves(value: object) -> Iterator[object]:
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
