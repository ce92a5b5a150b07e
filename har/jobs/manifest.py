"""What is done of many tasks, as a file with a JSON object a line: whoever is cut off goes on from there."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from har.jobs import Ended, JobFunction, Pulse, Tally, farm_out
from har.storage import remote

Row = dict[str, Any]

_REST_SEC, _REST_TIMES = 30.0, 20.0  # between two writings elsewhere: at least so long, and so many times one's length


class Ledger:
    """The last row of each key. Rows are kept as they come, and at the end there is one a key, in their order.

    On this machine a row is appended at once. Elsewhere files can only be written whole, so that happens now and then:
    what was noted since then is lost with the process.

    Args:
        place: of the file, which need not be there: a path or a URL.
        key: of each row, by which it is known.

    Raises:
        PlaceError: the file cannot be read or written.
    """

    def __init__(self, place: str, key: str) -> None:
        self._place, self._key = place, key
        self._path = remote.local_path(place)
        self._written_at, self._took_sec = time.monotonic(), 0.0
        self.rows: dict[str, Row] = {row[key]: row for row in _rows(remote.read(place) or b"", key)}

    def __enter__(self) -> "Ledger":
        self._write()  # tells at once whether that can be done, and mends a line that was cut off
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._write()

    def note(self, row: Row) -> None:
        """Keep a row, in place of an earlier one of its key."""
        self.rows.pop(row[self._key], None)
        self.rows[row[self._key]] = row
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(_line(row))
        elif time.monotonic() - self._written_at > max(_REST_SEC, _REST_TIMES * self._took_sec):
            self._write()

    def work_off(
        self,
        function: JobFunction,
        tasks: Sequence[tuple[Any, ...]],
        row_of: Callable[[Ended], Row],
        workers: int,
        before: int,
        on_event: Callable[[Tally], None],
    ) -> Counter[str]:
        """Have tasks done by `har.jobs.farm_out`, and note a row of each as it ends.

        Args:
            function: of each task.
            tasks: what it is called with.
            row_of: makes the row, whose `state` is done or failed.
            workers: as `farm_out`.
            before: how many were done earlier.
            on_event: told of every task, and in between.

        Returns:
            How many have ended in each state.

        Raises:
            StopRequested, JobError: as `farm_out`.
        """
        counts: Counter[str] = Counter()

        def pulse(event: Pulse) -> None:
            on_event(Tally(before + counts["done"], counts["failed"], before + len(tasks), event.workers))

        with closing(farm_out(function, tasks, workers, pulse)) as found:
            for ended in found:
                row = row_of(ended)
                self.note(row)
                counts[row["state"]] += 1
        pulse(Pulse(0))
        return counts

    def keep_order(self, keys: Iterable[str]) -> None:
        """Put the rows of these keys first, in this order, for when the file is written at the end."""
        first = {key: self.rows[key] for key in keys if key in self.rows}
        self.rows = first | {key: row for key, row in self.rows.items() if key not in first}

    def _write(self) -> None:
        began = time.monotonic()
        remote.write(self._place, b"".join(map(_line, self.rows.values())))
        self._written_at = time.monotonic()
        self._took_sec = self._written_at - began


def file_in(folder: str, name: str) -> str:
    """The place of a file in a folder."""
    return f"{folder.rstrip('/')}/{name}" if remote.is_url(folder) else str(Path(folder) / name)


def _line(row: Row) -> bytes:
    return json.dumps(row, allow_nan=False).encode() + b"\n"


def _rows(content: bytes, key: str) -> Iterable[Row]:
    """The rows that can be read: a process that was killed may have left half of one."""
    for line in content.splitlines():
        with suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict) and isinstance(row.get(key), str):
                yield row
