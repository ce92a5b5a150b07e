"""Starting, connecting to and ending a cluster; the embedded one is a process of its own: see `har.jobs.cluster`."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from distributed import Client, Security
from distributed.system import MEMORY_LIMIT

from har.errors import SchedulerUnreachable
from har.jobs.status import Lane
from har.settings import settings

_ANSWER_SEC = 10  # longest wait for a scheduler
_CLOSE_SEC = 5  # longest wait for a connection to close
_START_SEC = 60  # longest wait for a cluster to start, on a slow machine
_RETAINED_SHARE = 0.3  # of its memory limit that a worker may hold between two jobs
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class Address(NamedTuple):
    """The URL of a scheduler, and the certificate and key that it requires, as PEM."""

    url: str
    certificate: str = ""
    key: str = ""


def start(worker_count: int | None = None) -> "subprocess.Popen[str]":
    """Start the process of a cluster with that many general workers; None: one worker for each busy lane."""
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", "har.jobs.cluster", *([str(worker_count)] if worker_count else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=worker_count is not None,  # Ctrl-C reaches the command alone, which then ends the cluster
    )


def read_address(process: "subprocess.Popen[str]") -> "Address":
    """Wait for the address of the scheduler, and what is needed to connect to it.

    Raises:
        SchedulerUnreachable: it does not start.
    """
    timer = threading.Timer(_START_SEC, process.kill)
    timer.start()
    try:
        line = process.stdout.readline().strip() if process.stdout else ""
    finally:
        timer.cancel()
    if not line:
        end(process)
        raise SchedulerUnreachable(
            "The worker process did not start.",
            f"It should start within {_START_SEC} seconds.",
            "The output above may show the reason.",
        )
    url, certificate, key = json.loads(line)
    return Address(url, certificate, key)


def has_room_for_training() -> bool:
    """Whether this machine has the memory to train next to other jobs."""
    return len(Lane) * settings().worker_memory < int(MEMORY_LIMIT)


def max_retained_bytes() -> int:
    """Memory above which a worker is replaced between two jobs."""
    return int(_RETAINED_SHARE * settings().worker_memory)


def start_worker(process: "subprocess.Popen[str]", name: str) -> None:
    """Start a worker that has the resource of its own name, without waiting for it."""
    _send_line(process, f"start {name}")


def end_worker(process: "subprocess.Popen[str]", name: str) -> None:
    """End such a worker, with what it runs, without waiting for that."""
    _send_line(process, f"end {name}")


def _send_line(process: "subprocess.Popen[str]", line: str) -> None:
    with suppress(OSError, ValueError):  # the cluster has gone
        if process.stdin:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()


def connect(address: "Address") -> Client:
    """Connect to a scheduler.

    Raises:
        SchedulerUnreachable: none answers at the address.
    """
    security = None  # that of Dask's own configuration
    if address.certificate:
        security = Security(
            require_encryption=True,
            tls_ca_file=address.certificate,
            tls_client_cert=address.certificate,
            tls_client_key=address.key,
        )
    try:
        return Client(address.url, timeout=_ANSWER_SEC, set_as_default=False, security=security)
    except (OSError, TimeoutError, ValueError) as error:
        raise SchedulerUnreachable(
            f"No Dask scheduler answers at {address.url}.",
            "Jobs run on its workers.",
            "Start it, or unset HAR_SCHEDULER to use workers on this machine.",
        ) from error


def disconnect(client: Client) -> None:
    """Close a client, also if its connection was lost."""
    try:
        client.close(timeout=_CLOSE_SEC)
    except (OSError, ValueError):  # what its connection ended with: a ValueError if that was before it was encrypted
        client.status = "closed"  # or it would close again, with the same error, when Python deletes it


def end(process: "subprocess.Popen[str]") -> None:
    """End the process and all that runs there."""
    with suppress(OSError):  # it has gone, and a line for it was not read
        if process.stdin:
            process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
