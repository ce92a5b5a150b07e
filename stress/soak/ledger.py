"""What came of the visits: how long each interaction took, what was promised to be kept, what went wrong."""

import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

POLLED = "poll"  # asked by the page, not by its visitor


@dataclass(frozen=True)
class Result:
    """A finished result that a visitor has seen."""

    address: str
    owner: str | None
    mark: str  # what stands on its page


@dataclass
class Ledger:
    """Kept by all visitors together."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by kind
    results: list[Result] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)  # what was done
    refusals: Counter[str] = field(default_factory=Counter)  # in plain words, by the app
    faults: Counter[str] = field(default_factory=Counter)  # error pages, and answers that did not come
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float) -> None:
        """An interaction is over."""
        with self._lock:
            self.seconds[kind].append(seconds)

    def count(self, counter: Counter[str], what: Iterable[str]) -> None:
        """Something was done, refused, or went wrong."""
        with self._lock:
            counter.update(what)

    def keep(self, result: Result) -> None:
        """Somebody has seen a finished result: from now on it must not get lost."""
        with self._lock:
            if result not in self.results:
                self.results.append(result)

    def interactions(self) -> list[float]:
        """Seconds of what visitors did themselves."""
        return [each for kind, seconds in self.seconds.items() if kind != POLLED for each in seconds]


def percentile(seconds: list[float], percent: int) -> float:
    """Below which so many of a hundred lie; 0 for none at all."""
    if len(seconds) < 2:
        return max(seconds, default=0.0)
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
