"""MoviePy composes, and does nothing else."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.media

_WATCHED = """
import sys
opened, started = [], []

def watch(event, args):
    if event == "open" and str(args[0]).endswith(".env"):
        opened.append(args[0])
    elif event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.system"):
        frame = sys._getframe(1)
        while frame.f_code.co_filename.endswith("subprocess.py"):
            frame = frame.f_back
        started.append(frame.f_code.co_filename)

sys.addaudithook(watch)
sys.ps1 = ">>> "  # as in a notebook, where libraries look for .env in the current folder
"""


def run(code, folder):
    """Run code in a process of its own, in a folder with someone's settings, and return what it prints."""
    for name in (".env", ".env.local"):
        (folder / name).write_text("FFMPEG_BINARY=/bin/false\nHAR_STRANGER=yes\n", encoding="utf-8")
    program = folder / "ffplay"
    program.write_text("#!/bin/sh\ntouch started-ffplay\n", encoding="utf-8")
    program.chmod(0o755)
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HAR_HOME": str(folder / "home"),
        "FFPLAY_BINARY": "auto-detect",
    }
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED + code], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_import_reads_no_settings_and_starts_nothing(tmp_path):
    code = """
import os
from har.reels.composing import moviepy
assert "moviepy" not in sys.modules
moviepy().VideoClip
print(opened, started, os.environ.get("HAR_STRANGER"))
"""
    assert run(code, tmp_path) == "[] [] None\n"
    assert not (tmp_path / "started-ffplay").exists()


def test_a_film_starts_only_our_bounded_ffmpeg(tmp_path):
    code = """
from pathlib import Path
from har.reels import HighlightOptions, make_highlights
from har.results import copy_bundled_sample
copy_bundled_sample(Path("result"))
make_highlights([Path("result")], Path("film.mp4"), HighlightOptions(lines=360, max_sec=5))
print(sorted({path for path in started if "imageio_ffmpeg" not in path}), opened)  # it asks ffmpeg for its version
"""
    assert run(code, tmp_path) == f"{[str(ROOT / 'har/video/ffmpeg.py')]} []\n"
    assert (tmp_path / "film.mp4").stat().st_size > 10_000


def test_moviepy_is_imported_only_for_a_film(tmp_path):
    code = """
import har.cli, har.reels
print([name for name in sys.modules if name.startswith("moviepy")])
"""
    assert run(code, tmp_path) == "[]\n"
