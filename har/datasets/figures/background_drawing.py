"""Drawing in a process of its own, which gives its memory back when there has been nothing to draw for a while.

Drawing leaves a process with a few hundred megabytes that it does not need any more; one that serves pages should stay
small. The process runs `serve`: it reads paths from its standard input and answers each when it is drawn.
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

_IDLE_SEC = 20.0
_NICE = 5  # pages come first; but somebody looks at the place where the picture will be
_SOURCE = Path(__file__).resolve().parents[3]


class DrawingProcess:
    """A process that draws one clip after another, begun when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Start the process before it is needed, which saves a second then."""
        with self._lock:
            self._running()
            self._end_later()

    def draw(self, path: Path) -> None:
        """Draw a file of the generated set, unless it is there; it is missing still if the process has died of it."""
        with self._lock:
            if path.exists():
                return
            process = self._running()
            try:
                if process.stdin and process.stdout:
                    process.stdin.write(f"{path}\n")
                    process.stdin.flush()
                    process.stdout.readline()
            except BrokenPipeError:
                pass  # it has been killed: the file is missing, and who asked for it says so
            self._end_later()

    def stop(self) -> None:
        """End the process; the next drawing begins another."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # what was written to it before it was killed
                if stream:
                    stream.close()
        self._process.wait()
        self._process = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            places = os.pathsep.join(filter(None, [str(_SOURCE), os.environ.get("PYTHONPATH")]))
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from har.datasets.figures.background_drawing import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": places},
            )
        return self._process

    def _end_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(_IDLE_SEC, self.stop)
        self._timer.daemon = True
        self._timer.start()


@cache
def drawing_process() -> DrawingProcess:
    """The one of this process."""
    only = DrawingProcess()
    atexit.register(only.stop)
    return only


def serve() -> None:
    """Draw what is asked for until standard input closes: when the asking process ends, however it ends."""
    os.nice(_NICE)
    for line in sys.stdin:
        draw_missing([Path(line.rstrip("\n"))])
        sys.stdout.write("done\n")
        sys.stdout.flush()
