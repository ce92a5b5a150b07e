"""`python -m benchmarks.figures_accuracy [--seeds 0 1 2]`: LRCN trained on 'figures', tested on actors it has not seen.

For each seed: accuracy on the test groups, seconds of training without drawing the clips, and how often the two actions
of a reversed pair are distinguished, with the frames of each clip in order and shuffled: 0.5 when shuffled shows that
only motion distinguishes them.
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
from har.progress import Progress, Stage
from har.recipe import recipe_for
from har.training import train
from har.video import probe


def pair_accuracy(classifier: Classifier, videos: tuple[LabelledVideo, ...], shuffle: bool) -> float:
    """The share of clips of reversed pairs whose action scores higher than its opposite."""
    random = np.random.default_rng(0)
    opposite = dict(REVERSED) | {forward: backward for backward, forward in REVERSED.items()}
    spec, labels = classifier.card.spec, classifier.card.labels
    correct = []
    for video in videos:
        if video.label not in opposite:
            continue
        samples = decode(probe(video.path), spec)
        starts = window_starts(len(samples), spec, stride_samples(spec, classifier.card.stride_sec))
        order = random.permutation(spec.frames) if shuffle else np.arange(spec.frames)
        windows = np.stack([samples[start : start + spec.frames][order] for start in starts])
        scores = classifier(windows).mean(axis=0)
        correct.append(scores[labels.index(video.label)] > scores[labels.index(opposite[video.label])])
    return float(np.mean(correct))


def main() -> None:
    """Train for each seed, and print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    dataset = open_dataset("figures")
    accuracies = []
    for seed in seeds:
        start, cpu_start = time.perf_counter(), time.process_time()
        end = start

        def note_end(progress: Progress) -> None:
            nonlocal end
            if progress.stage is Stage.TRAIN:
                end = time.perf_counter()

        result = train(dataset, recipe_for("lrcn", "figures", seed=seed), note_end)
        evaluation = result.outcome.examination
        if evaluation is None:
            raise SystemExit("stopped")
        accuracies.append(evaluation.report.accuracy)
        print(
            f"seed {seed}: accuracy {evaluation.report.accuracy:.3f} on {len(evaluation.report.clips)} clips, "
            f"trained in {end - start:.0f} s "
            f"({(time.process_time() - cpu_start) / (os.cpu_count() or 1):.0f} s on an idle machine); "
            f"reversed pairs {pair_accuracy(result.classifier, result.split.test, shuffle=False):.3f}, "
            f"shuffled {pair_accuracy(result.classifier, result.split.test, shuffle=True):.3f}",
            flush=True,
        )
    print(f"mean accuracy {mean(accuracies):.3f}, minimum {min(accuracies):.3f}")


if __name__ == "__main__":
    main()
