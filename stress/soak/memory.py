"""The memory that the app uses."""

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

    at_sec: float  # since sampling started
    parts_mb: Mapping[str, float]  # by the role of a process

    @property
    def web_mb(self) -> float:
        """Memory of the web process."""
        return self.parts_mb.get("web", 0.0)

    @property
    def all_mb(self) -> float:
        """Memory of all processes together."""
        return sum(self.parts_mb.values())


_PARTS = {
    "har.jobs.cluster": "scheduler",
    "spawn_main": "worker",
    "figures.background_drawing": "drawer",
    "ffmpeg": "ffmpeg",
}


def _part(command: str) -> str:
    return next((part for marker, part in _PARTS.items() if marker in command), "other")


class MemorySampler:
    """Samples the memory of an app's processes in a thread, until it is closed.

    Args:
        app: whose processes.
        every_sec: time between two samples. Memory that processes share is counted once (Linux's PSS).
    """

    def __init__(self, app: App, every_sec: float = 2.0) -> None:
        self.samples: list[Sample] = []
        self._app, self._every_sec = app, every_sec
        self._closed = threading.Event()
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._sample, name="memory", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop sampling."""
        self._closed.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._closed.wait(self._every_sec):
            sizes: Counter[str] = Counter()
            for process in self._app.processes():
                with suppress(psutil.Error):  # it has just ended
                    part = "web" if process.pid == self._app.pid else _part(" ".join(process.cmdline()))
                    sizes[part] += process.memory_full_info().pss / 1e6
            self.samples.append(Sample(time.monotonic() - self._started, sizes))


def growth_mb(samples: Sequence[Sample], warm_up_sec: float, part: str) -> float:
    """How much the median of the second half after the warm-up exceeds that of the first half.

    Args:
        samples: in order of time.
        warm_up_sec: earlier samples are ignored.
        part: `web_mb` or `all_mb`.
    """
    values: list[float] = [getattr(sample, part) for sample in samples if sample.at_sec >= warm_up_sec]
    middle = len(values) // 2
    if middle == 0:
        return 0.0
    return statistics.median(values[middle:]) - statistics.median(values[:middle])
