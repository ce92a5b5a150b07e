"""Threads for many files, with progress."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from har.progress import OnProgress, Progress, Stage

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def map_files(
    function: Callable[[_Item], _Result],
    items: Sequence[_Item],
    workers: int | None,
    stage: Stage,
    on_progress: OnProgress,
    done: int = 0,
) -> list[_Result]:
    """The results of a function, called in threads, in the order of the items.

    With `workers` None there is a thread per processor, and a few. `done` items were finished before. `on_progress` is
    called after each item; an exception it raises cancels the items that have not started.
    """
    pool = ThreadPoolExecutor(workers)
    try:
        futures = [pool.submit(function, item) for item in items]
        for count, future in enumerate(as_completed(futures), start=done + 1):
            future.result()  # raises what the function has raised
            on_progress(Progress(stage, count, done + len(items)))
        return [future.result() for future in futures]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
