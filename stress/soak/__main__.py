"""`python -m stress.soak [--minutes 30] [--sessions 20] [--hostile 0] [--live 2]`: many visitors at the app.

Promises: no error page, no finished result lost, 95 of 100 interactions under 1.5 s while jobs run, 95 of 100 answers
to those who try a classifier live under 1 s, all processes together always under 1.6 GB, and at the end no more than
after a third of the time. Exits 1 if one is broken.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

from benchmarks.running import App, running_app
from har.datasets.figures import draw_clip
from har.datasets.figures.clips import FPS
from har.video import write_video
from stress.soak.client import Session
from stress.soak.connection import AppUnresponsive
from stress.soak.live import LiveVisitor
from stress.soak.measurements import LIVE, Measurements, Result, percentile
from stress.soak.memory import MemorySampler, growth_mb
from stress.soak.stranger import Stranger
from stress.soak.visitor import Visitor

MAX_LIVE_P95_SEC = 1.0
MAX_P95_SEC, MAX_MB, MAX_GROWTH_MB = 1.5, 1600.0, 64.0


def main() -> None:
    """Run the visitors and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--hostile", type=int, default=0, help="how many of them attack the app")
    parser.add_argument("--live", type=int, default=2, help="how many more try a classifier on their camera")
    parser.add_argument("--no-training", dest="trains", action="store_false", help="no visitor trains a classifier")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--home", type=Path, help="folder for the app's data, which is kept; by default a temporary one"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
        home = options.home or Path(folder) / "home"
        video = Path(folder) / "upload.mp4"
        write_video(video, draw_clip("Squat", 31, 1), Fraction(FPS))
        with running_app(home) as app:
            measurements, sampler = Measurements(), MemorySampler(app)
            visit(app, measurements, video, options)
            sampler.close()
            lost = [result for result in measurements.results if not is_available(app, result)]
            traces = app.log.read_text(errors="replace").count("Traceback")
    kept = report(measurements, sampler, lost, traces, options.minutes * 20)
    sys.exit(0 if kept else 1)


def visit(app: App, measurements: Measurements, video: Path, options: argparse.Namespace) -> None:
    """Start the visitors within the first half minute, and let them stay until the time is up.

    The first ones are hostile; those that try a classifier live are more.
    """
    count, seconds = options.sessions, options.minutes * 60
    end_sec = time.monotonic() + seconds
    threads = []
    for number in range(count + options.live):
        rng = random.Random(f"{options.seed}-{number}")  # noqa: S311
        visitor: Stranger | Visitor | LiveVisitor
        if number < options.hostile:
            visitor = Stranger(app.url, rng, measurements, end_sec)
        elif number < count:
            visitor = Visitor(app.url, rng, measurements, video, end_sec, options.trains)
        else:
            visitor = LiveVisitor(app.url, rng, measurements, end_sec)
        threads.append(threading.Thread(target=visitor.run, name=f"visitor {number}"))
        threads[-1].start()
        time.sleep(min(1.5, seconds / 4 / count))
    for thread in threads:
        thread.join()


def is_available(app: App, result: Result) -> bool:
    """Whether a finished result opens in a new tab of the same browser, and its video plays."""
    try:
        tab = Session(app.url, result.address, result.owner)
        available = result.marker in tab.page.text()
        for video, _ in tab.page.widgets("video"):
            available = available and len(tab.fetch(video.url)) > 0
        tab.close()
    except (AppUnresponsive, OSError):
        return False
    return available


def report(
    measurements: Measurements, sampler: MemorySampler, lost: list[Result], traces: int, warm_up_sec: float
) -> bool:
    """Print all figures; return whether all promises were kept."""
    print(f"visits: {', '.join(f'{count} {what}' for what, count in measurements.visits.most_common())}")
    for kind, seconds in sorted(measurements.seconds.items()):
        print(
            f"{kind}: {len(seconds)} times, p50 {percentile(seconds, 50):.2f} s, p95 {percentile(seconds, 95):.2f} s, "
            f"at most {max(seconds):.2f} s"
        )
    for what, count in measurements.refusals.most_common():
        print(f"message {count} times: {what[:200]}")
    for what, count in measurements.faults.most_common():
        print(f"WRONG {count} times: {what[:400]}")
    p95_sec = percentile(measurements.interactions(), 95)
    answers = measurements.seconds[LIVE]
    live_sec = percentile(answers, 95)
    worst = max(sampler.samples, key=lambda sample: sample.all_mb)
    parts = ", ".join(f"{part} {size_mb:.0f}" for part, size_mb in worst.parts_mb.items())
    print(f"most memory after {worst.at_sec:.0f} s, MB: {parts}")
    growth = {part: growth_mb(sampler.samples, warm_up_sec, part) for part in ("web_mb", "all_mb")}
    web_mb = max(sample.web_mb for sample in sampler.samples)
    print(f"memory of the web process: at most {web_mb:.0f} MB, grew by {growth['web_mb']:.0f} MB after the warm-up")
    faults = sum(measurements.faults.values())
    promises = {
        f"no error page ({faults}, and {traces} tracebacks in the log)": not faults and not traces,
        f"no finished result lost ({len(lost)} of {len(measurements.results)})": not lost
        and bool(measurements.results),
        f"p95 of {len(measurements.interactions())} interactions under {MAX_P95_SEC} s ({p95_sec:.2f} s)": p95_sec
        < MAX_P95_SEC,
        f"p95 of {len(answers)} live answers under {MAX_LIVE_P95_SEC} s ({live_sec:.2f} s)": live_sec
        < MAX_LIVE_P95_SEC,
        f"all processes under {MAX_MB:.0f} MB ({worst.all_mb:.0f} MB)": worst.all_mb < MAX_MB,
        f"flat after the first third ({growth['all_mb']:+.0f} MB)": growth["all_mb"] < MAX_GROWTH_MB,
    }
    for promise, is_kept in promises.items():
        print(f"{'kept  ' if is_kept else 'BROKEN'} {promise}")
    return all(promises.values())


if __name__ == "__main__":
    main()
