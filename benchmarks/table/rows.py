"""What a row is, and how its rounds are run."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, log10
from pathlib import Path
from pkgutil import resolve_name
from statistics import median
from typing import Literal

import numpy as np

Way = Callable[[], float | None]  # does the work; gives its seconds where these are not simply those of the call
_ROUNDS = 5


@dataclass(frozen=True)
class Bench:
    """Where and how thoroughly to measure."""

    folder: Path  # for inputs and results
    quick: bool = False  # tiny inputs, one round
    rounds: int = _ROUNDS

    def size(self, full: int, quick: int) -> int:
        """One number or the other."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Figure:
    """One number of a row, in every round."""

    name: str  # what it is, or what it is compared with
    values: tuple[float, ...]
    unit: str  # '×': so many times as fast as the other
    bound: Literal["at least", "at most"] = "at least"

    @property
    def measured(self) -> float:
        """Median of the rounds."""
        return median(self.values)

    @property
    def worst(self) -> float:
        """Of all rounds, rounded to the careful side."""
        value = min(self.values) if self.bound == "at least" else max(self.values)
        return careful(value, up=self.bound == "at most")


@dataclass(frozen=True)
class Found:
    """What came of a row."""

    figures: tuple[Figure, ...]
    note: str = ""  # what to know before believing it
    seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # of each way, by round


@dataclass(frozen=True)
class Row:
    """A claim, and how to measure it."""

    key: str
    what: str
    way: str  # 'module:function' in this package, which is given a `Bench`

    def measure(self, bench: Bench) -> Found:
        """Measure it."""
        found: Found = resolve_name(f"benchmarks.table.{self.way}")(bench)
        return found


def in_turn(bench: Bench, ours: Way, others: Mapping[str, Way], note: str = "", scale: float = 1.0) -> Found:
    """Each way once a round, one after the other; how many times as fast as each other one ours is.

    Args:
        bench: how often.
        ours: is measured in each round before the others.
        others: by what they are called.
        note: for the table.
        scale: by which the others' seconds are multiplied, where they do a part of the work.
    """
    times: dict[str, list[float]] = {name: [] for name in ("ours", *others)}
    for _ in range(bench.rounds):
        times["ours"].append(seconds(ours))
        for name, way in others.items():
            times[name].append(seconds(way) * scale)
    figures = tuple(
        Figure(name, tuple(other / own for own, other in zip(times["ours"], times[name], strict=True)), "×")
        for name in others
    )
    return Found(figures, note, {name: tuple(values) for name, values in times.items()})


@dataclass(frozen=True)
class Line:
    """A straight line through times."""

    slope: float  # seconds for one more
    r_squared: float  # 1: all lie on it


def straight(sizes: Sequence[int], took: Sequence[float]) -> Line:
    """The line that fits best.

    >>> straight([1, 2, 3], [12.0, 14.0, 16.0])
    Line(slope=2.0, r_squared=1.0)
    """
    slope, start = np.polyfit(sizes, took, 1)
    left = np.array(took) - (slope * np.array(sizes) + start)
    return Line(round(float(slope), 9), round(float(1 - left.var() / np.var(took)), 9))


def seconds(way: Way) -> float:
    """That a way takes."""
    began = time.perf_counter()
    told = way()
    return time.perf_counter() - began if told is None else told


def unsaid(value: object) -> None:
    """A way's own time is that of the call, whatever it gives."""


def careful(value: float, *, up: bool) -> float:
    """Two digits, rounded to the side on which a claim is safe.

    >>> [careful(value, up=False) for value in (123.4, 0.0987, 1.0, 0.0)]
    [120.0, 0.098, 1.0, 0.0]
    >>> careful(123.4, up=True)
    130.0
    """
    if value == 0:
        return 0.0
    step = floor(log10(abs(value))) - 1
    scaled = round(value / 10**step, 6)
    whole = floor(scaled) if not up else -floor(-scaled)
    return float(round(whole * 10.0**step, 12))
