"""`python -m benchmarks.explain [--clips N]`: where `lrcn-figures` looks, on generated clips of actors it never saw.

The generator knows where the person stands. Of so many clips that are recognised, it prints the mean heat inside the
person's box divided by the mean heat outside, for heat as the app shows it (slope and channel multiplied cell by cell)
and as Grad-CAM has it (mean slope of each channel).

Then it asks whether heat tells anything of the network at all (Adebayo et al. 2018, https://arxiv.org/abs/1810.03292):
weights become random, layer after layer from the last to the first, and the heat is compared with that of the trained
network by rank correlation. Heat that stays the same would be of the picture alone.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd

from har.classifier import Classifier, load
from har.clips import decode
from har.datasets import LabelledVideo
from har.datasets.figures import GROUPS, list_figures, open_figures, person_boxes
from har.datasets.figures.shots import FPS
from har.evaluation import unseen
from har.explain.heat import Heat, enlarged, heat
from har.explain.network import look_inside, pictures
from har.video import probe

_NAME = re.compile(r"v_(?P<label>\w+)_g(?P<group>\d+)_c(?P<clip>\d+)")
_LAYERS = ("labels", "lstm", "conv4", "conv3", "conv2", "conv1")


def middle(classifier: Classifier, path: Path) -> tuple[np.ndarray, int]:
    """The clip in the middle, and the number of its first sample."""
    spec = classifier.card.spec
    samples = decode(probe(path), spec)
    first = (len(samples) - spec.frames) // 2
    return samples[first : first + spec.frames], first


def shown(classifier: Classifier, clip: np.ndarray, label: int, *, cell_by_cell: bool = True) -> Heat:
    """Heat for each frame."""
    inside = look_inside(classifier.model, clip, label, pictures(classifier.model))
    return heat(inside, len(clip), len(clip), cell_by_cell=cell_by_cell)


def ratio(found: Heat, path: Path, first: int, rate: float) -> float:
    """Mean heat inside the person's box by mean heat outside, over all frames of a clip."""
    name = _NAME.fullmatch(path.stem)
    if name is None:
        raise SystemExit(f"{path} is none of the generated clips")
    boxes = person_boxes(name["label"], int(name["group"]), int(name["clip"]))
    side = 64
    middles = (np.arange(side) + 0.5) / side
    large, inside = enlarged(found, side, side), np.zeros((len(found), side, side), bool)
    for number in range(len(found)):
        left, top, right, bottom = boxes[min(round((first + number) / rate * FPS), len(boxes) - 1)]
        across, down = (middles >= left) & (middles <= right), (middles >= top) & (middles <= bottom)
        inside[number] = down[:, None] & across
    return float(large[inside].mean() / max(float(large[~inside].mean()), 1e-12))


def correlation(one: Heat, other: Heat) -> float:
    """Spearman's, of all cells of a clip; 0 where one is the same everywhere."""
    ranks = [pd.Series(each.ravel()).rank().to_numpy() for each in (one, other)]
    if min(float(np.ptp(each)) for each in ranks) == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def randomise(classifier: Classifier, name: str, random: np.random.Generator) -> None:
    """Shuffle the weights of a layer among themselves: as large as before, but without what was learnt."""
    for half in ("encoder", "head"):
        for layer in classifier.model.get_layer(half).layers:
            if layer.name == name:
                for weight in layer.weights:
                    values = weight.numpy()
                    weight.assign(random.permutation(values.ravel()).reshape(values.shape))


def recognised(classifier: Classifier, count: int) -> list[tuple[LabelledVideo, np.ndarray, int]]:
    """So many clips of actors never seen that are recognised, with the middle clip and its first sample."""
    seen = {video.group for video in classifier.card.data.seen}
    groups = [group for group in GROUPS if f"g{group:02}" not in seen]
    open_figures(groups=groups)
    videos = unseen(classifier.card, list_figures(groups=groups))
    found: list[tuple[LabelledVideo, np.ndarray, int]] = []
    for index in np.random.default_rng(0).permutation(len(videos)):
        clip, first = middle(classifier, videos[index].path)
        label = int(classifier(clip[None])[0].argmax())
        if classifier.card.labels[label] == videos[index].label:
            found.append((videos[index], clip, first))
        if len(found) == count:
            break
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=100)
    classifier = load("lrcn-figures")
    rate = float(classifier.card.spec.rate)
    chosen = recognised(classifier, parser.parse_args().clips)
    labels = classifier.card.labels
    trained = []
    for title, cell_by_cell in (("cell by cell (as shown)", True), ("mean slopes (Grad-CAM)", False)):
        ratios = []
        for video, clip, first in chosen:
            found = shown(classifier, clip, labels.index(video.label), cell_by_cell=cell_by_cell)
            ratios.append(ratio(found, video.path, first, rate))
            if cell_by_cell:
                trained.append(found)
        print(
            f"{title}: heat inside the person's box is {np.mean(ratios):.2f} times that outside "
            f"(mean of {len(ratios)} clips; median {np.median(ratios):.2f}, least {min(ratios):.2f})",
            flush=True,
        )
    random = np.random.default_rng(0)
    print("rank correlation with the heat of the trained network, weights random from the last layer down to:")
    for name in _LAYERS:
        randomise(classifier, name, random)
        alike = [
            correlation(before, shown(classifier, clip, labels.index(video.label)))
            for before, (video, clip, _) in zip(trained, chosen, strict=True)
        ]
        print(f"  {name:8} {np.mean(alike):.2f}", flush=True)


if __name__ == "__main__":
    main()
