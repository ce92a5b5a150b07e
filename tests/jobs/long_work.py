"""Jobs for the tests, in a module of their own so that the worker can import them."""

import errno
import mmap
import os
import signal
import sys
import time

import psutil

from har.errors import OptionsError, StopRequested


def count(steps, pause_sec, on_event):
    for step in range(steps):
        on_event(step)
        time.sleep(pause_sec)
    return {"steps": steps, "worker": os.getpid()}


def take(folder, name, on_event):
    return count(10_000, 0.02, on_event)


def count_and_keep(steps, on_event):
    done = 0
    try:
        for step in range(steps):
            on_event(step)
            done = step + 1
            time.sleep(0.02)
    except StopRequested:
        pass
    return done


def refuse(on_event):
    raise OptionsError("A was given.", "B was expected.", "Give B.")


def fail(on_event):
    return 1 / 0


def die(on_event):
    on_event("about to die")
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)


def note(path, on_event):
    """Done once more, it writes once more."""
    with path.open("a") as file:
        file.write("done\n")
    return path.name


def fill_the_disk(on_event):
    raise OSError(errno.ENOSPC, "No space left on device", "/a/secret/path")


_libraries = []


def load_library(path, on_event):
    """Read a library as loading it does, and keep it. Bytes of it that are there are what comes back."""
    with path.open("rb") as file:
        _libraries.append(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ))
    assert _libraries[-1][:] == path.read_bytes()
    return bytes_of_library(path, on_event)


def bytes_of_library(path, on_event):
    return sum(each.rss for each in psutil.Process().memory_maps(grouped=False) if each.path == str(path))


def modules(on_event):
    return "tensorflow" in sys.modules


def double(number, on_event):
    """A farm's task."""
    if number == 13:
        raise OptionsError("13 was given.", "Another number was expected.", "Give one.")
    return 2 * number, os.getpid()


def die_over(number, on_event):
    """A farm's task of which one kills whoever does it."""
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(marker, number, on_event):
    """A farm's task that kills the first who does it."""
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def go_on_until_stopped(marker, on_event):
    """A farm's task that tells of its end."""
    marker.with_suffix(".begun").touch()
    try:
        while True:
            on_event(None)
            time.sleep(0.02)
    except StopRequested:
        marker.touch()
        raise
