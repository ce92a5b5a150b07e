"""What the app takes of the machine."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.running import App


@dataclass(frozen=True)
class Sample:
    """Memory at one moment."""

    at_sec: float  # since sampling began
    parts_mb: Mapping[str, float]  # by the part that a process plays

    @property
    def web_mb(self) -> float:
        """Of the web process."""
        return self.parts_mb.get("web", 0.0)

    @property
    def all_mb(self) -> float:
        """Of all processes together."""
        return sum(self.parts_mb.values())


_PARTS = {
    "har.jobs.cluster": "scheduler",
    "spawn_main": "worker",
    "figures.background_drawing": "drawer",
    "ffmpeg": "ffmpeg",
}


def _part(command: str) -> str:
    return next((part for mark, part in _PARTS.items() if mark in command), "other")


class MemorySampler:
    """Samples the memory of an app's processes in a thread, until it is closed.

    Args:
        app: whose.
        every_sec: between two samples. What several processes share is counted once (Linux's PSS).
    """

    def __init__(self, app: App, every_sec: float = 2.0) -> None:
        self.samples: list[Sample] = []
        self._app, self._every_sec = app, every_sec
        self._over = threading.Event()
        self._begun = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name="memory", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Sample no more."""
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(self._every_sec):
            sizes: Counter[str] = Counter()
            for process in self._app.processes():
                with suppress(psutil.Error):  # it has just ended
                    part = "web" if process.pid == self._app.pid else _part(" ".join(process.cmdline()))
                    sizes[part] += process.memory_full_info().pss / 1e6
            self.samples.append(Sample(time.monotonic() - self._begun, sizes))


def growth_mb(samples: Sequence[Sample], warm_up_sec: float, part: str) -> float:
    """By how much the median of the last half after the warm-up is above that of the half before it.

    Args:
        samples: in their order.
        warm_up_sec: what was sampled before is left out.
        part: `web_mb` or `all_mb`.
    """
    values: list[float] = [getattr(sample, part) for sample in samples if sample.at_sec >= warm_up_sec]
    middle = len(values) // 2
    if middle == 0:
        return 0.0
    return statistics.median(values[middle:]) - statistics.median(values[:middle])
