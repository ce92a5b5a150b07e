"""What whole processes take: the app's start, the memory of a long job, and how cost grows with a video's length."""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import psutil

from benchmarks.memory import make_video
from benchmarks.running import App, running_app
from benchmarks.soak.client import Session
from benchmarks.soak.memory import MemorySampler
from benchmarks.table.inputs import SMALL, film
from benchmarks.table.recognising import same_classifier
from benchmarks.table.rows import Bench, Figure, Found, straight
from benchmarks.tutorial import lrcn
from har.recognition import score
from har.video import probe

_WINDOW_EVERY_SEC = 4  # with I3D: the default is 0.64, and would take an hour


def web(bench: Bench) -> Found:
    """From the command to a page that is whole, in the process that serves pages."""
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
    ready = Figure("until the first page is whole", tuple(seconds), "s", "at most")
    taken = Figure("memory of the web process", tuple(megabytes), "MB", "at most")
    return Found((ready, taken), "TensorFlow is not in that process")


def memory(bench: Bench) -> Found:
    """The most that an annotation with I3D and all its ffmpegs take together, of a short video and of a long one."""
    short, long = 1, bench.size(60, 2)
    peaks = {
        minutes: [_peak_mb(bench, minutes) for _ in range(rounds)]
        for minutes, rounds in ((short, min(3, bench.rounds)), (long, 1))
    }
    together = Figure("all processes together", (*peaks[short], *peaks[long]), "MB", "at most")
    more = Figure(f"{long} minutes against {short}", (peaks[long][0] / median(peaks[short]),), "", "at most")
    note = f"1080p of {short} and of {long} minutes, a window every {_WINDOW_EVERY_SEC} s, sampled five times a second"
    return Found((together, more), f"{note}; what they share is counted in each")


def _peak_mb(bench: Bench, minutes: int) -> float:
    video = bench.folder / f"memory-{minutes}.mp4"
    if not video.exists():
        make_video(video, minutes)
    command = [sys.executable, "-m", "benchmarks.memory", "--video", str(video), "--stride", str(_WINDOW_EVERY_SEC)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    # This process has TensorFlow open too, and would be taken to share it.
    sampler = MemorySampler(App("", bench.folder, process.pid, video), every_sec=0.2, kind="rss")
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays there to be asked until this is over
    sampler.close()
    if process.wait() != 0:
        raise SystemExit("the annotation failed")
    return max(sample.all_mb for sample in sampler.samples)


def growth(bench: Bench) -> Found:
    """Scoring videos of different length: a straight line, as far as it goes."""
    classifier = same_classifier(lrcn(4))
    lengths = [60, 600, 1800, 3600] if not bench.quick else [1, 2, 3]
    films = {length: probe(film(bench, SMALL, length)) for length in lengths}
    score(films[lengths[0]], classifier)
    lines = []
    for _ in range(min(3, bench.rounds)):
        took = []
        for info in films.values():
            began = time.perf_counter()
            score(info, classifier)
            took.append(time.perf_counter() - began)
        lines.append(straight(lengths, took))
    return Found(
        (
            Figure("R² of a straight line", tuple(line.r_squared for line in lines), ""),
            Figure("a minute of video", tuple(60 * line.slope for line in lines), "s", "at most"),
        ),
        f"LRCN, every frame, videos of {', '.join(map(str, lengths))} s",
    )
