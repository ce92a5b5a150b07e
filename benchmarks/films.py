"""`python -m benchmarks.films [--rounds N]`: time and memory of a highlight film of 60 s, and of a wall of 20 classes.

The film is made by `har reel` at 480 lines from two generated videos with sound, one of 720p and one upright, so that
half of it has blurred borders. The wall shows generated clips under 20 labels. Memory is that of all processes
together, with shared pages counted once.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil

from har.classifier import read_card
from har.datasets.figures import ACTIONS, draw_clip
from har.results import SCORES, LabelOptions
from har.results.store import write_notes
from har.timeline import Scored, TimelineOptions, WindowScores, save_scores
from har.video import probe, run_ffmpeg, write_video
from har.video.write import h264_arguments

_SEGMENT_SEC, _VIDEO_SEC = 5, 40
_CLASSES = 20
_SAMPLE_SEC = 0.1
_LABELS = ("playing squash or racquetball", "bench pressing", "squat", "tai chi")


def make_result(folder: Path, size: str) -> Path:
    """A result whose label changes every five seconds, of a noisy video with sound."""
    folder.mkdir()
    video = folder / "video.mp4"
    source = f"testsrc2=s={size}:r=30000/1001:d={_VIDEO_SEC},noise=alls=12:allf=t"
    sound = ["-f", "lavfi", "-i", f"sine=d={_VIDEO_SEC}", "-c:a", "aac"]
    run_ffmpeg(["-f", "lavfi", "-i", source, *sound, *h264_arguments(), "-y", str(video)])
    info = probe(video)
    starts = np.arange(0.0, _VIDEO_SEC, _SEGMENT_SEC)
    rows = np.full((len(starts), len(_LABELS)), 0.02, np.float32)
    rows[np.arange(len(starts)), np.arange(len(starts)) % len(_LABELS)] = 0.94
    scores = WindowScores(_LABELS, starts, starts + _SEGMENT_SEC, rows)
    times = np.arange(info.frame_count or 1) / float(info.fps)
    save_scores(folder / SCORES, Scored(scores, times, info.duration_sec))
    options = LabelOptions(timeline=TimelineOptions(smooth_sec=0.0))
    write_notes(folder, info, read_card("lrcn-figures"), options)
    return folder


def make_dataset(folder: Path) -> Path:
    """A generated clip in each of 20 classes."""
    for number in range(_CLASSES):
        action = list(ACTIONS)[number % len(ACTIONS)]
        write_video(folder / f"{action} {number}" / "clip.mp4", draw_clip(action, number, 0), Fraction(25))
    return folder


def measure(arguments: Sequence[str | Path]) -> tuple[float, float]:
    """Seconds that a `har` command takes, and the most memory of all of its processes in MB."""
    began, peak = time.perf_counter(), 0
    with subprocess.Popen([sys.executable, "-m", "har", *map(str, arguments)]) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            size = 0
            with suppress(psutil.NoSuchProcess):
                for each in (root, *root.children(recursive=True)):
                    with suppress(psutil.Error):  # it has just ended
                        size += each.memory_full_info().pss
            peak = max(peak, size)
            time.sleep(_SAMPLE_SEC)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.perf_counter() - began, peak / 1e6


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="har-films-"))
    try:
        results = [make_result(folder / "wide", "1280x720"), make_result(folder / "upright", "720x1280")]
        dataset = make_dataset(folder / "classes")
        commands: dict[str, list[str | Path]] = {
            "a film of 60 s": ["reel", *results, "--max-sec", "60", "--out", folder / "film.mp4"],
            f"a wall of {_CLASSES} classes": ["montage", dataset, "--out", folder / "wall.mp4"],
            "the same as a GIF": ["montage", dataset, "--out", folder / "wall.gif"],
        }
        for name, command in commands.items():
            runs = [measure(command) for _ in range(rounds)]
            seconds, megabytes = zip(*runs, strict=True)
            print(f"{name:22} {max(seconds):6.1f} s and {max(megabytes):4.0f} MB at most in {rounds} rounds")
        print(f"the film lasts {probe(folder / 'film.mp4').duration_sec:.2f} s")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
