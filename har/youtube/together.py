"""One look for all who ask about the same video: the more YouTube is asked by a server, the sooner it refuses."""

import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from har.errors import StopRequested
from har.youtube.address import VideoAddress
from har.youtube.listing import Listing
from har.youtube.look import Asking, look

_AT_A_TIME = 2
_KEPT, _KEPT_SEC = 64, 1800.0  # what was found serves whoever asks within that time


@dataclass
class _Look:
    waiting: set[str] = field(default_factory=set)  # who wants to know
    over: threading.Event = field(default_factory=threading.Event)  # nobody does any more
    begun_at: float = field(default_factory=time.monotonic)
    answer: "Future[Listing]" = field(default_factory=Future)

    def check(self, _: Asking) -> None:
        if self.over.is_set():
            raise StopRequested

    @property
    def of_use(self) -> bool:
        """Whether it is under way or has found something; a refusal is worth asking again."""
        return not self.answer.done() or self.answer.exception() is None


class Looks:
    """Looks that are under way, and what the last ones have found.

    Args:
        pool: does them, some at a time.
    """

    def __init__(self, pool: Executor | None = None) -> None:
        self._pool = pool or ThreadPoolExecutor(_AT_A_TIME, "look")
        self._looks: dict[str, _Look] = {}
        self._lock = threading.Lock()

    def ask(self, address: VideoAddress, who: str) -> "Future[Listing]":
        """Begin a look, or wait with those who wait already.

        Args:
            address: of the video.
            who: tells those who wait apart.

        Returns:
            What there will be: a listing, or an error as `look` raises them.
        """
        with self._lock:
            self._forget_old()
            asked = self._looks.get(address.video_id)
            if asked is None or not asked.of_use:
                asked = self._looks[address.video_id] = _Look()
                asked.answer = self._pool.submit(look, address, asked.check)
            asked.waiting.add(who)
            return asked.answer

    def leave(self, address: VideoAddress, who: str) -> None:
        """Wait no longer. The look ends when nobody does."""
        with self._lock:
            asked = self._looks.get(address.video_id)
            if asked is None or asked.answer.done():
                return
            asked.waiting.discard(who)
            if not asked.waiting:
                asked.over.set()
                asked.answer.cancel()  # if its turn had not come
                del self._looks[address.video_id]

    def _forget_old(self) -> None:
        done = [video_id for video_id, asked in self._looks.items() if asked.answer.done()]
        oldest = time.monotonic() - _KEPT_SEC
        for video_id in done[: max(0, len(done) - _KEPT)]:
            del self._looks[video_id]
        for video_id in done:
            if video_id in self._looks and self._looks[video_id].begun_at < oldest:
                del self._looks[video_id]
