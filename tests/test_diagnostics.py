import os
import subprocess
import sys

from har import diagnostics


def test_child_processes_are_included():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        processes = diagnostics.processes()
    finally:
        child.communicate(b"\n")
    assert len(processes) >= 2
    assert [process.name for process in processes].count("app") == 1
    sizes = [process.memory_bytes for process in processes]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0  # one that is just starting has none yet
    assert all(str(os.getpid()) not in process.name for process in processes)


def test_versions_name_the_packages_operators_must_update():
    assert {"Python", "streamlit", "keras", "yt-dlp"} <= set(diagnostics.versions())
