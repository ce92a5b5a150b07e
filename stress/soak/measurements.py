"""What visits measure: how long interactions took, which results were seen, what went wrong."""

import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

POLL, LIVE = "poll", "live"  # sent by the page, not by its visitor


@dataclass(frozen=True)
class Result:
    """A finished result that a visitor has seen."""

    address: str
    owner: str | None
    marker: str  # text on its page


@dataclass
class Measurements:
    """Shared by all visitors."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by kind
    results: list[Result] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)  # activities
    refusals: Counter[str] = field(default_factory=Counter)  # messages of the app
    faults: Counter[str] = field(default_factory=Counter)  # error pages and missing answers
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, kind: str, seconds: float) -> None:
        """Record the duration of an interaction."""
        with self._lock:
            self.seconds[kind].append(seconds)

    def count(self, counter: Counter[str], what: Iterable[str]) -> None:
        """Count activities, refusals or faults."""
        with self._lock:
            counter.update(what)

    def add_result(self, result: Result) -> None:
        """Record a finished result, which must not get lost from now on."""
        with self._lock:
            if result not in self.results:
                self.results.append(result)

    def interactions(self) -> list[float]:
        """Durations in seconds of what visitors did themselves."""
        return [each for kind, seconds in self.seconds.items() if kind not in (POLL, LIVE) for each in seconds]


def percentile(seconds: list[float], percent: int) -> float:
    """The given percentile; 0 without any values."""
    if len(seconds) < 2:
        return max(seconds, default=0.0)
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
