"""Taking less main memory, and returning to the system what is no longer needed."""

import ctypes
import mmap
from collections.abc import Iterator
from contextlib import suppress

import psutil

_M_ARENA_MAX, _ARENAS = -8, 2  # of glibc's mallopt


def share_heaps() -> None:
    """Let all threads of this process share two heaps. Call this before it has threads; does nothing without glibc.

    Otherwise each of many threads has its own, and keeps what it has freed: with twenty visitors, some 200 MB.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def release_unused() -> None:
    """Release pages of loaded libraries that are the same in their files, and memory that was freed but kept.

    Loading a library reads more of it than is needed later: some 300 MB with TensorFlow. The system could take these
    pages back when memory is short, but they count as the process's until then. Any that are needed after all come from
    the system's file cache. Call this after a large import and after work that took much memory; with TensorFlow
    loaded it takes about a tenth of a second. Does nothing except on Linux.
    """
    if not hasattr(mmap, "MADV_DONTNEED") or not hasattr(psutil.Process, "memory_maps"):
        return
    libc = ctypes.CDLL(None)
    for start, size in _unchanged_stretches():
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), mmap.MADV_DONTNEED)
    with suppress(AttributeError):  # only in glibc
        libc.malloc_trim(ctypes.c_size_t(0))


def _unchanged_stretches() -> Iterator[tuple[int, int]]:
    """Address and size in bytes of each stretch of a library that is read-only and was never written."""
    for each in psutil.Process().memory_maps(grouped=False):
        read_only = "w" not in each.perms and each.perms.endswith("p")
        if ".so" in each.path and read_only and each.rss > 0 and each.anonymous == each.swap == 0:
            start, end = (int(address, 16) for address in each.addr.split("-"))
            yield start, end - start
