"""`python -m benchmarks.live [--only PART …] [--seconds N] [--data DIR]`: trying a classifier live.

`visitors`: one and five visitors of MoViNet, without browsers, who send what the panel's script sends: how long an
answer takes after the last frame of its bundle, the processor time of the web process, and the bandwidth. `browser`: a
real one, whose camera shows a film of figures: how long after a change of the action its label is shown, how much of
the time it is the right one, and the bandwidth. `accuracy`: windows of clips whose frames come as the panel sends them,
at the quality that its bandwidth allows, and the same windows from the file.
"""

import argparse
import io
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from benchmarks.camera_film import agreement, changes, lags_sec, watch, write_film
from benchmarks.pretrained import ACCEPTED, DATA, clips_of
from benchmarks.running import camera, chromium, running_app
from har.api import load_classifier
from har.classifier import Classifier, read_card
from har.clips import Samples
from har.live import LiveSession
from har.recognition import score
from har.timeline import TimelineOptions
from har.video import probe
from stress.soak.live import camera_frames, go_live, open_panel
from stress.soak.measurements import LIVE, percentile
from ui.live.panel import KBIT_PER_SEC

_CLASSIFIER = "movinet-ucf101-10"
_PLAIN = TimelineOptions(threshold=0.0, hysteresis=0.0, min_sec=0.0, smooth_sec=0.0)  # each window by itself
_QUALITY = (30, 90, 5)  # least, most and step, as in ui/assets/live/live.js
_CHANGES = 6  # of the film's action
_MOST_SEC = 120.0  # to see them


