"""Python processes that find this on their path when they start have a clock that a file moves, all by the same.

The file that `CHAOS_CLOCK` names holds seconds, or nothing. Replaced before anything else is imported: Dask and Tornado
take `time.time` from where it stands, each at its own moment.
"""

import os
import time

_real = time.time
_path = os.environ["CHAOS_CLOCK"]


def _moved() -> float:
    try:
        with open(_path, encoding="ascii") as file:
            return _real() + float(file.read() or 0)
    except (OSError, ValueError):
        return _real()


time.time = _moved
