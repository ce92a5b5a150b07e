"""The most memory that an annotation takes, over all processes. Nothing here may import TensorFlow.

Linux's PSS counts once what several processes share; with TensorFlow open here too, the app would seem to share it.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median

from benchmarks.running import App, running_app
from benchmarks.table.inputs import LARGE, film
from benchmarks.table.rows import Bench, Figure, Found
from har.classifier import read_card
from stress.soak.client import Session
from stress.soak.memory import MemorySampler

_EVERY_SEC = 0.2
_WINDOW_EVERY_SEC = 4  # the default is 0.64, and would take hours
_NETWORK = "i3d-kinetics400"
_ANNOTATED = "The whole video"  # on the page of a result
_PATIENCE_SEC = 1800


def peak(bench: Bench) -> Found:
    """I3D and 1080p: a minute in the app, and a long video against a short one on the command line."""
    short, long = 1, bench.size(60, 2)
    apps = [_of_app(bench, number) for number in range(min(3, bench.rounds))]
    worst = max(apps, key=Counter.total)
    shorts = [_of_command(bench, short) for _ in range(min(3, bench.rounds))]
    longs = [_of_command(bench, long)]
    parts = ", ".join(f"{part} {size:.0f}" for part, size in worst.most_common())
    return Found(
        (
            Figure("the app, a minute", tuple(map(Counter.total, apps)), "MB", "at most"),
            Figure("`har annotate`, a minute", tuple(map(Counter.total, shorts)), "MB", "at most"),
            Figure(f"`har annotate`, {long} minutes", tuple(map(Counter.total, longs)), "MB", "at most"),
            Figure(
                f"{long} minutes against {short}",
                (longs[0].total() / median(map(Counter.total, shorts)),),
                "",
                "at most",
            ),
        ),
        f"all processes, sampled {1 / _EVERY_SEC:.0f} times a second; the app's at the worst moment: {parts}; on the "
        f"command line a window every {_WINDOW_EVERY_SEC} s",
    )


def _of_app(bench: Bench, number: int) -> Counter[str]:
    """The whole app: a visitor uploads a minute, and waits for the result."""
    video, title = _film(bench, 1), read_card(_NETWORK).title
    with running_app(bench.folder / f"memory-{number}") as app:
        sampler = MemorySampler(app, every_sec=_EVERY_SEC)
        tab = Session(app.url, "annotate")
        tab.choose("button_group", "Video", ["Your own video"])
        tab.upload("Video file", video.name, video.read_bytes())
        tab.choose("selectbox", "Classifier", title)
        tab.press("Annotate")
        if not tab.idle(_PATIENCE_SEC, lambda: _ANNOTATED in tab.page.text() and title in tab.page.text()):
            raise SystemExit(f"there is no result of {title}: {tab.page.alerts()}")
        tab.close()
        return _most(sampler)


def _of_command(bench: Bench, minutes: int) -> Counter[str]:
    """`har annotate` with all its ffmpegs."""
    video = _film(bench, minutes)
    command = [sys.executable, "-m", "har", "annotate", str(video), "--classifier", _NETWORK]
    command += ["--stride", str(_WINDOW_EVERY_SEC), "--out", str(bench.folder / f"annotated-{time.time_ns()}")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    sampler = MemorySampler(App("", bench.folder, process.pid, video), _EVERY_SEC)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays there to be asked until this is over
    peak = _most(sampler)
    if process.wait() != 0:
        raise SystemExit("the annotation failed")
    return peak


def _film(bench: Bench, minutes: int) -> Path:
    return film(bench, LARGE, 60 * minutes, noise=0)  # with noise an hour is larger than most disks like


def _most(sampler: MemorySampler) -> Counter[str]:
    """MB by part, at the moment at which there was most."""
    sampler.close()
    return Counter(max(sampler.samples, key=lambda sample: sample.all_mb).parts_mb)
