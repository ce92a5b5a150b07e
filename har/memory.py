"""Main memory that nobody needs goes back to the system."""

import ctypes
import mmap
from collections.abc import Iterator
from contextlib import suppress

import psutil


def give_back() -> None:
    """Take from this process the pages of its libraries as they are in their files, and what was freed but kept.

    Loading a library reads more of it than is ever needed again: with TensorFlow, some 300 MB. The system could take
    them back where memory is short, but they count as the process's own until then. Those that are needed after all
    come back from the system's cache of files. For after a large import, and after work that took much memory; takes
    about a tenth of a second with TensorFlow. On Linux; elsewhere nothing happens.
    """
    if not hasattr(mmap, "MADV_DONTNEED") or not hasattr(psutil.Process, "memory_maps"):
        return
    libc = ctypes.CDLL(None)
    for begin, size in _as_in_files():
        libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(size), mmap.MADV_DONTNEED)
    with suppress(AttributeError):  # it is glibc's alone
        libc.malloc_trim(ctypes.c_size_t(0))


def _as_in_files() -> Iterator[tuple[int, int]]:
    """Address and bytes of each stretch of a library that nothing was written to, and nothing can be."""
    for each in psutil.Process().memory_maps(grouped=False):
        only_read = "w" not in each.perms and each.perms.endswith("p")
        if ".so" in each.path and only_read and each.rss > 0 and each.anonymous == each.swap == 0:
            begin, end = (int(address, 16) for address in each.addr.split("-"))
            yield begin, end - begin
