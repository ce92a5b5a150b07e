"""What many trainings of one recipe say together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from har.evaluation import Share
from har.jobs.manifest import Row
from har.training import TrainingResult


def facts_of(result: TrainingResult, seconds: float) -> dict[str, Any]:
    """What is kept of a training that was examined, as plain numbers."""
    if result.examination is None:
        raise ValueError("a training with test clips, that was not stopped, was expected")
    share, calibration = result.examination.report.share, result.examination.calibration
    return {
        "right": share.right,
        "count": share.count,
        "orders": {order: each.right for order, each in result.examination.orders.items()},
        "ece": [round(calibration.ece_before, 4), round(calibration.ece_after, 4)],
        "best_epoch": result.best.epoch,
        "epochs": len(result.history),
        "seconds": round(seconds, 1),
    }


@dataclass(frozen=True)
class Pooled:
    """Trainings of one recipe under several seeds; those of one seed test on different clips."""

    rows: Sequence[Row]  # at least one: `facts_of` a training, with its seed

    @property
    def shares(self) -> list[float]:
        """Of the clips those that are right, by seed; of a seed's folds together."""
        return [self._sum(of, "right") / self._sum(of, "count") for of in self._seeds()]

    @property
    def clips(self) -> int:
        """That were tested on; each once, however many seeds there are."""
        return max(self._sum(of, "count") for of in self._seeds())

    @property
    def accuracy(self) -> float:
        """Mean over the seeds."""
        return mean(self.shares)

    @property
    def interval(self) -> tuple[float, float]:
        """Where the mean lies with 95 % certainty, as far as so few clips tell (Wilson's, see `Share`)."""
        return Share(round(self.accuracy * self.clips), self.clips).interval

    @property
    def shuffled(self) -> float:
        """Accuracy with the frames of each clip in random order."""
        right: int = sum(row["orders"]["shuffled"] for row in self.rows)
        return right / self._sum(self.rows, "count")

    @property
    def spread(self) -> float | None:
        """Standard deviation of the seeds' accuracies; None: there is one seed."""
        return stdev(self.shares) if len(self.shares) > 1 else None

    @property
    def fold_spread(self) -> float | None:
        """Standard deviation of the trainings' accuracies; None: there is one."""
        shares = [row["right"] / row["count"] for row in self.rows]
        return stdev(shares) if len(shares) > 1 else None

    @staticmethod
    def _sum(rows: Sequence[Row], name: str) -> int:
        return sum(int(row[name]) for row in rows)

    def _seeds(self) -> Iterator[list[Row]]:
        for seed in dict.fromkeys(row["seed"] for row in self.rows):
            yield [row for row in self.rows if row["seed"] == seed]
