"""A file with a JSON object per line that records which of many tasks are done, so that interrupted work resumes."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from types import TracebackType
from typing import Any

from har.jobs.tasks import Task, TaskResult, run_tasks
from har.jobs.work import JobFunction
from har.progress import OnProgress, Progress, Stage, ignore
from har.storage import remote

Row = dict[str, Any]

_PAUSE_SEC, _PAUSE_FACTOR = 30.0, 20.0  # least pause between two remote writes, in seconds and in lengths of a write


class Manifest:
    """The last row of each key, a field that identifies it, in the order in which they were added.

    A local file, which need not exist, gets each row at once. Remote files can only be written whole, which happens now
    and then: rows added since then are lost with the process.

    Raises:
        LocationError: the file cannot be read or written.
    """

    def __init__(self, place: str, key: str) -> None:
        self._place, self._key = place, key
        self._path = remote.local_path(place)
        self._written_at, self._write_sec = time.monotonic(), 0.0
        self.rows: dict[str, Row] = {row[key]: row for row in _parse(remote.read(place) or b"", key)}

    def __enter__(self) -> "Manifest":
        self._write()  # fails early if it must, and removes a line that was cut short
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._write()

    def add(self, row: Row) -> None:
        """Add a row in place of an earlier one with its key."""
        self.rows.pop(row[self._key], None)
        self.rows[row[self._key]] = row
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(_line(row))
        elif time.monotonic() - self._written_at > max(_PAUSE_SEC, _PAUSE_FACTOR * self._write_sec):
            self._write()

    def run_pending(
        self,
        function: JobFunction,
        tasks: Sequence[Task],
        to_row: Callable[[TaskResult], Row],
        workers: int,
        earlier: int,
        subject: str,
        on_progress: OnProgress = ignore,
    ) -> Counter[str]:
        """Run tasks with `har.jobs.run_tasks`, and add a row for each as it ends, whose `state` is done or failed.

        Progress, reported several times a second, counts those done `earlier`; `subject` is what a task is about, in
        the plural.

        Returns:
            How many have ended in each state.

        Raises:
            StopRequested, JobError: as `run_tasks`.
        """
        counts: Counter[str] = Counter()
        total = earlier + len(tasks)

        def report(worker_count: int) -> None:
            ended = earlier + counts.total()
            notes = [f"{counts['failed']} failed"] if counts["failed"] else []
            notes += ["waiting for a worker"] if not worker_count and ended < total else []
            on_progress(Progress(Stage.TASKS, ended, total, subject, ", ".join(notes)))

        with closing(run_tasks(function, tasks, workers, report)) as results:
            for result in results:
                row = to_row(result)
                self.add(row)
                counts[row["state"]] += 1
        report(0)
        return counts

    def put_first(self, keys: Iterable[str]) -> None:
        """Put the rows of these keys first, in this order, for when the file is written at the end."""
        first = {key: self.rows[key] for key in keys if key in self.rows}
        self.rows = first | {key: row for key, row in self.rows.items() if key not in first}

    def _write(self) -> None:
        began = time.monotonic()
        remote.write(self._place, b"".join(map(_line, self.rows.values())))
        self._written_at = time.monotonic()
        self._write_sec = self._written_at - began


def _line(row: Row) -> bytes:
    return json.dumps(row, allow_nan=False).encode() + b"\n"


def _parse(content: bytes, key: str) -> Iterable[Row]:
    """The readable rows: a process that was killed may have left half a line."""
    for line in content.splitlines():
        with suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict) and isinstance(row.get(key), str):
                yield row
