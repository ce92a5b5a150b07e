"""`make pictures`: the sample on Home, stills of the samples, and README's screenshot, all of generated videos."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import cv2

from har.annotation import ANNOTATED, annotate
from har.datasets.figures import SAMPLES, make_sample
from har.video import make_preview, probe, read_frames

ROOT = Path(__file__).resolve().parent.parent
ASSETS, IMAGES = ROOT / "pages" / "assets", ROOT / "docs" / "images"
STILL_SEC = {"six-actions": 7.4, "training": 8.0, "delivery": 7.0}  # moments at which something can be seen


def stills(folder: Path) -> None:
    """A picture of each sample."""
    for name in SAMPLES:
        make_sample(folder / f"{name}.mp4", name)
        with read_frames(probe(folder / f"{name}.mp4"), start_sec=STILL_SEC[name]) as reader:
            frame = next(reader)
        cv2.imwrite(str(ASSETS / f"{name}.jpg"), frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


def moving_sample(folder: Path) -> None:
    """The first sample with its labels, as small as a page wants it."""
    annotate(folder / "six-actions.mp4", folder / "out", "lrcn-figures")
    make_preview(probe(folder / "out" / ANNOTATED), ASSETS / "sample.mp4", mark="sample")


def screenshot(folder: Path) -> None:
    """The result page of the first sample, as a visitor sees it."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"],
        cwd=ROOT,
        env=os.environ | {"HAR_HOME": str(folder / "home")},
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 1240}, device_scale_factor=1)
            page.goto(f"http://127.0.0.1:{port}/annotate")
            page.get_by_role("button", name="Annotate", exact=True).click()
            video = page.locator("video").first
            video.wait_for(timeout=180_000)
            page.locator(".player .item").first.wait_for()
            video.evaluate("v => { v.controls = false; v.currentTime = 7.4 }")
            page.wait_for_timeout(3000)
            page.screenshot(path=IMAGES / "annotate.png")
            browser.close()
    finally:
        app.terminate()
        app.wait()


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  our own address
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the app did not start")


if __name__ == "__main__":
    ASSETS.mkdir(exist_ok=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        stills(Path(name))
        moving_sample(Path(name))
        screenshot(Path(name))
