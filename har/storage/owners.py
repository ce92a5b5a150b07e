"""Which visitor each folder of a job or a data set belongs to: a file in `HAR_HOME/owners`, named like the folder.

The file is not in the folder: a folder may not exist yet when its owner is recorded, and its files are users' own. The
folders of training runs contain the same file, see `har.runs.store`.
"""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from har.settings import settings
from har.storage import atomic

IN_FOLDER = "owner.txt"  # in the folder of a run


def record(name: str, owner: str) -> None:
    """Record who a folder belongs to, unless that is known. The folder may not exist yet."""
    settings().owners.mkdir(parents=True, exist_ok=True)
    if owner_of(settings().jobs / name) is None:
        atomic.write_text(settings().owners / name, owner)


def owner_of(folder: Path) -> str | None:
    """Who a folder belongs to; None if that is not known."""
    for path in (settings().owners / folder.name, folder / IN_FOLDER):
        with suppress(OSError):
            return path.read_text(encoding="utf-8")
    return None


def forget_old(names: Collection[str], oldest: float) -> None:
    """Remove records of other folders than these, if they were made before a time in seconds since 1970."""
    for path in settings().owners.glob("*"):
        with suppress(FileNotFoundError):  # another process removes them too
            if path.name not in names and path.stat().st_mtime < oldest:
                path.unlink()
