"""Drawing in another process, which ends when it is idle.

The process that serves pages should stay small, and drawing takes memory. The other process runs `serve`: it reads
paths from its standard input and answers when each is drawn.
"""

import atexit
import os
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

from har.datasets.figures.dataset_files import draw_missing
from har.memory import release_unused, share_heaps

_IDLE_SEC = 20.0
_NICE = 5  # pages have priority, but users are waiting for the clips
_ROOT = Path(__file__).resolve().parents[3]


class DrawingProcess:
    """A process that draws one clip at a time, started when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Start the process in advance, which saves a second."""
        with self._lock:
            self._ensure_running()
            self._stop_later()

    def draw(self, path: Path) -> None:
        """Draw a missing file of the generated set. It is still missing afterwards if the process was killed."""
        with self._lock:
            if path.exists():
                return
            process = self._ensure_running()
            with suppress(BrokenPipeError):  # it was killed: the caller finds the file missing
                if process.stdin and process.stdout:
                    process.stdin.write(f"{path}\n")
                    process.stdin.flush()
                    process.stdout.readline()
            self._stop_later()

    def stop(self) -> None:
        """End the process; the next drawing starts another."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._stop()

    def _stop(self) -> None:
        if self._process is None:
            return
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # from data written before it was killed
                if stream:
                    stream.close()
        self._process.wait()
        self._process = None

    def _ensure_running(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._process is None:
            python_path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from har.datasets.figures.background_drawing import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": python_path},
            )
        return self._process

    def _stop_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(_IDLE_SEC, self.stop)
        self._timer.daemon = True
        self._timer.start()


@cache
def drawing_process() -> DrawingProcess:
    """The shared instance of this process."""
    process = DrawingProcess()
    atexit.register(process.stop)
    return process


def serve() -> None:
    """Draw the requested clips until standard input closes, which it does when the other process ends."""
    os.nice(_NICE)
    share_heaps()
    for line in sys.stdin:
        draw_missing([Path(line.rstrip("\n"))])
        sys.stdout.write("done\n")
        sys.stdout.flush()
        release_unused()
