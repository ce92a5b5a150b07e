"""Jobs for the tests, in a module of their own so that workers can import them."""

import errno
import mmap
import os
import signal
import time

import psutil

from har.errors import OptionsError, StopRequested
from har.progress import Progress, Stage


def count(steps, pause_sec, on_progress):
    for step in range(steps):
        on_progress(Progress(Stage.TASKS, step, steps))
        time.sleep(pause_sec)
    return {"steps": steps, "worker": os.getpid()}


def count_in_folder(folder, name, on_progress):
    return count(10_000, 0.02, on_progress)


def never_report(*args, on_progress):
    on_progress(Progress(Stage.TASKS))
    while True:
        time.sleep(0.02)


def count_and_keep(steps, on_progress):
    done = 0
    try:
        for step in range(steps):
            on_progress(Progress(Stage.TASKS, step, steps))
            done = step + 1
            time.sleep(0.02)
    except StopRequested:
        pass
    return done


def raise_user_error(on_progress):
    raise OptionsError("A was given.", "B was expected.", "Give B.")


def divide_by_zero(on_progress):
    return 1 / 0


def kill_worker(on_progress):
    on_progress(Progress(Stage.TASKS, note="about to die"))
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)


def append_line(path, on_progress):
    """Called again, it writes again."""
    with path.open("a") as file:
        file.write("done\n")
    return path.name


def fill_the_disk(on_progress):
    raise OSError(errno.ENOSPC, "No space left on device", "/a/secret/path")


_libraries = []


def load_library(path, on_progress):
    """Read a library as loading it does, and keep it. Returns how many bytes of it are in memory."""
    with path.open("rb") as file:
        _libraries.append(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ))
    assert _libraries[-1][:] == path.read_bytes()
    return resident_bytes(path, on_progress)


def resident_bytes(path, on_progress):
    return sum(each.rss for each in psutil.Process().memory_maps(grouped=False) if each.path == str(path))


def double(number, on_progress):
    """A task."""
    if number == 13:
        raise OptionsError("13 was given.", "Another number was expected.", "Give one.")
    return 2 * number, os.getpid()


def kill_worker_if_one(number, on_progress):
    """A task that kills its worker where the number is 1, and otherwise doubles it."""
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(number, on_progress)


def kill_first_worker(marker, number, on_progress):
    """A task that kills the first worker which runs it with the number 1."""
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def run_until_stopped(marker, on_progress):
    """A task that leaves a file when it begins and one when it ends."""
    marker.with_suffix(".begun").touch()
    try:
        while True:
            on_progress(Progress(Stage.TASKS))
            time.sleep(0.02)
    except StopRequested:
        marker.touch()
        raise
