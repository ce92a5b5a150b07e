"""The app's start, and whole processes of `har annotate`. Nothing here may import TensorFlow."""

import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil

from benchmarks.burn_in import transcode, transcode_like_burn_in
from benchmarks.running import running_app
from benchmarks.table.inputs import LARGE, SMALL, make_video
from benchmarks.table.rows import Bench, Figure, Measurement, compare
from har.video import probe
from stress.soak.client import Session

_CLASSIFIER = "lrcn-ucf101-10"


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


def command(bench: Bench) -> Measurement:
    """`har annotate` on a short video, compared with what importing TensorFlow alone takes."""
    path = make_video(bench, SMALL, bench.size(10, 2))
    return compare(
        bench,
        partial(_annotate, bench, path, "--no-video"),
        {"importing TensorFlow alone": partial(_python, "-c", "import tensorflow")},
        f"whole processes; {_CLASSIFIER}",
    )


def short_job(bench: Bench) -> Measurement:
    """`har annotate` with a labelled video, compared with plain transcodes: 20 s of 1080p."""
    return _whole_job(bench, bench.size(20, 2))


def long_job(bench: Bench) -> Measurement:
    """The same for five minutes."""
    return _whole_job(bench, bench.size(300, 3))


def _whole_job(bench: Bench, seconds: int) -> Measurement:
    path = make_video(bench, LARGE, seconds)
    info = probe(path)
    return compare(
        bench,
        partial(_annotate, bench, path),
        {
            "a plain transcode": partial(transcode, info, bench.folder / "plain.mp4"),
            "one with the same options": partial(transcode_like_burn_in, info, bench.folder / "like-burn-in.mp4"),
        },
        f"{seconds} s of video; whole processes, {_CLASSIFIER}; 0.8 is 1.25 times as long",
    )


def _annotate(bench: Bench, video: Path, *options: str) -> None:
    out = bench.folder / "annotated-by-command"
    shutil.rmtree(out, ignore_errors=True)
    _python("-m", "har", "annotate", str(video), "--classifier", _CLASSIFIER, "--out", str(out), *options)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
