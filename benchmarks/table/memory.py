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

import psutil

from benchmarks.running import App, running_app
from benchmarks.table.inputs import LARGE, make_video
from benchmarks.table.rows import Bench, Figure, Measurement
from har.classifier import read_card
from har.results.store import ANNOTATED
from stress.soak.client import Session
from stress.soak.memory import MemorySampler

_SAMPLE_SEC = 0.2
_WINDOW_EVERY_SEC = 4  # the default of 0.64 would take hours
_I3D, _LRCN = "i3d-kinetics400", "lrcn-ucf101-10"
_ALWAYS_SEC = 3600  # the longest video that gets a labelled video without asking
_FINISHED = "The whole video"  # on the page of a result
_TIMEOUT_SEC = 1800


def peak(bench: Bench) -> Measurement:
    """I3D at 1080p: a minute in the app; a long and a short video on the command line."""
    short, long = 1, bench.size(60, 2)
    apps = [_app_peak(bench, number, [_I3D]) for number in range(min(3, bench.rounds))]
    shorts = [_command_peak(bench, short) for _ in range(min(3, bench.rounds))]
    longs = [_command_peak(bench, long)]
    return Measurement(
        (
            _figure("the app, a minute", apps),
            _figure("`har annotate`, a minute", shorts),
            _figure(f"`har annotate`, {long} minutes", longs),
            Figure(
                f"{long} minutes against {short}",
                (longs[0].total() / median(map(Counter.total, shorts)),),
                "",
                "at most",
            ),
        ),
        f"all processes, sampled {1 / _SAMPLE_SEC:.0f} times a second, labels burned in; the app's {_parts(apps)}; on "
        f"the command line a window every {_WINDOW_EVERY_SEC} s",
    )


def lrcn(bench: Bench) -> Measurement:
    """LRCN at 1080p, a minute in the app, with and without a labelled video."""
    rounds = range(min(3, bench.rounds))
    burned_in = [_app_peak(bench, number, [_LRCN]) for number in rounds]
    only_scored = [_app_peak(bench, number, [_LRCN], burn_in=False) for number in rounds]
    return Measurement(
        (_figure("burned in", burned_in), _figure("not burned in", only_scored)),
        f"all processes; burned in, {_parts(burned_in)}; not burned in, {_parts(only_scored)}",
    )


def small_host(bench: Bench) -> Measurement:
    """From the start of the app until a minute of 1080p has been annotated with I3D, then with LRCN."""
    peaks = [_app_peak(bench, number, [_I3D, _LRCN]) for number in range(min(3, bench.rounds))]
    return Measurement((_figure("all processes", peaks),), f"labels burned in; {_parts(peaks)}")


def rest(bench: Bench) -> Measurement:
    """The app without a page open, some minutes after a job."""
    wait_sec, watch_sec = bench.size(600, 5), bench.size(60, 5)
    with running_app(bench.folder / "rest") as app:
        tab = Session(app.url, "annotate")
        _annotate(app, tab, _video(bench, 1), _LRCN, burn_in=True)
        tab.close()
        time.sleep(wait_sec)
        began_sec, before = time.monotonic(), _processor_sec(app)
        time.sleep(watch_sec)
        after, passed_sec = _processor_sec(app), time.monotonic() - began_sec
        used_sec = sum(seconds - before.get(process, 0.0) for process, seconds in after.items())
        megabytes = sum(process.memory_full_info().pss for process in app.processes()) / 1e6
    return Measurement(
        (
            Figure("memory", (megabytes,), "MB", "at most"),
            Figure("processor", (100 * used_sec / passed_sec,), "% of a core", "at most"),
        ),
        f"all processes, {wait_sec / 60:.2g} minutes after a job with LRCN, over {watch_sec} s",
    )


def _figure(name: str, peaks: list[Counter[str]]) -> Figure:
    return Figure(name, tuple(map(Counter.total, peaks)), "MB", "at most")


def _parts(peaks: list[Counter[str]]) -> str:
    """The processes of the worst round."""
    worst = max(peaks, key=Counter.total)
    return "at the worst moment: " + ", ".join(f"{part} {size:.0f}" for part, size in worst.most_common())


def _app_peak(bench: Bench, number: int, classifiers: list[str], burn_in: bool = True) -> Counter[str]:
    """The whole app, from its start until a visitor has uploaded a minute of video, and has had the result of each."""
    limit_sec = _ALWAYS_SEC if burn_in else 0
    home = bench.folder / f"memory-{number}-{'-'.join(classifiers)}-{limit_sec}"
    with running_app(home, {"HAR_BURN_IN_SEC": str(limit_sec)}) as app:
        sampler = MemorySampler(app, every_sec=_SAMPLE_SEC)
        for name in classifiers:
            tab = Session(app.url, "annotate")
            _annotate(app, tab, _video(bench, 1), name, burn_in)
            tab.close()
        return _peak(sampler)


def _annotate(app: App, tab: Session, video: Path, name: str, burn_in: bool) -> None:
    """Upload a video, and wait for the result, and for the labelled video."""
    title, before = read_card(name).title, len(_labelled(app))
    tab.choose("button_group", "Video", ["Your own video"])
    tab.upload("Video file", video.name, video.read_bytes())
    tab.choose("selectbox", "Classifier", title)
    tab.press("Annotate")
    if not tab.idle(_TIMEOUT_SEC, lambda: _FINISHED in tab.page.text() and title in tab.page.text()):
        raise SystemExit(f"there is no result of {title}: {tab.page.alerts()}")
    if burn_in and not tab.idle(_TIMEOUT_SEC, lambda: len(_labelled(app)) > before):
        raise SystemExit(f"there is no labelled video of {title}: {tab.page.alerts()}")


def _labelled(app: App) -> list[Path]:
    return list(app.home.rglob(ANNOTATED))


def _processor_sec(app: App) -> dict[psutil.Process, float]:
    times = {process: process.cpu_times() for process in app.processes()}
    return {process: each.user + each.system for process, each in times.items()}


def _command_peak(bench: Bench, minutes: int) -> Counter[str]:
    """`har annotate` with its ffmpeg processes."""
    video = _video(bench, minutes)
    command = [sys.executable, "-m", "har", "annotate", str(video), "--classifier", _I3D]
    command += ["--stride", str(_WINDOW_EVERY_SEC), "--out", str(bench.folder / f"annotated-{time.time_ns()}")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    sampler = MemorySampler(App("", bench.folder, process.pid, video), _SAMPLE_SEC)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # so that its memory can still be read
    peak = _peak(sampler)
    if process.wait() != 0:
        raise SystemExit("the annotation failed")
    return peak


def _video(bench: Bench, minutes: int) -> Path:
    return make_video(
        bench, LARGE, bench.size(60, 4) * minutes, noise=0
    )  # with noise an hour would be too large for most disks


def _peak(sampler: MemorySampler) -> Counter[str]:
    """MB by role, at the moment of the peak."""
    sampler.close()
    return Counter(max(sampler.samples, key=lambda sample: sample.all_mb).parts_mb)
