"""Decoding clips: twenty frames of 64×64, evenly spaced over each video."""

import os
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from benchmarks import tutorial
from benchmarks.table.inputs import LARGE, clips, make_video
from benchmarks.table.rows import Bench, Measurement, compare
from har.clips import ClipSpec, decode
from har.video import probe


def ours(path: Path) -> np.ndarray:
    """Probe the video and decode it once from start to end."""
    info = probe(path)
    spec = ClipSpec(tutorial.FRAMES, tutorial.SIDE, tutorial.SIDE, span_sec=info.duration_sec)
    return decode(info, spec)[: tutorial.FRAMES]


def short(bench: Bench) -> Measurement:
    """Many small files."""
    paths, cores = clips(bench, bench.size(40, 2)), os.cpu_count() or 1
    _check(paths[0])
    with ThreadPoolExecutor(cores) as pool:
        return compare(
            bench,
            lambda: _each(pool.map(ours, paths)),
            {"the tutorial's way": lambda: _each(map(tutorial.clip_of, paths))},
            f"{len(paths)} files of 3 to 5 s; ours decodes {cores} at once (one per core), as training does",
        )


def large(bench: Bench) -> Measurement:
    """One large file."""
    path = make_video(bench, LARGE, bench.size(20, 2))
    _check(path)
    return compare(
        bench,
        lambda: _each(map(ours, [path])),
        {
            "the tutorial's way": lambda: _each(map(tutorial.clip_of, [path])),
            "ffmpeg, which only scales": lambda: _ffmpeg(path, "-vf", f"scale={tutorial.SIDE}:{tutorial.SIDE}"),
            "ffmpeg, which only decodes": lambda: _ffmpeg(path),
        },
        "decoding is all there is to it; ours leaves out frames that no sample needs",
    )


def _ffmpeg(path: Path, *work: str) -> None:
    """Decode every frame and discard it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-i", str(path)]
    subprocess.run([*command, *work, "-f", "null", "-"], check=True)


def _each(clips: Iterable[object]) -> None:
    for _ in clips:
        pass


def _check(path: Path) -> None:
    """Check that both ways give twenty frames of the same size."""
    shape = (tutorial.FRAMES, tutorial.SIDE, tutorial.SIDE, 3)
    if not ours(path).shape == tutorial.clip_of(path).shape == shape:
        raise SystemExit("one way did not give 20 frames of 64×64")
