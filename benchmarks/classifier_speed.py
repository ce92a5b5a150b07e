"""`python -m benchmarks.classifier_speed`: how many seconds of video each bundled classifier scores per second.

On the generated 30 s sample (320×240), at each classifier's own stride, after one run to load and trace the network.
"""

import time
from statistics import median

from har.classifier import list_cards, load
from har.recognition import score
from har.results import bundled_sample
from har.settings import settings
from har.video import probe

ROUNDS = 3


def main() -> None:
    """Print one line per classifier."""
    info = probe(bundled_sample.VIDEO_FILE)
    for card in list_cards():
        if not (settings().weights / card.name).is_dir():
            continue
        classifier, times = load(card.name), []
        score(info, classifier)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            score(info, classifier)
            times.append(info.duration_sec / (time.perf_counter() - began))
        print(f"{card.name:24} {median(times):6.1f} × real time (worst {min(times):.1f})", flush=True)


if __name__ == "__main__":
    main()