def visitors(count: int, seconds: float) -> Iterator[str]:
    """Lines about so many visitors at the same time."""
    card = read_card(_CLASSIFIER)
    rate = float(card.spec.rate)
    answers: list[float] = []
    sent: list[float] = []
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="live-") as folder, running_app(Path(folder) / "home") as app:

        def note(kind: str, sec: float) -> None:
            if kind == LIVE:
                answers.append(sec)

        tabs = [open_panel(app.url, card.title, on_interaction=note) for _ in range(count)]

        def visit(number: int) -> None:
            tab, before = tabs[number], tabs[number].sent_bytes
            frames = camera_frames(card.spec.width, card.spec.height, rate, number)
            for answer in go_live(tab, seconds, frames, rate):
                problems.extend([answer["problem"]] if "problem" in answer else [])
            sent.append((tab.sent_bytes - before) * 8 / seconds / 1000)

        web = psutil.Process(app.pid)
        before = web.cpu_times()
        threads = [threading.Thread(target=visit, args=(number,)) for number in range(count)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took_sec, after = time.monotonic() - began, web.cpu_times()
        for tab in tabs:
            tab.close()
    busy = (after.user + after.system - before.user - before.system) / took_sec
    yield (
        f"{count} visitors, {seconds:g} s: {len(answers)} answers, p50 {1000 * percentile(answers, 50):.0f} ms, p95 "
        f"{1000 * percentile(answers, 95):.0f} ms, at most {1000 * max(answers, default=0):.0f} ms; web process "
        f"{busy:.2f} of a core; {statistics.mean(sent):.0f} kbit/s up each"
    )
    yield from problems


def browser() -> Iterator[str]:
    """Lines about a real browser in front of a film of figures."""
    sent_bytes = [0]

    def count(data: str | bytes) -> None:
        sent_bytes[0] += len(data)

    title = read_card("lrcn-figures").title
    with tempfile.TemporaryDirectory(prefix="live-") as folder:
        film = write_film(Path(folder) / "film")
        with running_app(Path(folder) / "home") as app, chromium(camera(film)) as real:
            page = real.new_page(base_url=app.url)
            page.on("websocket", lambda socket: socket.on("framesent", count))
            page.goto("/annotate")
            page.get_by_text("Camera", exact=True).click()
            page.get_by_role("combobox", name="Classifier").click()
            page.get_by_role("option", name=title).click()
            page.get_by_text("for the last 2 s").wait_for()
            began = time.monotonic()
            page.get_by_role("button", name="Start the camera").click()
            page.locator(".live .over").wait_for()
            first_sec, began, sent_bytes[0] = time.monotonic() - began, time.monotonic(), 0
            seen = watch(page, page.locator(".live"), lambda seen: len(changes(seen)) >= _CHANGES, _MOST_SEC)
            kbit = sent_bytes[0] * 8 / (time.monotonic() - began) / 1000
    lags = sorted(lags_sec(seen))
    span_sec = read_card("lrcn-figures").spec.span_sec
    yield f"browser, {title}: the first label {first_sec:.1f} s after the press; {kbit:.0f} kbit/s up"
    yield (
        f"  {len(changes(seen))} changes of the action; the label {', '.join(f'{lag:.1f}' for lag in lags)} s later; "
        f"half a window is {span_sec / 2:g} s"
    )
    yield (
        f"  right {agreement(seen, span_sec / 2 + 1):.3f} of the time from half a window and 1 s after a change on, "
        f"{agreement(seen, 0):.3f} of all"
    )


def as_sent(frames: np.ndarray, bytes_per_frame: float) -> list[bytes]:
    """Frames as WebP, with the quality that the panel's script would choose for each.

    Args:
        frames: `(time, height, width, 3)`.
        bytes_per_frame: as text in base64.
    """
    least, most, step = _QUALITY
    quality, sent = 50, []
    for frame in frames:
        file = io.BytesIO()
        Image.fromarray(frame).save(file, "WEBP", quality=quality)
        size = len(file.getvalue()) * 4 / 3
        if size > bytes_per_frame:
            quality = max(least, quality - step)
        elif size < 0.8 * bytes_per_frame:
            quality = min(most, quality + step)
        sent.append(file.getvalue())
    return sent


@dataclass(frozen=True)
class Compared:
    """A clip's windows, and the bandwidth of its frames."""

    labels: list[tuple[str, str]]  # the most probable one of each window: from the file, and as the panel sends it
    kbit_per_sec: float


def compare(path: Path, classifier: Classifier) -> Compared:
    """Score a clip's windows from the file, and as the panel sends them."""
    info, spec = probe(path), classifier.card.spec
    scores = score(info, classifier, float(1 / spec.rate), find_cuts=False).scores
    now, rate = [0.0], float(spec.rate)
    session = LiveSession(classifier, _PLAIN, clock=lambda: now[0])
    live: list[str] = []
    sent = as_sent(np.stack(list(Samples(info, spec))), KBIT_PER_SEC * 1000 / 8 / rate)
    for number, data in enumerate(sent):
        now[0] = number / rate
        live += [str(label.label) for label in session.add([(number / rate, data)]).labels]
    from_file = [scores.labels[place] for place in scores.probabilities.argmax(axis=1)]
    kbit = sum(map(len, sent)) * 4 / 3 * 8 / 1000 / (len(sent) / rate)
    return Compared(list(zip(from_file, live, strict=True)), kbit)


def accuracy(data: Path, most: int) -> Iterator[str]:
    """A line for each classifier and folder of clips."""
    ten = {f"ucf101_10/{label}": {label} for label in read_card(_CLASSIFIER).labels}
    for name, kinds in ((_CLASSIFIER, ten), ("movinet-kinetics600", ACCEPTED)):
        classifier = load_classifier(name)
        rows: dict[str, list[tuple[bool, bool, bool]]] = {}  # of a folder's windows: right, right live, the same label
        kbits: dict[str, list[float]] = {}
        for kind, accepted in kinds.items():
            folder = kind.partition("/")[0]
            for path in clips_of(data / kind, most):
                compared = compare(path, classifier)
                kbits.setdefault(folder, []).append(compared.kbit_per_sec)
                for from_file, live in compared.labels:
                    row = (from_file in accepted, live in accepted, from_file == live)
                    rows.setdefault(folder, []).append(row)
        for folder, found in rows.items():
            (right, right_live, same), kbit = np.mean(found, axis=0), kbits[folder]
            yield (
                f"{name}, {folder}, {len(found)} windows of {len(kbit)} clips: right from the file {right:.3f}, live "
                f"{right_live:.3f}, the same label {same:.3f}; {np.mean(kbit):.0f} kbit/s, at most {max(kbit):.0f}"
            )


def main() -> None:
    """Print the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=("visitors", "browser", "accuracy"))
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clips", type=int, default=5, help="at most, of each folder")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], Iterator[str]]] = {
        "visitors": lambda: (line for count in (1, 5) for line in visitors(count, arguments.seconds)),
        "browser": browser,
        "accuracy": lambda: accuracy(arguments.data, arguments.clips),
    }
    for name in arguments.only or parts:
        for line in parts[name]():
            print(line, flush=True)


if __name__ == "__main__":
    main()
