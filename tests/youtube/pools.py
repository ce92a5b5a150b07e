"""Pools of workers for tests that need not wait, and are not in a hurry."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from har.errors import HarError, StopRequested


class Later(Executor):
    """Begins nothing before it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.asked.append((future, work, args))
        return future

    def do(self, number: int = -1) -> None:
        future, work, args = self.asked[number]
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(work(*args))
            except (HarError, StopRequested) as error:
                future.set_exception(error)


class AtOnce(Later):
    """Does what it is given before anything goes on."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        future = super().submit(work, *args, **options)
        self.do()
        return future
