"""`python -m benchmarks.scoring`: probabilities for every sampled frame, naively and with `har.recognition`.

The naive way runs the whole network on the last frames with `model.predict`, once per sampled frame. `har.recognition`
runs the encoder once per frame, and the LSTM on windows of its features. Both run alternately.
"""

import tempfile
import time
from collections import deque
from fractions import Fraction
from pathlib import Path
from statistics import median

import numpy as np

from har import networks
from har.classifier import Card, Classifier, TrainingData
from har.clips import ClipSpec, Samples
from har.recognition import score
from har.video import VideoInfo, probe, write_video

ROUNDS = 3


def naive(info: VideoInfo, classifier: Classifier) -> np.ndarray:
    """One call of `predict` per sampled frame."""
    recent: deque[np.ndarray] = deque(maxlen=classifier.card.spec.frames)
    rows = []
    for frame in Samples(info, classifier.card.spec):
        recent.append(frame)
        if len(recent) == recent.maxlen:
            rows.append(classifier.model.predict(np.stack(recent)[None], verbose=0)[0])
    return np.array(rows)


def main() -> None:
    """Print both times, their ratio, and the largest difference of probabilities."""
    spec = ClipSpec()
    card = Card("", "", "", "lrcn", tuple("abcdefghij"), spec, 0.1, "MIT", TrainingData("none"))
    classifier = Classifier.from_model(card, networks.build("lrcn", 10, spec))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.mp4"
        random = np.random.default_rng(0)
        write_video(path, (random.integers(0, 255, (240, 320, 3), np.uint8) for _ in range(500)), Fraction(25))
        info = probe(path)
        times: dict[str, list[float]] = {"naive": [], "ours": []}
        for _ in range(ROUNDS):
            began = time.perf_counter()
            expected = naive(info, classifier)
            times["naive"].append(time.perf_counter() - began)
            began = time.perf_counter()
            actual = score(info, classifier).scores.probabilities
            times["ours"].append(time.perf_counter() - began)
    slow, fast = median(times["naive"]), median(times["ours"])
    print(f"20 s of 320×240, decoding included: naive {slow:.2f} s, ours {fast:.2f} s, ratio {slow / fast:.0f}")
    print(f"largest difference of a probability {np.abs(expected - actual).max():.1e}")


if __name__ == "__main__":
    main()
