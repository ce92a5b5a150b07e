"""A second way to a result: a link under which it can be seen and taken away, but not changed.

A file for each link lies in `HAR_HOME/links`, named by the link's id; in it stands to which result it leads. Both ids
are drawn independently, so neither tells the other, and only the server can go from one to the other. The file does not
lie with the result: that would make the result look changed, and so keep it longer than was promised.
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
from har.storage import atomic

_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class Kind(StrEnum):
    """What a link leads to."""

    ANNOTATION = "annotation"
    RUN = "run"


@dataclass(frozen=True)
class Result:
    """What is linked to, as its owner knows it."""

    kind: Kind
    id: str  # its owner's secret, and the name of its folder

    @property
    def folder(self) -> Path:
        """Where all of it lies, as long as it is there."""
        return (settings().jobs if self.kind is Kind.ANNOTATION else settings().runs) / self.id


_results = TypeAdapter(Result)


def link_to(result: Result) -> str | None:
    """The id under which a result can be seen; None: nobody has shared it."""
    return next((link_id for link_id, found in _links() if found == result), None)


def share(result: Result) -> str:
    """Make a link to a result, if there is none yet.

    Returns:
        The link's id.

    Raises:
        LinkMissing: the result is not there.
    """
    if not result.folder.is_dir():
        raise missing()
    link_id = link_to(result)
    if link_id is None:
        link_id = secrets.token_urlsafe(16)
        settings().links.mkdir(parents=True, exist_ok=True)
        atomic.write_text(settings().links / link_id, _results.dump_json(result).decode())
    return link_id


def end_sharing(result: Result) -> None:
    """Remove every link to a result. Another one that is made later has another id."""
    for link_id, found in _links():
        if found == result:
            (settings().links / link_id).unlink(missing_ok=True)


def open_link(link_id: str) -> Result:
    """To which result a link leads. That counts as nobody's use of the result, which so goes at the time it was told.

    Raises:
        LinkMissing: there is no such link, it was ended, or the result is gone.
    """
    result = _read(settings().links / link_id) if _ID.fullmatch(link_id) else None
    if result is None or not result.folder.is_dir():
        raise missing()
    return result


def sweep() -> None:
    """Remove links to results that are gone."""
    for link_id, result in _links():
        if not result.folder.is_dir():
            (settings().links / link_id).unlink(missing_ok=True)


def _links() -> Iterator[tuple[str, Result]]:
    for path in settings().links.glob("*"):
        if _ID.fullmatch(path.name) and (result := _read(path)) is not None:
            yield path.name, result


def _read(path: Path) -> Result | None:
    """None where nothing, or nothing of ours, can be read."""
    with suppress(OSError, ValidationError):
        result = _results.validate_json(path.read_bytes())
        return result if _ID.fullmatch(result.id) else None
    return None


def missing() -> LinkMissing:
    """What is told of every link that leads nowhere, whatever the reason: which, is nobody's business."""
    return LinkMissing(
        "There is nothing under this link.",
        "A result is here for a limited time, and whoever shared it can end that earlier.",
        "Ask them for a new link, or annotate a video of your own.",
    )
