"""`python -m benchmarks.sample_accuracy`: generated samples annotated by `lrcn-figures`, against what truly happens."""

import tempfile
from pathlib import Path

import numpy as np

from har.annotation import LabelOptions, label
from har.classifier import load
from har.datasets.figures import SAMPLES, make_sample
from har.recognition import score
from har.video import probe


def main() -> None:
    """Print the share of frames that are right, unsure and wrong, sample by sample."""
    classifier = load("lrcn-figures")
    with tempfile.TemporaryDirectory() as folder:
        for name in SAMPLES:
            path = Path(folder) / f"{name}.mp4"
            truth = make_sample(path, name)
            scored = score(probe(path), classifier)
            frames = label(scored, LabelOptions()).frames
            ends = np.array([segment.end_sec for segment in truth])
            true = [truth[min(i, len(truth) - 1)].label for i in np.searchsorted(ends, frames.times_sec, side="right")]
            said = [frames.label(frame) for frame in range(len(true))]
            right = float(np.mean([answer == action for answer, action in zip(said, true, strict=True)]))
            unsure = float(np.mean([answer is None for answer in said]))
            print(
                f"{name}: {right:.3f} of {len(true)} frames right, {unsure:.3f} unsure, {1 - right - unsure:.3f} wrong"
            )


if __name__ == "__main__":
    main()
