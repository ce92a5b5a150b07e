"""`python -m benchmarks.sample_accuracy`: frame accuracy of `lrcn-figures` on the generated samples."""

import tempfile
from pathlib import Path

from har.classifier import load
from har.datasets.figures import SAMPLES, make_sample
from har.recognition import score
from har.results import LabelOptions, label_scores
from har.timeline import Timeline, frame_accuracy
from har.video import probe


def main() -> None:
    """Print the share of correct, unsure and wrong frames of each sample."""
    classifier = load("lrcn-figures")
    with tempfile.TemporaryDirectory() as folder:
        for name in SAMPLES:
            path = Path(folder) / f"{name}.mp4"
            truth = Timeline(tuple(make_sample(path, name)))
            frames = label_scores(score(probe(path), classifier), LabelOptions()).frames
            correct = frame_accuracy(frames, truth)
            unsure = float((frames.label_index < 0).mean())
            shares = f"{correct:.3f} correct, {unsure:.3f} unsure, {1 - correct - unsure:.3f} wrong"
            print(f"{name}: of {len(frames.times_sec)} frames {shares}")


if __name__ == "__main__":
    main()
