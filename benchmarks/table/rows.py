"""What a row is, and how its rounds run."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, log10
from pathlib import Path
from pkgutil import resolve_name
from statistics import median
from typing import Literal

import numpy as np

Timed = Callable[[], float | None]  # does the work; returns its seconds if they are not those of the call
_ROUNDS = 5


@dataclass(frozen=True)
class Bench:
    """Where and how thoroughly to measure."""

    folder: Path  # for inputs and results
    quick: bool = False  # tiny inputs, one round
    rounds: int = _ROUNDS

    def size(self, full: int, quick: int) -> int:
        """The size of an input."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Figure:
    """One number of a row, for every round."""

    name: str  # of the figure, or of what is compared with
    values: tuple[float, ...]
    unit: str  # '×': how many times as fast as the other
    bound: Literal["at least", "at most"] = "at least"

    @property
    def measured(self) -> float:
        """Median of the rounds."""
        return median(self.values)

    @property
    def worst(self) -> float:
        """Of all rounds, rounded to the safe side."""
        value = min(self.values) if self.bound == "at least" else max(self.values)
        return round_safely(value, up=self.bound == "at most")


@dataclass(frozen=True)
class Measurement:
    """The result of a row."""

    figures: tuple[Figure, ...]
    note: str = ""  # how it was measured
    seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # of each alternative, by round


@dataclass(frozen=True)
class Row:
    """A claim, and how to measure it."""

    key: str
    what: str
    function: str  # 'module:function' in this package, called with a `Bench`

    def measure(self, bench: Bench) -> Measurement:
        """Measure it."""
        measurement: Measurement = resolve_name(f"benchmarks.table.{self.function}")(bench)
        return measurement


def compare(bench: Bench, ours: Timed, others: Mapping[str, Timed], note: str = "", scale: float = 1.0) -> Measurement:
    """Run each alternative once per round, in turn; measure how many times as fast as the others ours is.

    Args:
        bench: how many rounds.
        ours: is measured first in each round.
        others: by name.
        note: for the table.
        scale: factor for the others' seconds, if they only do a part of the work.
    """
    times: dict[str, list[float]] = {name: [] for name in ("ours", *others)}
    for _ in range(bench.rounds):
        times["ours"].append(seconds(ours))
        for name, other in others.items():
            times[name].append(seconds(other) * scale)
    figures = tuple(
        Figure(name, tuple(other / own for own, other in zip(times["ours"], times[name], strict=True)), "×")
        for name in others
    )
    return Measurement(figures, note, {name: tuple(values) for name, values in times.items()})


@dataclass(frozen=True)
class Line:
    """A straight line through times."""

    slope: float  # seconds per unit
    r_squared: float  # 1: perfect fit


def fit_line(sizes: Sequence[int], durations: Sequence[float]) -> Line:
    """Fit a line by least squares.

    >>> fit_line([1, 2, 3], [12.0, 14.0, 16.0])
    Line(slope=2.0, r_squared=1.0)
    """
    slope, start = np.polyfit(sizes, durations, 1)
    left = np.array(durations) - (slope * np.array(sizes) + start)
    return Line(round(float(slope), 9), round(float(1 - left.var() / np.var(durations)), 9))


def seconds(work: Timed) -> float:
    """How long something takes."""
    began = time.perf_counter()
    measured = work()
    return time.perf_counter() - began if measured is None else measured


def discard(value: object) -> None:
    """Drop a result, so that the duration of the call counts."""


def round_safely(value: float, *, up: bool) -> float:
    """Round to two digits, to the side on which a claim is safe.

    >>> [round_safely(value, up=False) for value in (123.4, 0.0987, 1.0, 0.0)]
    [120.0, 0.098, 1.0, 0.0]
    >>> round_safely(123.4, up=True)
    130.0
    """
    if value == 0:
        return 0.0
    step = floor(log10(abs(value))) - 1
    scaled = round(value / 10**step, 6)
    whole = floor(scaled) if not up else -floor(-scaled)
    return float(round(whole * 10.0**step, 12))
