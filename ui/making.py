"""What takes some seconds to make is made beside the page, which looks again until it is there."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import streamlit as st

_AT_ONCE = 2  # for all visitors together
_REMEMBERED = 256
_AT_ONCE_SEC = 0.4  # what is made so soon needs no second look


class _Maker:
    """Makes each thing once, for however many ask for it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="making")
        self._lock = threading.Lock()
        self._begun: OrderedDict[Hashable, Future[None]] = OrderedDict()

    def begin(self, key: Hashable, make: Callable[[], object]) -> "Future[None]":
        with self._lock:
            if key not in self._begun:
                self._begun[key] = self._pool.submit(lambda: (make(), None)[1])
                while len(self._begun) > _REMEMBERED:
                    self._begun.popitem(last=False)
            return self._begun[key]

    def forget(self, key: Hashable) -> None:
        """It may be made once more: what failed now may work later."""
        with self._lock:
            self._begun.pop(key, None)


@st.cache_resource(show_spinner=False)
def _maker() -> _Maker:
    return _Maker()


def is_made(key: Hashable, make: Callable[[], object], told: str) -> bool:
    """Whether something has been made by now; if not, the page says so, and runs again when it is.

    Args:
        key: what it is.
        make: makes it, in a thread without a page; it leaves it where the page will find it.
        told: what is said meanwhile.

    Raises:
        Whatever `make` raises; the next call begins once more.
    """
    future = _maker().begin(key, make)
    wait([future], timeout=_AT_ONCE_SEC)
    if future.done():
        if future.exception() is not None:
            _maker().forget(key)
        future.result()
        return True

    @st.fragment(run_every=0.5)
    def look() -> None:
        if future.done():
            st.rerun()
        st.caption(f":material/hourglass: {told}")

    look()
    return False
