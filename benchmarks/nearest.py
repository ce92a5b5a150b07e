"""`python -m benchmarks.nearest [--clips N]`: what the nearest training clips say, by three ways to compare them.

Clips of actors that a classifier never saw are compared with those that trained it, by what its last layers are given
(as 'Why?' shows it), by the same without taking off the mean of all, and by the mean of what its encoder gives, over
time and place. Of the five nearest it prints how many show what the clip shows; how often the answer is right where
most of them agree with it, and where they do not; and the similarity of the nearest and of the median training clip.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from har.classifier import Classifier, load
from har.clips import cached
from har.datasets import LabelledVideo, open_dataset
from har.datasets.facts import info_of
from har.evaluation import unseen
from har.explain.nearest import NEAREST, similarities
from har.networks.last import embedder

Vectors = dict[str, np.ndarray]  # (clips, width), by name


def middles(classifier: Classifier, videos: Sequence[LabelledVideo]) -> np.ndarray:
    """The middle clip of each video."""
    spec = classifier.card.spec

    def middle(video: LabelledVideo) -> np.ndarray:
        samples = cached(video.content, info_of(video), spec)
        begin = (len(samples) - spec.frames) // 2
        return samples[begin : begin + spec.frames].copy()

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(middle, videos)))


def last_layers(classifier: Classifier, clips: np.ndarray) -> Vectors:
    """What the last layers are given."""
    look = embedder(classifier.model)
    found = [look(clips[at : at + 8]) for at in range(0, len(clips), 8)]
    return {name: np.concatenate([each[name] for each in found]) for name in found[0]}


def encoder_means(classifier: Classifier, clips: np.ndarray) -> Vectors:
    """What the encoder gives, meaned over time and place."""
    together = classifier.moment_frames
    rows = []
    for clip in clips:
        moments = np.stack([clip[at : at + together] for at in range(len(clip) + 1 - together)])
        given = classifier.encode(moments[:, 0] if together == 1 else moments)
        rows.append(given.reshape(-1, given.shape[-1]).mean(axis=0))
    return {"encoder": np.stack(rows)}


def plain(kept: Mapping[str, np.ndarray], one: Mapping[str, np.ndarray]) -> np.ndarray:
    """Cosines of the vectors as they are."""
    cosines: np.ndarray = np.mean(
        [rows @ one[name][0] / np.linalg.norm(rows, axis=1) / np.linalg.norm(one[name]) for name, rows in kept.items()],
        axis=0,
    )
    return cosines


def compare(
    title: str,
    alike: Callable[[Vectors, Vectors], np.ndarray],
    kept: Vectors,
    asked: Vectors,
    labels: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Print a line. Labels: of the training clips, of the others, and what is said of these."""
    theirs, true, said = labels
    found = np.stack(
        [alike(kept, {name: rows[at : at + 1] for name, rows in asked.items()}) for at in range(len(true))]
    )
    nearest = theirs[np.argsort(-found, axis=1)[:, :NEAREST]]  # (clips, 5)
    same = (nearest == true[:, None]).mean()
    agree = 2 * (nearest == said[:, None]).sum(axis=1) >= NEAREST
    right = said == true
    parts = [f"{right[each].sum()} of {each.sum()}" for each in (agree, ~agree)]
    print(
        f"  {title:30} {same:6.1%} show the same; right where they agree {parts[0]}, where not {parts[1]}; "
        f"nearest {np.median(found.max(axis=1)):.2f}, median {np.median(found):.2f}"
    )


def main() -> None:
    """Both classifiers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--clips", type=int, default=200, help="that did not train it, and twice as many that did, at most"
    )
    count = parser.parse_args().clips
    dataset = open_dataset("figures")
    for name in ("lrcn-figures", "convlstm-figures"):
        classifier = load(name)
        known = {seen.path for seen in classifier.card.data.trained}
        trained = [video for video in dataset.videos if f"{video.path.parent.name}/{video.path.name}" in known]
        trained = trained[:: -(-len(trained) // (2 * count))]
        others = sorted(unseen(classifier.card, dataset), key=lambda video: video.path.name[::-1])[:count]
        clips, asked = middles(classifier, trained), middles(classifier, others)
        said = np.concatenate([classifier(asked[at : at + 8]) for at in range(0, len(asked), 8)]).argmax(axis=1)
        labels = (
            np.array([video.label for video in trained]),
            np.array([video.label for video in others]),
            np.array(classifier.card.labels)[said],
        )
        print(f"{name}: {len(others)} clips, compared with {len(trained)}")
        last = last_layers(classifier, clips), last_layers(classifier, asked)
        compare("last layers, as shown", similarities, *last, labels)
        compare("last layers, with the mean", plain, *last, labels)
        means = encoder_means(classifier, clips), encoder_means(classifier, asked)
        compare("encoder, mean over time", similarities, *means, labels)


if __name__ == "__main__":
    main()
