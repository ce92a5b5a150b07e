"""`python -m benchmarks.clip_cache [FOLDER] [--clips N]`: an epoch's clips from the cache, compared with decoding.

Both give one clip of every video in memory, as training does, and take turns. Without FOLDER, clips of the generated
data set are used. The target is a ratio of at least 50.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np

from har.clips import ClipSpec, decode
from har.datasets import Dataset, LabelledVideo, figures, open_dataset
from har.datasets.facts import probe_all
from har.recipe import recipe_for
from har.settings import reload_settings
from har.training.batches import center_batches
from har.training.examples import Examples, decode_all
from har.video import VideoInfo

SPEC = ClipSpec()


def decoded(videos: Sequence[LabelledVideo]) -> Iterator[np.ndarray]:
    """The center clip of every video, decoded on all cores."""

    def center(info: VideoInfo) -> np.ndarray:
        samples = decode(info, SPEC)
        first = (len(samples) - SPEC.frames) // 2
        return samples[first : first + SPEC.frames]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(center, [video.info for video in videos if video.info])


def read(examples: Examples) -> Iterator[np.ndarray]:
    """The same from the cache, in batches, on one core."""
    for clips, _ in center_batches(examples, recipe_for("lrcn", spec=SPEC)):
        yield from clips


def dataset_of(folder: Path | None, count: int, drawn: Path) -> Dataset:
    """The videos, probed."""
    if folder:
        return probe_all(open_dataset(str(folder)))
    return probe_all(figures.open_figures(groups=range(1, 2 + count // (4 * len(figures.ACTIONS))), root=drawn))


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HAR_HOME"] = folder
        reload_settings()
        videos = dataset_of(options.folder, options.clips, Path(folder) / "figures").videos[: options.clips]
        labels = tuple(sorted({video.label for video in videos}))
        examples = decode_all(videos, labels, recipe_for("lrcn", spec=SPEC))
        times: dict[str, list[float]] = {"decoded": [], "cached": []}
        for _ in range(options.rounds):
            began = time.perf_counter()
            expected = list(decoded(videos))
            times["decoded"].append(time.perf_counter() - began)
            began = time.perf_counter()
            got = list(read(examples))
            times["cached"].append(time.perf_counter() - began)
        if not all(map(np.array_equal, expected, got)):
            raise SystemExit("The cache gave other clips than decoding.")
    slow, quick = median(times["decoded"]), median(times["cached"])
    print(
        f"{len(videos)} clips of {SPEC.frames} samples of {SPEC.width}×{SPEC.height}, median of {options.rounds} pairs"
    )
    print(f"decoded   {1e3 * slow:8.1f} ms  {1e3 * slow / len(videos):7.2f} ms a clip")
    print(f"cached    {1e3 * quick:8.1f} ms  {1e3 * quick / len(videos):7.2f} ms a clip")
    print(f"ratio     {median(one / other for one, other in zip(times['decoded'], times['cached'], strict=True)):8.0f}")


if __name__ == "__main__":
    main()
