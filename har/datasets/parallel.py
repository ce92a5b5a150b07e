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
    """The results of a function, in the order of the items.

    Args:
        function: called in threads.
        items: one for each call.
        workers: number of threads; None: one per processor, and a few.
        stage: to be reported.
        on_progress: called after each item. An exception it raises cancels the items that have not started.
        done: items that were finished before, and count as done.
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
