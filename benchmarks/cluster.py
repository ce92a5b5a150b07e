"""`python -m benchmarks.cluster [--videos N] [--seconds S] [--rounds N]`: two workers against one.

A real scheduler, and workers that are processes of their own on loopback, each bound to one core, as a machine of its
own would be; one worker and two take turns. TensorFlow is awake in all of them before the clock starts. Without two
free cores the ratio says nothing. Videos are generated: 320×240, noise that moves.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from statistics import median

import numpy as np
import psutil

from har.batch import ManyDone, ManyOptions, annotate_many
from har.settings import reload_settings
from har.video import write_video

_ROOT = Path(__file__).resolve().parents[1]
_UP_SEC = 120


def make_videos(folder: Path, count: int, seconds: int) -> list[str]:
    """Of 320×240 at 25 frames a second."""
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 255, (240, 320, 3), np.uint8)
        frames = (np.roll(noise, 2 * step, 1) for step in range(25 * seconds))
        write_video(folder / f"{number}.mp4", frames, Fraction(25))
    return [str(path) for path in sorted(folder.iterdir())]


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[None]:
    """A scheduler with workers, each on a core of its own; `HAR_SCHEDULER` names it meanwhile."""
    at = folder / f"{workers}.json"
    loopback = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(at)]
    with ExitStack() as stack:
        start(stack, "distributed.cli.dask_scheduler", *loopback, "--port", "0")
        deadline = time.monotonic() + _UP_SEC
        while not at.exists():
            if time.monotonic() > deadline:
                raise SystemExit("the scheduler did not come up")
            time.sleep(0.1)
        for number in range(workers):
            worker = start(stack, "distributed.cli.dask_worker", *loopback, "--nthreads", "1", "--no-nanny")
            if hasattr(psutil.Process, "cpu_affinity"):  # not on macOS
                psutil.Process(worker.pid).cpu_affinity([number % (os.cpu_count() or 1)])
        os.environ["HAR_SCHEDULER"] = json.loads(at.read_text())["address"]
        reload_settings()
        yield
    del os.environ["HAR_SCHEDULER"]
    reload_settings()


def start(stack: ExitStack, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """A process that ends with the stack."""
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def timed(videos: list[str], out: Path, warm_up: list[str]) -> float:
    """Seconds for all videos, once every worker has the classifier."""
    options = ManyOptions("lrcn-figures", with_video=False)
    done(annotate_many(warm_up, str(out / "warm"), options))
    began = time.perf_counter()
    done(annotate_many(videos, str(out / "timed"), options))
    return time.perf_counter() - began


def done(found: ManyDone) -> None:
    """All of them must be."""
    if found.failed or found.before:
        raise SystemExit(f"{found.failed} failed, {found.before} were there")


def measure(count: int, seconds: int, rounds: int) -> dict[int, list[float]]:
    """Seconds for all videos by number of workers, a round after the other."""
    times: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "videos").mkdir()
        videos = make_videos(folder / "videos", count, seconds)
        for number in range(rounds):
            for workers in times:
                with cluster(workers, folder):
                    times[workers].append(timed(videos, folder / f"{number}-{workers}", videos[: 4 * workers]))
                (folder / f"{workers}.json").unlink(missing_ok=True)
    return times


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=20, help="of each video")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    times = measure(chosen.videos, chosen.seconds, chosen.rounds)
    one, two = median(times[1]), median(times[2])
    print(f"{chosen.videos} videos of {chosen.seconds} s, 320×240, only texts written; median of {chosen.rounds} pairs")
    print(f"one worker   {one:7.2f} s  {one / chosen.videos:6.3f} s a video")
    print(f"two workers  {two:7.2f} s  {two / chosen.videos:6.3f} s a video")
    print(f"speed-up     {median(slow / quick for slow, quick in zip(times[1], times[2], strict=True)):7.2f}")


if __name__ == "__main__":
    main()
