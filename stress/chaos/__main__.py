"""`python -m stress.chaos [--kills 50] [--only disk …]`: failures end in plain messages, and nothing is lost.

Each scenario is a process of its own with an empty `HAR_HOME`. For `disk` that is a small tmpfs, which only root can
mount. Prints a line for each promise; exits 1 if one is broken.
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

_SCENARIOS = ("kills", "disk", "scheduler", "clock", "ffmpeg")
_SMALL_MB = 48
_SHIFTED_CLOCK = Path(__file__).with_name("shifted_clock")  # on PYTHONPATH, it makes `time.time` follow a file


def main() -> None:
    """Run all scenarios, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=_SCENARIOS, default=_SCENARIOS)
    parser.add_argument("--inside", choices=_SCENARIOS, help="internal")
    options = parser.parse_args()
    if options.inside:
        _run_inside(options.inside, options.kills, options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the small disk is unmounted
    broken = [name for name in options.only if not _run_scenario(name, sys.argv[1:])]
    sys.exit(1 if broken else 0)


def _run_scenario(name: str, arguments: list[str]) -> bool:
    print(f"== {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, _home(name, Path(folder)) as home:
        if home is None:
            print("skipped: only root can mount a small disk")
            return True
        command = [sys.executable, "-m", "stress.chaos", *arguments, "--inside", name]
        limits = {"HAR_HOME": str(home), "HAR_MIN_FREE_BYTES": "0"}
        if name == "clock":
            path = filter(None, [str(_SHIFTED_CLOCK), os.environ.get("PYTHONPATH")])
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


def _run_inside(name: str, kills: int, seed: int) -> None:
    from stress.chaos import scenarios
    from stress.chaos.environment import Checks

    check = Checks()
    more = (kills, seed) if name == "kills" else ()
    getattr(scenarios, name)(check, *more)
    sys.exit(1 if check.broken else 0)


if __name__ == "__main__":
    main()
