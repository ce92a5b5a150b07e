"""`python -m stress.chaos [--kills 50] [--only disk …]`: what goes wrong ends in plain words, and nothing is lost.

Each chapter is a process of its own with an empty `HAR_HOME`. For the disk that is a small tmpfs, which only root may
mount. Prints a line for each promise; exits 1 where one is broken.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHAPTERS = ("kills", "disk", "scheduler", "clock", "ffmpeg")
_SMALL_MB = 48
_MOVED = Path(__file__).with_name("moved")  # on the path of Python: its `time.time` follows a file


def main() -> None:
    """Every chapter, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=_CHAPTERS, default=_CHAPTERS)
    parser.add_argument("--inside", choices=_CHAPTERS, help="used by this command itself")
    chosen = parser.parse_args()
    if chosen.inside:
        _inside(chosen.inside, chosen.kills, chosen.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the small disk is to be taken away all the same
    broken = [name for name in chosen.only if not _chapter(name, sys.argv[1:])]
    sys.exit(1 if broken else 0)


def _chapter(name: str, arguments: list[str]) -> bool:
    print(f"== {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, _home(name, Path(folder)) as home:
        if home is None:
            print("skipped: a small disk can be mounted by root alone")
            return True
        command = [sys.executable, "-m", "stress.chaos", *arguments, "--inside", name]
        limits = {"HAR_HOME": str(home), "HAR_MIN_FREE_BYTES": "0"}
        if name == "clock":
            path = filter(None, [str(_MOVED), os.environ.get("PYTHONPATH")])
            limits |= {"PYTHONPATH": os.pathsep.join(path), "CHAOS_CLOCK": str(Path(folder) / "clock")}
        return subprocess.run(command, env=os.environ | limits, check=False).returncode == 0


@contextmanager
def _home(name: str, folder: Path) -> Iterator[Path | None]:
    home = folder / "home"
    home.mkdir()
    if name != "disk":
        yield home
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL_MB}m", "tmpfs", str(home)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        yield None
        return
    try:
        yield home
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


def _inside(name: str, kills: int, seed: int) -> None:
    from stress.chaos import chapters
    from stress.chaos.world import Checks

    check = Checks()
    more = (kills, seed) if name == "kills" else ()
    getattr(chapters, name)(check, *more)
    sys.exit(1 if check.broken else 0)


if __name__ == "__main__":
    main()
