"""The results of several trainings of one recipe, taken together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from har.evaluation import Proportion
from har.jobs.manifest import Row
from har.training import Outcome


def summarise_training(outcome: Outcome) -> dict[str, Any]:
    """The figures of a training with test clips, for a manifest."""
    evaluation = outcome.examination
    if evaluation is None:
        raise ValueError("expected a training with test clips that was not stopped")
    share, calibration = evaluation.report.share, evaluation.calibration
    return {
        "right": share.right,
        "count": share.count,
        "orders": {order: each.right for order, each in evaluation.orders.items()},
        "ece": [round(calibration.ece_before, 4), round(calibration.ece_after, 4)],
        "best_epoch": outcome.best.epoch,
        "epochs": len(outcome.history),
        "seconds": round(outcome.seconds, 1),
    }


@dataclass(frozen=True)
class Pooled:
    """Trainings of one recipe with several seeds; those with the same seed test on different clips."""

    rows: Sequence[Row]  # at least one: `summarise_training`, with the seed

    @property
    def shares(self) -> list[float]:
        """Accuracy of each seed, over all of its folds."""
        return [self._sum(rows, "right") / self._sum(rows, "count") for rows in self._by_seed()]

    @property
    def clips(self) -> int:
        """Number of test clips, each counted once, however many seeds there are."""
        return max(self._sum(rows, "count") for rows in self._by_seed())

    @property
    def accuracy(self) -> float:
        """Mean over the seeds."""
        return mean(self.shares)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the mean (Wilson's, see `Proportion`)."""
        return Proportion(round(self.accuracy * self.clips), self.clips).interval

    @property
    def shuffled(self) -> float:
        """Accuracy with the frames of each clip in random order."""
        right: int = sum(row["orders"]["shuffled"] for row in self.rows)
        return right / self._sum(self.rows, "count")

    @property
    def spread(self) -> float | None:
        """Standard deviation of the seeds' accuracies; None: there is only one seed."""
        return stdev(self.shares) if len(self.shares) > 1 else None

    @property
    def fold_spread(self) -> float | None:
        """Standard deviation of the trainings' accuracies; None: there is only one training."""
        shares = [row["right"] / row["count"] for row in self.rows]
        return stdev(shares) if len(shares) > 1 else None

    @staticmethod
    def _sum(rows: Sequence[Row], name: str) -> int:
        return sum(int(row[name]) for row in rows)

    def _by_seed(self) -> Iterator[list[Row]]:
        for seed in dict.fromkeys(row["seed"] for row in self.rows):
            yield [row for row in self.rows if row["seed"] == seed]
