"""Jobs for the tests, in a module of their own so that the worker can import them."""

import errno
import os
import signal
import sys
import time

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


def modules(on_event):
    return "tensorflow" in sys.modules
