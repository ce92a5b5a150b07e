"""Shifts the clock of every Python process that has this folder on PYTHONPATH, by the seconds in a file.

`CHAOS_CLOCK` names the file, which may be empty. `time.time` is replaced before anything else is imported, since Dask
and Tornado keep references to it.
"""

import os
import time

_real = time.time
_path = os.environ["CHAOS_CLOCK"]


def _shifted() -> float:
    try:
        with open(_path, encoding="ascii") as file:
            return _real() + float(file.read() or 0)
    except (OSError, ValueError):
        return _real()


time.time = _shifted
