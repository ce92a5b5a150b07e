"""Memory that this program uses, and versions of its parts."""

import platform
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import psutil

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "streamlit", "distributed", "yt-dlp")


@dataclass(frozen=True)
class Process:
    """A process of this program."""

    name: str
    memory_bytes: int  # in main memory now; pages that processes share count in each of them


def processes() -> tuple[Process, ...]:
    """The calling process and all its descendants, largest first."""
    this, running = psutil.Process(), []
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            name = "app" if process == this else process.name()
            running.append(Process(name, process.memory_info().rss))
    return tuple(sorted(running, key=lambda process: -process.memory_bytes))


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter, by name."""
    installed = {"Python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            installed[package] = version(package)
    return installed
