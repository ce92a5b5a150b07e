"""Executors for tests that control when work runs."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from har.errors import HarError, StopRequested


class ManualExecutor(Executor):
    """Runs work when `run` is called."""

    def __init__(self) -> None:
        self.submitted: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.submitted.append((future, work, args))
        return future

    def run(self, index: int = -1) -> None:
        future, work, args = self.submitted[index]
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(work(*args))
            except (HarError, StopRequested) as error:
                future.set_exception(error)


class ImmediateExecutor(ManualExecutor):
    """Runs work within `submit`."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        future = super().submit(work, *args, **options)
        self.run()
        return future
