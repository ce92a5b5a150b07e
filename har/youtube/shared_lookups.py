"""One lookup for all who want the same video: the more requests a server sends, the sooner YouTube refuses it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from har.errors import StopRequested, YouTubeBusy, YouTubeError, YouTubeRefused
from har.progress import Progress
from har.settings import settings
from har.youtube.address import VideoAddress
from har.youtube.details import VideoDetails
from har.youtube.lookup import look_up

_MAX_CONCURRENT = 2
_MAX_CACHED, _MAX_AGE_SEC = 64, 1800.0


IsConnected = Callable[[], bool]


@dataclass
class _Lookup:
    clients: dict[str, IsConnected] = field(default_factory=dict)  # who waits for it, and whether they are still there
    cancelled: threading.Event = field(default_factory=threading.Event)
    started_at: float = field(default_factory=time.monotonic)
    result: "Future[VideoDetails]" = field(default_factory=Future)

    def check(self, _: Progress | None = None) -> None:
        if self.cancelled.is_set() or not self.is_wanted:
            raise StopRequested

    @property
    def is_wanted(self) -> bool:
        """Whether any client is still there."""
        return any(is_connected() for is_connected in list(self.clients.values()))

    @property
    def is_usable(self) -> bool:
        """Whether it is running or has succeeded; after a failure it is worth trying again."""
        return not self.result.done() or not (self.result.cancelled() or self.result.exception())


class SharedLookups:
    """Running lookups, and the results of recent ones. Lookups run in `pool`; `clock` returns seconds."""

    def __init__(self, pool: Executor | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool or ThreadPoolExecutor(_MAX_CONCURRENT, "look-up")
        self._clock = clock
        self._lookups: dict[str, _Lookup] = {}
        self._lock = threading.RLock()
        self._refusal: YouTubeRefused | None = None
        self._refused_at = 0.0

    def request(
        self, address: VideoAddress, client: str, is_connected: IsConnected = lambda: True
    ) -> "Future[VideoDetails]":
        """Start a lookup, or join a running one.

        A lookup of another video that this client waits for is cancelled for them. One whose clients have all left is
        not made.

        Returns:
            The details to come. Its errors are those of `look_up`; `YouTubeBusy` if too many lookups are waiting;
            `CancelledError` or `StopRequested` if it was cancelled.
        """
        with self._lock:
            self._evict()
            for video_id in [other for other in self._lookups if other != address.video_id]:
                self._leave(video_id, client)
            lookup = self._lookups.get(address.video_id)
            if lookup is None or not lookup.is_usable:
                if (refusal := self._refuse()) is not None:
                    refused: Future[VideoDetails] = Future()
                    refused.set_exception(refusal)
                    return refused
                lookup = self._lookups[address.video_id] = _Lookup({client: is_connected})
                lookup.result = self._pool.submit(self._look_up, address, lookup)
            lookup.clients[client] = is_connected
            return lookup.result

    def cancel(self, address: VideoAddress, client: str) -> None:
        """Stop waiting. The lookup itself is cancelled when no client is left."""
        with self._lock:
            self._leave(address.video_id, client)

    def _leave(self, video_id: str, client: str) -> None:
        lookup = self._lookups.get(video_id)
        if lookup is None or lookup.result.done() or client not in lookup.clients:
            return
        del lookup.clients[client]
        if not lookup.clients:
            self._drop(video_id)

    def _drop(self, video_id: str) -> None:
        lookup = self._lookups.pop(video_id)
        lookup.cancelled.set()
        lookup.result.cancel()  # if it has not started

    def _look_up(self, address: VideoAddress, lookup: _Lookup) -> VideoDetails:
        lookup.check()
        if self._is_paused() and self._refusal is not None:  # since it was requested
            raise self._refusal
        try:
            return look_up(address, lookup.check)
        except YouTubeRefused as error:
            self._refusal, self._refused_at = error, self._clock()
            raise

    def _is_paused(self) -> bool:
        return self._refusal is not None and self._clock() - self._refused_at < settings().youtube_pause_sec

    def _refuse(self) -> YouTubeError | None:
        """Why no other lookup may be started now."""
        if self._is_paused():
            return self._refusal
        for video_id in [
            each for each, lookup in self._lookups.items() if not (lookup.result.done() or lookup.is_wanted)
        ]:
            self._drop(video_id)
        waiting = sum(not lookup.result.done() for lookup in self._lookups.values())
        if waiting < settings().max_youtube_looks:
            return None
        return YouTubeBusy(
            f"{waiting} lookups of videos are already waiting.", "That is the maximum.", "Try again in a minute."
        )

    def _evict(self) -> None:
        """Drop results that are too old or too many."""
        finished = [video_id for video_id, lookup in self._lookups.items() if lookup.result.done()]
        oldest = time.monotonic() - _MAX_AGE_SEC
        for position, video_id in enumerate(finished, start=_MAX_CACHED - len(finished)):
            if position < 0 or self._lookups[video_id].started_at < oldest:
                del self._lookups[video_id]
