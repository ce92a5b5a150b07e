"""Read-only links to results: a visitor with the link can see and download a result, but not change it.

Each link is a file in `HAR_HOME/links`, named by the link's id, that says which result it leads to. Both ids are random
and independent, so neither reveals the other. The file is not in the result's own folder: that would make the result
look changed, and keep it longer than promised.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.errors import LinkMissing
from har.settings import settings
from har.storage import atomic, quota

PARAMETER = "link"  # in the address of the page that shows what a link leads to
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class SharedKind(StrEnum):
    """What a link leads to."""

    ANNOTATION = "annotation"
    RUN = "run"


@dataclass(frozen=True)
class SharedResult:
    """A result as its owner knows it."""

    kind: SharedKind
    id: str  # the owner's secret, and the name of its folder

    @property
    def folder(self) -> Path:
        """Where it is stored."""
        return (settings().jobs if self.kind is SharedKind.ANNOTATION else settings().runs) / self.id


_results = TypeAdapter(SharedResult)


def find_link(result: SharedResult) -> str | None:
    """The id of a result's link; None if it is not shared."""
    return next((link_id for link_id, linked in _links() if linked == result), None)


@quota.raising_disk_full()
def share(result: SharedResult) -> str:
    """Create a link to a result, unless there is one, and return its id.

    Raises:
        LinkMissing: the result does not exist.
        DiskFull: there is no room for the link.
    """
    if not result.folder.is_dir():
        raise link_missing()
    link_id = find_link(result)
    if link_id is None:
        link_id = secrets.token_urlsafe(16)
        settings().links.mkdir(parents=True, exist_ok=True)
        atomic.write_text(settings().links / link_id, _results.dump_json(result).decode())
    return link_id


def stop_sharing(result: SharedResult) -> None:
    """Remove every link to a result. A link that is created later has another id."""
    for link_id, linked in _links():
        if linked == result:
            (settings().links / link_id).unlink(missing_ok=True)


def open_link(link_id: str) -> SharedResult:
    """The result a link leads to. This does not count as use of the result, so it expires when its owner was told.

    Raises:
        LinkMissing: there is no such link, or no longer, or the result is gone.
    """
    result = _read(settings().links / link_id) if _ID.fullmatch(link_id) else None
    if result is None or not result.folder.is_dir():
        raise link_missing()
    return result


def is_open(link_id: str) -> bool:
    """Whether a link leads to a result."""
    try:
        open_link(link_id)
    except LinkMissing:
        return False
    return True


def remove_dead_links() -> None:
    """Remove links to results that are gone."""
    for link_id, result in _links():
        if not result.folder.is_dir():
            (settings().links / link_id).unlink(missing_ok=True)


def _links() -> Iterator[tuple[str, SharedResult]]:
    for path in settings().links.glob("*"):
        if _ID.fullmatch(path.name) and (result := _read(path)) is not None:
            yield path.name, result


def _read(path: Path) -> SharedResult | None:
    """None if the file cannot be read, or is not one of ours."""
    with suppress(OSError, ValidationError):
        result = _results.validate_json(path.read_bytes())
        return result if _ID.fullmatch(result.id) else None
    return None


def link_missing() -> LinkMissing:
    """The error for every link that leads nowhere. It never says why: that is private."""
    return LinkMissing(
        "There is nothing at this link.",
        "Results are kept for a limited time, and their owners can stop sharing them at any time.",
        "Ask the owner for a new link, or annotate a video of your own.",
    )
