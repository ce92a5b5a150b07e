"""`python -m benchmarks.sample_accuracy`: generated samples annotated by `lrcn-figures`, against what truly happens."""

import tempfile
from pathlib import Path

from har.classifier import load
from har.datasets.figures import SAMPLES, make_sample
from har.recognition import score
from har.results import LabelOptions, label
from har.timeline import Segment, Timeline, frame_accuracy
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
            right = frame_accuracy(frames, Timeline(tuple(Segment(*part, 1.0, 0) for part in truth)))
            unsure = float((frames.label_index < 0).mean())
            count = len(frames.times_sec)
            print(f"{name}: {right:.3f} of {count} frames right, {unsure:.3f} unsure, {1 - right - unsure:.3f} wrong")


if __name__ == "__main__":
    main()
