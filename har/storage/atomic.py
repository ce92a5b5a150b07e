"""Writing a file so that readers find either all of it or what was there before: the one way for all files."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`, with its suffix, which replaces it if the block succeeds.

    The folder must exist. Names of unfinished files begin with a dot.

    Raises:
        OSError: for example no space, or no permission. What was there before stays.
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
        OSError: as `replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    r"""Write a file as UTF-8. Bytes in file names that are not UTF-8 become \\udcxx, which JSON decodes to the same.

    Raises:
        OSError: as `replacing`.
    """
    write_bytes(path, text.encode("utf-8", errors="backslashreplace"))
