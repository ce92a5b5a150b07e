"""A real Chromium on the real app. Skipped, saying so, where no Chromium is installed."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil
import pytest

from har.datasets.figures import draw_clip
from har.video import write_video
from tests.conftest import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass(frozen=True)
class App:
    url: str
    home: Path
    web_process: psutil.Process


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app, started as a user starts it, in folders of its own."""
    yield from serve(tmp_path_factory, ROOT / "app.py")


def serve(tmp_path_factory, script):
    """Yields a script of Streamlit's as an `App`; whatever it has logged, no traceback is in it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed; .ci/run installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, home = tmp_path_factory.mktemp("app") / "log", tmp_path_factory.mktemp("home")
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"],
            cwd=ROOT,
            env=os.environ | {"HAR_HOME": str(home), "PYTHONPATH": str(ROOT)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(f"{url}/_stcore/health", process)
        yield App(url, home, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=20)
    text = log.read_text(errors="replace")
    assert "Traceback" not in text, text


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed; .ci/run installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "a clip & more.mp4"
    write_video(path, draw_clip("JumpingJack", 3, 1), Fraction(25))
    return path


@pytest.fixture
def page(browser, app):
    context = browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def _wait_until_up(url, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the app did not start")
