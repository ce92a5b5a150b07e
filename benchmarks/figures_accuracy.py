"""`python -m benchmarks.figures_accuracy [--seeds 0 1 2]`: LRCN trained on 'figures', measured on actors it never saw.

For each seed: accuracy on the test groups, the seconds training took without drawing the clips, and how often the two
actions of a reversed pair are told apart when each clip's frames are shuffled: 0.5 says that motion alone does it.
"""

import argparse
import os
import time
from statistics import mean

import numpy as np

from har.classifier import Classifier
from har.clips import decode, stride_samples, window_starts
from har.datasets import LabelledVideo, open_dataset
from har.datasets.figures import REVERSED
from har.recipe import recipe_for
from har.training import EpochDone, Testing, TrainingEvent, train
from har.video import probe


def pair_accuracy(classifier: Classifier, videos: tuple[LabelledVideo, ...], shuffle: bool) -> float:
    """Of clips of reversed pairs, the share for which the true action gets more than its opposite."""
    random = np.random.default_rng(0)
    opposite = dict(REVERSED) | {forward: backward for backward, forward in REVERSED.items()}
    spec, labels = classifier.card.spec, classifier.card.labels
    right = []
    for video in videos:
        if video.label not in opposite:
            continue
        samples = decode(probe(video.path), spec)
        starts = window_starts(len(samples), spec, stride_samples(spec, classifier.card.stride_sec))
        order = random.permutation(spec.frames) if shuffle else np.arange(spec.frames)
        probabilities = classifier(np.stack([samples[start : start + spec.frames][order] for start in starts]))
        verdict = probabilities.mean(axis=0)
        right.append(verdict[labels.index(video.label)] > verdict[labels.index(opposite[video.label])])
    return float(np.mean(right))


def main() -> None:
    """Train once a seed, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    dataset = open_dataset("figures")
    accuracies = []
    for seed in seeds:
        ends: dict[type, float] = {}

        def note(event: TrainingEvent, ends: dict[type, float] = ends) -> None:
            ends.setdefault(type(event), time.perf_counter()) if isinstance(event, Testing) else None
            if isinstance(event, EpochDone):
                ends[EpochDone] = time.perf_counter()

        start, cpu_start = time.perf_counter(), time.process_time()
        result = train(dataset, recipe_for("lrcn", "figures", seed=seed), note)
        if result.examination is None:
            raise SystemExit("stopped")
        report = result.examination.report
        accuracies.append(report.accuracy)
        print(
            f"seed {seed}: accuracy {report.accuracy:.3f} on {len(report.clips)} clips, "
            f"trained in {ends[EpochDone] - start:.0f} s "
            f"({(time.process_time() - cpu_start) / (os.cpu_count() or 1):.0f} s if the machine were otherwise idle); "
            f"reversed pairs {pair_accuracy(result.classifier, result.split.test, shuffle=False):.3f}, "
            f"shuffled {pair_accuracy(result.classifier, result.split.test, shuffle=True):.3f}",
            flush=True,
        )
    print(f"mean accuracy {mean(accuracies):.3f}, lowest {min(accuracies):.3f}")


if __name__ == "__main__":
    main()
