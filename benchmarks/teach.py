"""`python -m benchmarks.teach`: a lesson on Teach, from an empty page to the first live label, with a camera of films.

Chromium's camera shows drawn people. Two classes of eight clips are recorded and trained with MoViNet, which is fetched
before. Then the camera shows both moves again, each by itself, and the labels are compared with what it shows.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.running import App, camera, chromium, running_app
from har.datasets.figures import draw_clip
from har.networks import published
from har.settings import override_settings
from har.video import run_ffmpeg, write_video

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CLASSES = {"Jumping jack": "JumpingJack", "Wave": "Wave"}  # names on the page, and actions of the figures
PEOPLE = (1, 2, 3)
LIVE_SEC, WINDOW_SEC = 20.0, 3.5  # of watching each move; in the first window of it, labels do not count
_MS = 300_000


def main() -> None:
    """Print how long each part takes, and how often the live label is right."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with override_settings(home=folder / "home"):
            published.fetch(published.MOVINET)
        films = {label: film(folder / f"{label}.mjpeg", action) for label, action in CLASSES.items()}
        shown = folder / "camera.mjpeg"
        shutil.copy(next(iter(films.values())), shown)
        with running_app(folder / "home") as app, chromium(camera(shown)) as browser:
            page = browser.new_page(base_url=app.url, viewport={"width": 1366, "height": 900})
            page.set_default_timeout(_MS)
            page.goto("/teach")
            page.get_by_role("button", name="Add a class").wait_for()
            time.sleep(10)  # for the workers to start
            began = time.monotonic()
            for number, (label, path) in enumerate(films.items()):
                with timed(f"8 clips of {label}"):
                    shutil.copy(path, shown)  # the camera opens it when it is started
                    record(page, number, label)
            for attempt in ("first", "second"):
                before = cpu_sec(app)
                with timed(f"training, {attempt} in its process"):
                    train(page)
                print(f"  of which on the processors: {cpu_sec(app) - before:.1f} s", flush=True)
                if attempt == "first":
                    with timed("first live label"):
                        stop = start_live(page)
                        label_of(page)
                    print(f"from the empty page to the first live label: {time.monotonic() - began:.0f} s", flush=True)
                    stop.click()
            right = total = 0
            for label, path in films.items():
                shutil.copy(path, shown)
                stop = start_live(page)
                labels = list(watch(page))
                stop.click()
                right += labels.count(label)
                total += len(labels)
                print(f"live, {label}: right {labels.count(label)} of {len(labels)} times", flush=True)
            print(f"live, outside of the first window: {right / total:.0%} right")


def film(path: Path, action: str) -> Path:
    """Write a film of several people who do the same, one after the other, as Chromium's camera takes it."""
    clip = path.with_suffix(".mp4")
    write_video(clip, (frame for person in PEOPLE for frame in draw_clip(action, person, 1)), Fraction(25))
    picture = ["-vf", "scale=640:480", "-r", "30", "-q:v", "4", "-pix_fmt", "yuvj420p", "-f", "mjpeg"]
    run_ffmpeg(["-i", str(clip), *picture, str(path)])
    return path


def record(page: "Page", number: int, label: str) -> None:
    """Name a class and record a series."""
    column = page.locator("[class*='st-key-teach-column-']").nth(number)
    box = column.get_by_role("textbox", name="Name of the class")
    box.fill(label)
    box.press("Enter")
    column.get_by_role("button", name="Record", exact=True).click()
    column.get_by_role("button", name="Record 8 clips").click()
    column.get_by_text("8 recorded.").wait_for()
    column.get_by_role("button", name="Close the camera").click()
    column.get_by_role("button", name="Record", exact=True).wait_for()


def train(page: "Page") -> None:
    """Train, and wait for the classifier."""
    page.get_by_role("button", name=re.compile("^Train")).click()
    page.get_by_role("heading", name="Training", exact=True).wait_for()
    page.get_by_role("button", name="Start the camera").wait_for()


def start_live(page: "Page") -> "Locator":
    """Start the live camera; returns the button that stops it."""
    page.locator(".live").get_by_role("button", name="Start the camera").click()
    return page.locator(".live").get_by_role("button", name="Stop")


def label_of(page: "Page") -> str:
    """The label over the picture, once there is one."""
    label = page.locator(".live .label")
    label.wait_for()
    return label.inner_text()


def watch(page: "Page") -> Iterator[str]:
    """The labels that are shown, four times a second, after the first window."""
    label_of(page)
    page.wait_for_timeout(1000 * WINDOW_SEC)
    until = time.monotonic() + LIVE_SEC
    while time.monotonic() < until:
        yield label_of(page)
        page.wait_for_timeout(250)


def cpu_sec(app: App) -> float:
    """Processor time that the app and its workers have used."""
    return sum(sum(process.cpu_times()[:2]) for process in app.processes())


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a block takes."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s (load {os.getloadavg()[0]:.1f})", flush=True)


if __name__ == "__main__":
    main()
