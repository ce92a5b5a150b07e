"""`python -m benchmarks.explain [--clips N]`: where `lrcn-figures` looks in generated clips of actors unknown to it.

The generator knows where the person is. For N correctly recognised clips, it prints the mean heat inside the person's
box divided by the mean heat outside, for heatmaps as in the app (gradients and outputs multiplied cell by cell) and for
Grad-CAM (mean gradient of each channel).

Then it checks whether heatmaps depend on the network at all (Adebayo et al. 2018, https://arxiv.org/abs/1810.03292):
weights are randomised, layer by layer from the last to the first, and heatmaps are compared with those of the trained
network by rank correlation. Heatmaps that stay the same would depend on the image alone.
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
from har.datasets.figures.clips import FPS
from har.evaluation import unseen
from har.explain.gradients import heatmap_layers, layer_gradients
from har.explain.heatmap import Heatmap, heatmap, resized
from har.networks.parts import ENCODER, HEAD, find_layer
from har.video import probe

_NAME = re.compile(r"v_(?P<label>\w+)_g(?P<group>\d+)_c(?P<clip>\d+)")
_LAYERS = ("labels", "lstm", "conv4", "conv3", "conv2", "conv1")  # of this classifier's network, from the last


def centre_clip(classifier: Classifier, path: Path) -> tuple[np.ndarray, int]:
    """The clip in the middle of a video, and the index of its first sample."""
    spec = classifier.card.spec
    samples = decode(probe(path), spec)
    first = (len(samples) - spec.frames) // 2
    return samples[first : first + spec.frames], first


def heatmap_of(classifier: Classifier, clip: np.ndarray, label: int, *, cell_by_cell: bool = True) -> Heatmap:
    """A heatmap for each frame."""
    gradients = layer_gradients(classifier.model, clip, label, heatmap_layers(classifier.model))
    return heatmap(gradients, len(clip), len(clip), cell_by_cell=cell_by_cell)


def ratio(heat: Heatmap, path: Path, first: int, rate: float) -> float:
    """Mean heat inside the person's box divided by mean heat outside, over all frames of a clip."""
    name = _NAME.fullmatch(path.stem)
    if name is None:
        raise SystemExit(f"{path} is not a generated clip")
    boxes = person_boxes(name["label"], int(name["group"]), int(name["clip"]))
    side = 64
    centres = (np.arange(side) + 0.5) / side
    pixels, inside = resized(heat, side, side), np.zeros((len(heat), side, side), bool)
    for number in range(len(heat)):
        left, top, right, bottom = boxes[min(round((first + number) / rate * FPS), len(boxes) - 1)]
        columns, rows = (centres >= left) & (centres <= right), (centres >= top) & (centres <= bottom)
        inside[number] = rows[:, None] & columns
    return float(pixels[inside].mean() / max(float(pixels[~inside].mean()), 1e-12))


def correlation(one: Heatmap, other: Heatmap) -> float:
    """Spearman's, of all cells of a clip; 0 if one is constant."""
    ranks = [pd.Series(each.ravel()).rank().to_numpy() for each in (one, other)]
    if min(float(np.ptp(each)) for each in ranks) == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def randomise(classifier: Classifier, name: str, random: np.random.Generator) -> None:
    """Permute the weights of a layer: the distribution stays, what was learnt does not."""
    for part in (ENCODER, HEAD):
        layer = find_layer(classifier.model.get_layer(part), name)
        for weight in layer.weights if layer is not None else []:
            values = weight.numpy()
            weight.assign(random.permutation(values.ravel()).reshape(values.shape))


def recognised(classifier: Classifier, count: int) -> list[tuple[LabelledVideo, np.ndarray, int]]:
    """Correctly recognised clips of unknown actors, with the clip in the middle and its first sample."""
    seen = {video.group for video in classifier.card.data.seen}
    groups = [group for group in GROUPS if f"g{group:02}" not in seen]
    open_figures(groups=groups)
    videos = unseen(classifier.card, list_figures(groups=groups))
    chosen: list[tuple[LabelledVideo, np.ndarray, int]] = []
    for index in np.random.default_rng(0).permutation(len(videos)):
        clip, first = centre_clip(classifier, videos[index].path)
        label = int(classifier(clip[None])[0].argmax())
        if classifier.card.labels[label] == videos[index].label:
            chosen.append((videos[index], clip, first))
        if len(chosen) == count:
            break
    return chosen


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=100)
    classifier = load("lrcn-figures")
    rate = float(classifier.card.spec.rate)
    chosen = recognised(classifier, parser.parse_args().clips)
    labels = classifier.card.labels
    trained = []
    for title, cell_by_cell in (("cell by cell (as in the app)", True), ("mean gradients (Grad-CAM)", False)):
        ratios = []
        for video, clip, first in chosen:
            heat = heatmap_of(classifier, clip, labels.index(video.label), cell_by_cell=cell_by_cell)
            ratios.append(ratio(heat, video.path, first, rate))
            if cell_by_cell:
                trained.append(heat)
        print(
            f"{title}: heat inside the person's box is {np.mean(ratios):.2f} times that outside "
            f"(mean of {len(ratios)} clips; median {np.median(ratios):.2f}, least {min(ratios):.2f})",
            flush=True,
        )
    random = np.random.default_rng(0)
    print("rank correlation with the trained network's heatmaps; weights randomised from the last layer to:")
    for name in _LAYERS:
        randomise(classifier, name, random)
        correlations = [
            correlation(before, heatmap_of(classifier, clip, labels.index(video.label)))
            for before, (video, clip, _) in zip(trained, chosen, strict=True)
        ]
        print(f"  {name:8} {np.mean(correlations):.2f}", flush=True)


if __name__ == "__main__":
    main()
