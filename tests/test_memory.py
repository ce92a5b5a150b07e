import ctypes
import mmap
import subprocess
import sys

import pytest

from har import memory
from tests.jobs.job_functions import resident_bytes

_SCRIPT = """
import os, psutil, pandas, pyarrow
from har import memory
def library_bytes():
    return sum(each.rss - each.anonymous for each in psutil.Process().memory_maps(grouped=False) if ".so" in each.path)
before = library_bytes()
memory.release_unused()
print(before, library_bytes(), pandas.DataFrame({"a": [1, 2]})["a"].sum())
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="done on Linux only")


def test_most_memory_of_loaded_libraries_is_released_and_they_still_work():
    output = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, check=True, text=True).stdout
    before, after, answer = map(int, output.split())
    assert answer == 3
    assert after < before / 2


def test_pages_of_a_library_that_were_written_stay(tmp_path):
    """The linker writes addresses into parts of a library that it then makes read-only."""
    path = tmp_path / "library.so"
    path.write_bytes(b"f" * 2 * mmap.PAGESIZE)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE) as mapped:
        mapped[:3] = b"own"
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        assert mapped[mmap.PAGESIZE] == ord("f")
        protect = ctypes.CDLL(None).mprotect
        assert protect(ctypes.c_void_p(address), ctypes.c_size_t(len(mapped)), mmap.PROT_READ) == 0
        memory.release_unused()
        assert mapped[:4] == b"ownf"


def test_pages_that_were_never_written_are_released_and_read_again(tmp_path):
    path = tmp_path / "library.so"
    path.write_bytes(b"f" * 16 * mmap.PAGESIZE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ) as mapped:
        assert mapped[:] == path.read_bytes()
        assert resident_bytes(path, print) > 0
        memory.release_unused()
        assert resident_bytes(path, print) == 0
        assert mapped[:] == path.read_bytes()


_THREADS = """
import ctypes, sys, threading
from har import memory
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
if sys.argv[1:]:
    memory.share_heaps()
together = threading.Barrier(12)
def allocate():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.malloc_stats()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="done with glibc only")
def test_threads_share_heaps():
    apart, shared = (
        subprocess.run([sys.executable, "-c", _THREADS, *option], capture_output=True, check=True, text=True).stderr
        for option in ([], ["shared"])
    )
    assert apart.count("Arena") > 2
    assert shared.count("Arena") <= 2
