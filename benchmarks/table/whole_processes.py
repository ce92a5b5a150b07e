"""What whole processes take: the app's start, the memory of a long job, and how cost grows with a video's length."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.memory import make_video
from benchmarks.running import App, running_app
from benchmarks.soak.client import Session
from benchmarks.soak.memory import MemorySampler
from benchmarks.table.inputs import SMALL, film
from benchmarks.table.recognising import same_classifier
from benchmarks.table.rows import Bench, Figure, Found
from benchmarks.tutorial import lrcn
from har.recognition import score
from har.video import probe


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
    """The most that an annotation with I3D and all its ffmpegs take together; what they share is counted once."""
    minutes = bench.size(10, 1)
    video = bench.folder / f"memory-{minutes}.mp4"
    if not video.exists():
        make_video(video, minutes)
    peaks = []
    for _ in range(1 if bench.quick else min(3, bench.rounds)):
        command = [sys.executable, "-m", "benchmarks.memory", "--video", str(video)]
        command += ["--stride", "30"] if bench.quick else []
        environment = os.environ | {"HAR_MAX_VIDEO_BYTES": str(4 << 30)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        sampler = MemorySampler(App("", bench.folder, process.pid, video), every_sec=0.2)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays there to be asked until this is over
        sampler.close()
        if process.wait() != 0:
            raise SystemExit("the annotation failed")
        peaks.append(max(sample.all_mb for sample in sampler.samples))
    note = f"{minutes} minutes of 1080p, sampled five times a second; {len(peaks)} rounds"
    return Found((Figure("all processes together", tuple(peaks), "MB", "at most"),), note)


def growth(bench: Bench) -> Found:
    """Scoring videos of different length: a straight line, as far as it goes."""
    classifier = same_classifier(lrcn(4))
    lengths = [30, 60, 120, 240] if not bench.quick else [1, 2, 3]
    films = {length: probe(film(bench, SMALL, length)) for length in lengths}
    score(films[lengths[0]], classifier)
    fits, slopes = [], []
    for _ in range(bench.rounds):
        took = []
        for info in films.values():
            began = time.perf_counter()
            score(info, classifier)
            took.append(time.perf_counter() - began)
        slope, start = np.polyfit(lengths, took, 1)
        left = np.array(took) - (slope * np.array(lengths) + start)
        fits.append(float(1 - left.var() / np.var(took)))
        slopes.append(float(60 * slope))
    return Found(
        (Figure("R² of a straight line", tuple(fits), ""), Figure("a minute of video", tuple(slopes), "s", "at most")),
        f"LRCN, every frame, videos of {', '.join(map(str, lengths))} s",
    )
