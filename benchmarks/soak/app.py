"""The real app, started as a user starts it, with folders and a port of its own; and what it takes of the machine."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

_ROOT = Path(__file__).resolve().parents[2]
_START_SEC = 90


@dataclass(frozen=True)
class App:
    """A running app."""

    url: str
    pid: int  # of the web process
    log: Path  # what it printed

    def processes(self) -> list[psutil.Process]:
        """The web process and all that it started."""
        me = psutil.Process(self.pid)
        return [me, *me.children(recursive=True)]


@contextmanager
def running_app(home: Path, settings: Mapping[str, str] | None = None, script: str = "app.py") -> Iterator[App]:
    """The app with its data in a folder, until the block is left.

    Args:
        home: becomes `HAR_HOME`; the log is beside it.
        settings: more environment variables.
        script: another one than the app's.

    Raises:
        RuntimeError: it does not come up.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home.with_name(f"{home.name}.log")
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"],
            cwd=_ROOT,
            env=os.environ | {"HAR_HOME": str(home), "PYTHONPATH": str(_ROOT)} | dict(settings or {}),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    app = App(f"http://127.0.0.1:{port}", process.pid, log)
    try:
        _wait_until_up(app.url, process)
        yield app
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SEC
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(requests.RequestException):
            if requests.get(f"{url}/_stcore/health", timeout=2).ok:
                return
        time.sleep(0.1)
    raise RuntimeError("the app did not start")


@dataclass(frozen=True)
class Sample:
    """Memory at one moment."""

    at_sec: float  # since sampling began
    parts_mb: Mapping[str, float]  # by the part that a process plays; what several share is counted once (PSS)

    @property
    def web_mb(self) -> float:
        """Of the web process."""
        return self.parts_mb.get("web", 0.0)

    @property
    def all_mb(self) -> float:
        """Of all processes together."""
        return sum(self.parts_mb.values())


_PARTS = {"har.jobs.cluster": "scheduler", "spawn_main": "worker", "figures.apart": "drawer", "ffmpeg": "ffmpeg"}


def _part(command: str) -> str:
    return next((part for mark, part in _PARTS.items() if mark in command), "other")


class MemorySampler:
    """Samples the memory of an app's processes in a thread, until it is closed."""

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
    values = [getattr(sample, part) for sample in samples if sample.at_sec >= warm_up_sec]
    middle = len(values) // 2
    if middle == 0:
        return 0.0
    return statistics.median(values[middle:]) - statistics.median(values[:middle])
