"""The app's start."""

import time
from pathlib import Path

import psutil

from benchmarks.running import running_app
from benchmarks.table.rows import Bench, Figure, Measurement
from stress.soak.client import Session


def web(bench: Bench) -> Measurement:
    """From the command to a complete page, and the memory of the web process."""
    seconds, megabytes = [], []
    for number in range(bench.rounds):
        began = time.perf_counter()
        with running_app(bench.folder / f"home-{number}") as app:
            tab = Session(app.url)
            seconds.append(time.perf_counter() - began)
            megabytes.append(psutil.Process(app.pid).memory_full_info().pss / 1e6)
            if "tensorflow" in Path(f"/proc/{app.pid}/maps").read_text():
                raise SystemExit("the web process has loaded TensorFlow")
            tab.close()
    ready = Figure("until the first page is complete", tuple(seconds), "s", "at most")
    taken = Figure("memory of the web process", tuple(megabytes), "MB", "at most")
    return Measurement((ready, taken), "TensorFlow is not in that process")
