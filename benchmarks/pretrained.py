"""`python -m benchmarks.pretrained [CLASSIFIER …]`: classifiers of Kinetics' actions on videos new to them.

First on clips whose action is known and has a name among Kinetics' labels: how many have it as their longest label, and
for how much of the time it is shown, or 'unsure'. Then on videos without a known action: the longest label, and the
share of the time that is unsure; whether it is right is for people to judge. Times include decoding.

`movinet-kinetics600`'s window, stride and threshold were chosen on the first part; nothing was chosen on the second.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean

from har.api import annotate, load_classifier
from har.classifier import Classifier
from har.video.formats import VIDEO_SUFFIXES

DATA = Path(__file__).parents[2] / "shared" / "data"
CLASSIFIERS = ("i3d-kinetics400", "movinet-kinetics600")
ACCEPTED = {
    "ucf101_raw/BenchPress": {"bench pressing"},
    "ucf101_raw/Biking": {"riding a bike", "biking through snow", "riding mountain bike"},
    "ucf101_raw/Punch": {"punching person (boxing)"},
    "ucf_pushups/PushUps": {"push up"},
    "yoga6": {"yoga"},
}


def clips_of(folder: Path, most: int) -> list[Path]:
    """At most so many videos below a folder, spread over their names."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in VIDEO_SUFFIXES)
    return paths[:: max(1, len(paths) // most)][:most]


def shares_of(path: Path, classifier: Classifier) -> defaultdict[str | None, float]:
    """Share of the time that each label is shown; None is unsure."""
    segments = annotate(path, classifier=classifier).segments
    shares: defaultdict[str | None, float] = defaultdict(float)
    for segment in segments:
        shares[segment.label] += (segment.end_sec - segment.start_sec) / segments[-1].end_sec
    return shares


def longest(shares: Mapping[str | None, float]) -> str | None:
    """The label that is shown for most of the time; None if there is none."""
    labels = [(share, label) for label, share in shares.items() if label is not None]
    return max(labels)[1] if labels else None


def named(classifier: Classifier, data: Path, most: int) -> Iterator[str]:
    """A line for each kind of clip with a known action."""
    for kind, accepted in ACCEPTED.items():
        began = time.monotonic()
        rows = [shares_of(path, classifier) for path in clips_of(data / kind, most)]
        right = sum(longest(row) in accepted for row in rows)
        shown = mean(sum(row[label] for label in accepted) for row in rows)
        yield (
            f"{kind:24} {right:3} of {len(rows):3} named right; right {shown:.2f} of the time, "
            f"unsure {mean(row[None] for row in rows):.2f}; {(time.monotonic() - began) / len(rows):.1f} s each"
        )


def unnamed(classifier: Classifier, data: Path, most: int) -> Iterator[str]:
    """A line for each video without a known action."""
    for path in clips_of(data / "long", most):
        shares = shares_of(path, classifier)
        labels = sorted(((share, label) for label, share in shares.items() if label is not None), reverse=True)
        top = ", ".join(f"{label} {share:.2f}" for share, label in labels[:3])
        yield f"{path.name:44} unsure {shares[None]:.2f}; {top}"


def main() -> None:
    """Print both parts for each classifier."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classifiers", nargs="*", default=CLASSIFIERS, metavar="CLASSIFIER")
    parser.add_argument("--clips", type=int, default=25, help="at most, of each folder")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    for name in arguments.classifiers:
        print(name, flush=True)
        classifier = load_classifier(name)
        for part in (named, unnamed):
            for line in part(classifier, arguments.data, arguments.clips):
                print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
