"""`python -m benchmarks.novelty [--draws N] [--data DIR]`: do clips of other actions get a label?

For each draw a head on MoViNet is trained on five of ten classes of UCF101, without the groups 11 to 14. Of these,
clips of the five classes should keep their label, and clips of the other five should get none. Nothing of the latter,
neither class nor recording, is used before.
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import accuracy
from har.classifier import Classifier
from har.datasets import LabelledVideo, splits
from har.evaluation.novelty import known_probabilities
from har.evaluation.predictions import clip_probabilities, encode_clip
from har.training_pipeline import train_and_save

_KNOWN = 5  # classes


def labels_of(
    classifier: Classifier, videos: Iterable[LabelledVideo], probabilities: Callable[..., np.ndarray]
) -> list[str | None]:
    """The label of each clip: that of the highest mean probability, or None below the threshold."""
    card = classifier.card
    means = [probabilities(classifier, encode_clip(classifier, video)).mean(axis=0) for video in videos]
    return [card.labels[mean.argmax()] if mean.max() >= (card.threshold or 0) else None for mean in means]


def main() -> None:
    """Print the shares of each draw, and their means with 95 % intervals of the mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--data", type=Path, default=accuracy.DATA)
    arguments = parser.parse_args()
    protocol = accuracy.PROTOCOLS["ucf-movinet"]
    dataset = accuracy.open_protocol_dataset(protocol, arguments.data)
    foreign_groups = accuracy.UCF
    columns = ("foreign named", "without it", "recall", "lost", "estimate")
    print("  ".join(columns))
    rows: list[list[float]] = []
    for draw in range(arguments.draws):
        known = np.random.default_rng(draw).choice(dataset.labels, _KNOWN, replace=False)
        inside = replace(dataset, videos=tuple(video for video in dataset.videos if video.label in known))
        foreign = [video for video in dataset.videos if video.label not in known and video.group in foreign_groups]
        recipe = protocol.recipe(draw)
        split = splits.held_out(inside, foreign_groups, recipe.seed, 0.12)
        result = train_and_save(inside, recipe, split=split)
        novelty = result.outcome.examination and result.outcome.examination.novelty
        shares = []
        for probabilities in (known_probabilities, clip_probabilities):
            named = float(
                np.mean([label is not None for label in labels_of(result.classifier, foreign, probabilities)])
            )
            right = zip(labels_of(result.classifier, split.test, probabilities), split.test, strict=True)
            shares.append((named, float(np.mean([label == video.label for label, video in right]))))
        (named, recall), (named_closed, recall_closed) = shares
        rows.append([named, named_closed, recall, recall_closed - recall, novelty.named.value if novelty else np.nan])
        print("  ".join(f"{value:{len(name)}.3f}" for name, value in zip(columns, rows[-1], strict=True)), flush=True)
    for name, values in zip(columns, np.transpose(rows), strict=True):
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
        print(f"{name}: {values.mean():.3f} ± {half:.3f}")


if __name__ == "__main__":
    main()
