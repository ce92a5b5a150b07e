"""What this program takes of the machine, and of which parts it is made."""

import platform
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import psutil

_PARTS = ("tensorflow", "tensorflow-cpu", "keras", "streamlit", "distributed", "yt-dlp")


@dataclass(frozen=True)
class Process:
    """A process of this program."""

    name: str
    memory_bytes: int  # in main memory now; what several share is counted in each


def processes() -> tuple[Process, ...]:
    """The calling process and all that it started, the largest first."""
    me, found = psutil.Process(), []
    for each in (me, *me.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            role = "app" if each == me else each.name()
            found.append(Process(role, each.memory_info().rss))
    return tuple(sorted(found, key=lambda process: -process.memory_bytes))


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that matter, by name."""
    found = {"Python": platform.python_version()}
    for part in _PARTS:
        with suppress(PackageNotFoundError):
            found[part] = version(part)
    return found
