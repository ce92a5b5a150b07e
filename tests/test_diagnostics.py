import os
import subprocess
import sys

from har import diagnostics


def test_processes_that_were_started_are_counted_too():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        found = diagnostics.processes()
    finally:
        child.communicate(b"\n")
    assert len(found) >= 2
    assert [process.name for process in found].count("app") == 1
    assert found[0].memory_bytes >= found[-1].memory_bytes > 0
    assert str(os.getpid()) not in repr(found)


def test_versions_name_what_an_owner_has_to_look_after():
    assert {"Python", "streamlit", "keras", "yt-dlp"} <= set(diagnostics.versions())
