import ctypes
import mmap
import subprocess
import sys

import pytest

from har import memory
from tests.jobs.long_work import bytes_of_library

_LOADED = """
import os, psutil, pandas, pyarrow
from har import memory
def of_files():
    return sum(each.rss - each.anonymous for each in psutil.Process().memory_maps(grouped=False) if ".so" in each.path)
before = of_files()
memory.give_back()
print(before, of_files(), pandas.DataFrame({"a": [1, 2]})["a"].sum())
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="done on Linux only")


def test_most_of_what_loading_libraries_read_is_given_back_and_they_still_work():
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, check=True, text=True)
    before, after, answer = map(int, told.stdout.split())
    assert answer == 3
    assert after < before / 2


def test_what_was_written_into_a_library_stays(tmp_path):
    """The linker writes addresses into parts of a library that it then makes read-only."""
    path = tmp_path / "library.so"
    path.write_bytes(b"f" * 2 * mmap.PAGESIZE)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE) as mapped:
        mapped[:3] = b"own"
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        assert mapped[mmap.PAGESIZE] == ord("f")
        protect = ctypes.CDLL(None).mprotect
        assert protect(ctypes.c_void_p(address), ctypes.c_size_t(len(mapped)), mmap.PROT_READ) == 0
        memory.give_back()
        assert mapped[:4] == b"ownf"


def test_a_page_nobody_wrote_to_goes_and_comes_back(tmp_path):
    path = tmp_path / "library.so"
    path.write_bytes(b"f" * 16 * mmap.PAGESIZE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ) as mapped:
        assert mapped[:] == path.read_bytes()
        assert bytes_of_library(path, print) > 0
        memory.give_back()
        assert bytes_of_library(path, print) == 0
        assert mapped[:] == path.read_bytes()
