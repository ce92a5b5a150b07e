"""The real app, started as a user starts it, with folders and a port of its own, and a browser to look at it with.

What measures the app, what takes its pictures and what tests it in a browser all begin here.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import requests

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
_START_SEC = 90
# Without windows, Debian's Chromium draws a page for less work.
_CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """The Chromium that is installed; None: there is none."""
    return next(filter(None, map(shutil.which, _CHROMIUMS)), None)


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The Chromium that is installed, until the block is left.

    Raises:
        RuntimeError: there is none.
    """
    from playwright.sync_api import sync_playwright

    if (path := chromium_path()) is None:
        raise RuntimeError(f"no Chromium is installed; any of {', '.join(_CHROMIUMS)} will do")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class App:
    """A running app."""

    url: str
    home: Path  # its `HAR_HOME`
    pid: int  # of the web process
    log: Path  # what it printed

    def processes(self) -> list[psutil.Process]:
        """The web process and all that it started."""
        me = psutil.Process(self.pid)
        return [me, *me.children(recursive=True)]


@contextmanager
def running_app(home: Path, settings: Mapping[str, str] | None = None, script: str = "app.py") -> Iterator[App]:
    """The app with its data in a folder, until the block is left.

    Args:
        home: becomes `HAR_HOME`; the log is beside it.
        settings: more environment variables.
        script: another one than the app's.

    Raises:
        RuntimeError: it does not come up.
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
