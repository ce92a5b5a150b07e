"""One lookup for all who want the same video: the more requests a server sends, the sooner YouTube refuses it."""

import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from har.errors import StopRequested
from har.progress import Progress
from har.youtube.address import VideoAddress
from har.youtube.details import VideoDetails
from har.youtube.lookup import look_up

_MAX_CONCURRENT = 2
_MAX_CACHED, _MAX_AGE_SEC = 64, 1800.0


@dataclass
class _Lookup:
    clients: set[str] = field(default_factory=set)  # who waits for it
    cancelled: threading.Event = field(default_factory=threading.Event)
    started_at: float = field(default_factory=time.monotonic)
    result: "Future[VideoDetails]" = field(default_factory=Future)

    def check(self, _: Progress) -> None:
        if self.cancelled.is_set():
            raise StopRequested

    @property
    def is_usable(self) -> bool:
        """Whether it is running or has succeeded; after a failure it is worth trying again."""
        return not self.result.done() or self.result.exception() is None


class SharedLookups:
    """Running lookups, and the results of recent ones."""

    def __init__(self, pool: Executor | None = None) -> None:
        self._pool = pool or ThreadPoolExecutor(_MAX_CONCURRENT, "look-up")
        self._lookups: dict[str, _Lookup] = {}
        self._lock = threading.Lock()

    def request(self, address: VideoAddress, client: str) -> "Future[VideoDetails]":
        """Start a lookup, or join a running one, for a client that may `cancel`. Its errors are those of `look_up`."""
        with self._lock:
            self._evict()
            lookup = self._lookups.get(address.video_id)
            if lookup is None or not lookup.is_usable:
                lookup = self._lookups[address.video_id] = _Lookup()
                lookup.result = self._pool.submit(look_up, address, lookup.check)
            lookup.clients.add(client)
            return lookup.result

    def cancel(self, address: VideoAddress, client: str) -> None:
        """Stop waiting. The lookup itself is cancelled when no client is left."""
        with self._lock:
            lookup = self._lookups.get(address.video_id)
            if lookup is None or lookup.result.done():
                return
            lookup.clients.discard(client)
            if not lookup.clients:
                lookup.cancelled.set()
                lookup.result.cancel()  # if it has not started
                del self._lookups[address.video_id]

    def _evict(self) -> None:
        """Drop results that are too old or too many."""
        finished = [video_id for video_id, lookup in self._lookups.items() if lookup.result.done()]
        oldest = time.monotonic() - _MAX_AGE_SEC
        for position, video_id in enumerate(finished, start=_MAX_CACHED - len(finished)):
            if position < 0 or self._lookups[video_id].started_at < oldest:
                del self._lookups[video_id]
