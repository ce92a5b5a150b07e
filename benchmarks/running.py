"""The real app, started as a user does, with a folder and a port of its own, and a browser.

Used by measurements, screenshots and browser tests.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import requests

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parent.parent
_START_SEC = 90
_running: "Playwright | None" = None
# Without windows, Chromium needs less work to draw a page.
_CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """Path of the installed Chromium; None if there is none."""
    return next(filter(None, map(shutil.which, _CHROMIUMS)), None)


@contextmanager
def chromium(arguments: Sequence[str] = ()) -> Iterator["Browser"]:
    """Start the installed Chromium, until the block ends.

    Args:
        arguments: more of the command line's, such as those of `camera`.

    Raises:
        RuntimeError: none is installed.
    """
    if (path := chromium_path()) is None:
        raise RuntimeError(f"no Chromium is installed; any of {', '.join(_CHROMIUMS)} will do")
    with _playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()


@contextmanager
def _playwright() -> Iterator["Playwright"]:
    """Start Playwright until the block ends, or use the one that is running: a process can have only one."""
    global _running
    if _running is not None:
        yield _running
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as _running:
        try:
            yield _running
        finally:
            _running = None


def camera(film: Path, *, allowed: bool = True) -> list[str]:
    """Arguments for a Chromium with a camera that shows a film again and again.

    Args:
        film: a `.mjpeg` or `.y4m` file.
        allowed: whether pages that ask for the camera get it; otherwise they are refused.
    """
    answer = "--use-fake-ui-for-media-stream" if allowed else "--use-fake-ui-for-media-stream=deny"
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}", answer]


@dataclass(frozen=True)
class App:
    """A running app."""

    url: str
    home: Path  # its `HAR_HOME`
    pid: int  # of the web process
    log: Path  # its output

    def processes(self) -> list[psutil.Process]:
        """The web process and all its descendants."""
        web = psutil.Process(self.pid)
        return [web, *web.children(recursive=True)]


@contextmanager
def running_app(home: Path, settings: Mapping[str, str] | None = None, script: str = "app.py") -> Iterator[App]:
    """Start the app, until the block ends.

    Args:
        home: becomes `HAR_HOME`; the log is written next to it.
        settings: more environment variables.
        script: to run instead of the app's.

    Raises:
        RuntimeError: it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home.with_name(f"{home.name}.log")
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"],
            cwd=ROOT,
            env=os.environ | {"HAR_HOME": str(home), "PYTHONPATH": str(ROOT)} | dict(settings or {}),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    app = App(f"http://127.0.0.1:{port}", home, process.pid, log)
    try:
        _wait_until_up(app.url, process)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SEC
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(requests.RequestException):
            if requests.get(f"{url}/_stcore/health", timeout=2).ok:
                return
        time.sleep(0.1)
    raise RuntimeError("the app did not start")
