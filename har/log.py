"""What happens, without who: one line of JSON per event, and the latest errors, for operators.

Nothing that shows whose a job is or what it is about is logged: no file names, titles or ids, and of errors only their
class and where in the code they arose, since a message may quote a name.
"""

import json
import logging
import os
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_MAX_ERRORS = 50
_ROOT, _OURS = Path(__file__).resolve().parent.parent, ("har", "pages", "ui")
_log = logging.getLogger(__name__)
_silencing = threading.Lock()  # two at once could leave standard error closed
_errors: "deque[LoggedError]" = deque(maxlen=_MAX_ERRORS)


@dataclass(frozen=True)
class LoggedError:
    """An error that ended something."""

    at_sec: float  # since 1970
    kind: str  # of the job
    error: str  # the class's name
    place: str  # file and line of this project; empty if unknown


def record(event: str, error: BaseException | None = None, *, kind: str, **facts: str | float) -> None:
    """Write one line, at level ERROR if there is an error, which is also kept for `recent_errors`.

    `event` is a word, `kind` that of the job it happened to, and `facts` anything else that is not private.
    """
    now = time.time()
    line = {"at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"), "event": event, "kind": kind, **facts}
    if error is not None:
        logged = LoggedError(now, kind, type(error).__name__, source_location(error))
        _errors.append(logged)
        line |= {"error": logged.error} | ({"place": logged.place} if logged.place else {})
    _log.log(logging.INFO if error is None else logging.ERROR, json.dumps(line))


def recent_errors() -> tuple[LoggedError, ...]:
    """The latest errors, newest first."""
    return tuple(reversed(_errors))


def source_location(error: BaseException) -> str:
    """File and line of this project where an error arose, such as `har/render/burn.py:12`; empty if unknown."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _OURS:
            return f"{path.relative_to(_ROOT).as_posix()}:{frame.lineno}"
    return ""


def log_to_stderr() -> None:
    """Send the lines to standard error, and nowhere else. Further calls change nothing."""
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


@contextmanager
def without_messages() -> Iterator[None]:
    """Discard what libraries write to standard error in this block, also from C++ code."""
    with _silencing:
        stderr, devnull = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(devnull)
