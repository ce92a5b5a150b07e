"""What happens, without who: a line of JSON for each thing, and the last errors, for whoever runs the app.

Nothing that tells whose a job is or what it is about comes in here: no names of files, no titles, no ids, and of errors
only their class and the place in the code, since their messages may quote a name.
"""

import json
import logging
import sys
import time
import traceback
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LAST = 50  # errors
_ROOT, _OURS = Path(__file__).resolve().parent.parent, ("har", "pages", "ui")
_log = logging.getLogger(__name__)
_faults: "deque[Fault]" = deque(maxlen=_LAST)


@dataclass(frozen=True)
class Fault:
    """An error that ended something."""

    at_sec: float  # since 1970
    kind: str  # of the job
    error: str  # the class's name
    place: str  # in this project's code, where the error brought it along


def note(event: str, error: BaseException | None = None, *, kind: str, **facts: str | float) -> None:
    """Write one line, at the level of an error if there is one.

    Args:
        event: what happened, in a word.
        error: why; it is kept for `last_faults`.
        kind: what it happened to.
        facts: anything else that is nobody's secret.
    """
    now = time.time()
    line = {"at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"), "event": event, "kind": kind, **facts}
    if error is not None:
        fault = Fault(now, kind, type(error).__name__, place_of(error))
        _faults.append(fault)
        line |= {"error": fault.error} | ({"place": fault.place} if fault.place else {})
    _log.log(logging.INFO if error is None else logging.ERROR, json.dumps(line))


def last_faults() -> tuple[Fault, ...]:
    """The last errors, the newest first."""
    return tuple(reversed(_faults))


def place_of(error: BaseException) -> str:
    """File and line of this project where an error arose, such as `har/render/burn.py:12`; empty if unknown."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _OURS:
            return f"{path.relative_to(_ROOT).as_posix()}:{frame.lineno}"
    return ""


def to_stderr() -> None:
    """Have the lines written to standard error, and nowhere else; said once or more often."""
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
