"""Peak memory of an annotation, over all processes. Nothing here may import TensorFlow.

Linux's PSS counts shared memory once; with TensorFlow loaded here too, the app would seem to share it.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median

from benchmarks.running import App, running_app
from benchmarks.table.inputs import LARGE, make_video
from benchmarks.table.rows import Bench, Figure, Measurement
from har.classifier import read_card
from stress.soak.client import Session
from stress.soak.memory import MemorySampler

_SAMPLE_SEC = 0.2
_WINDOW_EVERY_SEC = 4  # the default of 0.64 would take hours
_NETWORK = "i3d-kinetics400"
_ANNOTATED = "The whole video"  # on the page of a result
_TIMEOUT_SEC = 1800


def peak(bench: Bench) -> Measurement:
    """I3D at 1080p: a minute in the app; a long and a short video on the command line."""
    short, long = 1, bench.size(60, 2)
    apps = [_app_peak(bench, number) for number in range(min(3, bench.rounds))]
    worst = max(apps, key=Counter.total)
    shorts = [_command_peak(bench, short) for _ in range(min(3, bench.rounds))]
    longs = [_command_peak(bench, long)]
    parts = ", ".join(f"{part} {size:.0f}" for part, size in worst.most_common())
    return Measurement(
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
        f"all processes, sampled {1 / _SAMPLE_SEC:.0f} times a second; the app's at the worst moment: {parts}; on the "
        f"command line a window every {_WINDOW_EVERY_SEC} s",
    )


def _app_peak(bench: Bench, number: int) -> Counter[str]:
    """The whole app, while a visitor uploads a minute of video and waits for the result."""
    video, title = _video(bench, 1), read_card(_NETWORK).title
    with running_app(bench.folder / f"memory-{number}") as app:
        sampler = MemorySampler(app, every_sec=_SAMPLE_SEC)
        tab = Session(app.url, "annotate")
        tab.choose("button_group", "Video", ["Your own video"])
        tab.upload("Video file", video.name, video.read_bytes())
        tab.choose("selectbox", "Classifier", title)
        tab.press("Annotate")
        if not tab.idle(_TIMEOUT_SEC, lambda: _ANNOTATED in tab.page.text() and title in tab.page.text()):
            raise SystemExit(f"there is no result of {title}: {tab.page.alerts()}")
        tab.close()
        return _peak(sampler)


def _command_peak(bench: Bench, minutes: int) -> Counter[str]:
    """`har annotate` with its ffmpeg processes."""
    video = _video(bench, minutes)
    command = [sys.executable, "-m", "har", "annotate", str(video), "--classifier", _NETWORK]
    command += ["--stride", str(_WINDOW_EVERY_SEC), "--out", str(bench.folder / f"annotated-{time.time_ns()}")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    sampler = MemorySampler(App("", bench.folder, process.pid, video), _SAMPLE_SEC)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # so that its memory can still be read
    peak = _peak(sampler)
    if process.wait() != 0:
        raise SystemExit("the annotation failed")
    return peak


def _video(bench: Bench, minutes: int) -> Path:
    return make_video(bench, LARGE, 60 * minutes, noise=0)  # with noise an hour would be too large for most disks


def _peak(sampler: MemorySampler) -> Counter[str]:
    """MB by role, at the moment of the peak."""
    sampler.close()
    return Counter(max(sampler.samples, key=lambda sample: sample.all_mb).parts_mb)
