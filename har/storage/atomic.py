"""Writing files so that a reader finds the whole file, or what was there before: the one way for all of them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name next to `path`, with its suffix; renamed to it when the block ends without an error.

    The folder must exist. Names of unfinished files begin with a dot.

    Raises:
        OSError: no room, no right. What was there before stays.
    """
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(8)}.part{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        OSError: no room, no right. What was there before stays.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    r"""Write a file as UTF-8. Bytes of file names that are not text become \\udcxx, which JSON reads as the same bytes.

    Raises:
        OSError: no room, no right. What was there before stays.
    """
    write_bytes(path, text.encode("utf-8", errors="backslashreplace"))
