"""`har`, and `python -m har`."""

import atexit
import gc

from har.cli import main

_MANY = 50_000  # objects, instead of 700, before Python looks for garbage: imports make many, and none of them is


def run() -> None:
    """Run the command in a process of its own, which starts and ends a little sooner than usual."""
    gc.set_threshold(_MANY)
    atexit.register(gc.freeze)  # at the end, everything goes at once
    main()


if __name__ == "__main__":
    run()
