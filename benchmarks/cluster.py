"""`python -m benchmarks.cluster [--videos N] [--seconds S] [--rounds N]`: two workers compared with one.

A real scheduler with workers in processes of their own on loopback, each bound to one core, like separate machines. One
worker and two take turns. All have loaded TensorFlow before the clock starts. The ratio means nothing without two free
cores. Videos are generated: 320×240, moving noise.
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

from har.batch import BatchOptions, BatchResult, annotate_many
from har.settings import reload_settings
from har.video import write_video

_ROOT = Path(__file__).resolve().parents[1]
_START_SEC = 120


def make_videos(folder: Path, count: int, seconds: int) -> list[str]:
    """Make videos of 320×240 at 25 frames per second."""
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 255, (240, 320, 3), np.uint8)
        frames = (np.roll(noise, 2 * step, 1) for step in range(25 * seconds))
        write_video(folder / f"{number}.mp4", frames, Fraction(25))
    return [str(path) for path in sorted(folder.iterdir())]


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[None]:
    """Start a scheduler with workers, each on a core of its own; `HAR_SCHEDULER` names it until the block ends."""
    address_file = folder / f"{workers}.json"
    loopback = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(address_file)]
    with ExitStack() as stack:
        start(stack, "distributed.cli.dask_scheduler", *loopback, "--port", "0")
        deadline = time.monotonic() + _START_SEC
        while not address_file.exists():
            if time.monotonic() > deadline:
                raise SystemExit("the scheduler did not start")
            time.sleep(0.1)
        for number in range(workers):
            worker = start(stack, "distributed.cli.dask_worker", *loopback, "--nthreads", "1", "--no-nanny")
            if hasattr(psutil.Process, "cpu_affinity"):  # not on macOS
                psutil.Process(worker.pid).cpu_affinity([number % (os.cpu_count() or 1)])
        os.environ["HAR_SCHEDULER"] = json.loads(address_file.read_text())["address"]
        reload_settings()
        yield
    del os.environ["HAR_SCHEDULER"]
    reload_settings()


def start(stack: ExitStack, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a process that ends with the stack."""
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def measure_once(videos: list[str], out: Path, warm_up: list[str]) -> float:
    """Seconds for all videos, after every worker has loaded the classifier."""
    options = BatchOptions("lrcn-figures", burn_in=False)
    check_complete(annotate_many(warm_up, str(out / "warm"), options))
    began = time.perf_counter()
    check_complete(annotate_many(videos, str(out / "timed"), options))
    return time.perf_counter() - began


def check_complete(result: BatchResult) -> None:
    """Check that all videos were annotated now."""
    if result.failed or result.earlier:
        raise SystemExit(f"{result.failed} failed, {result.earlier} were done before")


def measure(count: int, seconds: int, rounds: int) -> dict[int, list[float]]:
    """Seconds for all videos in each round, by number of workers."""
    times: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "videos").mkdir()
        videos = make_videos(folder / "videos", count, seconds)
        for number in range(rounds):
            for workers in times:
                with cluster(workers, folder):
                    times[workers].append(measure_once(videos, folder / f"{number}-{workers}", videos[: 4 * workers]))
                (folder / f"{workers}.json").unlink(missing_ok=True)
    return times


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=20, help="of each video")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    times = measure(options.videos, options.seconds, options.rounds)
    one, two = median(times[1]), median(times[2])
    print(f"{options.videos} videos of {options.seconds} s, 320×240, only text; median of {options.rounds} pairs")
    print(f"one worker   {one:7.2f} s  {one / options.videos:6.3f} s a video")
    print(f"two workers  {two:7.2f} s  {two / options.videos:6.3f} s a video")
    print(f"speed-up     {median(slow / quick for slow, quick in zip(times[1], times[2], strict=True)):7.2f}")


if __name__ == "__main__":
    main()
