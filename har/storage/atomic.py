"""Writing a file so that readers find either all of it or what was there before: the one way for all files."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from har.errors import LocationError, OptionsError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`, with its suffix, which replaces it if the block succeeds.

    The folder must exist. Names of unfinished files begin with a dot. Where `path` is a link, its target is replaced.

    Raises:
        LocationError: `path` is a folder, a device or another thing that cannot be replaced by a file.
        OSError: for example no space, or no permission. What was there before stays.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    if path.exists() and not path.is_file():
        raise LocationError(f"{path} is not a file.", "A file, or a new name, was expected.", "Choose another name.")
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(8)}.part{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        if str(error.filename) == str(temporary):
            error.filename = str(path)  # the name that users know
        raise
    finally:
        with suppress(NotADirectoryError):  # the error above says so
            temporary.unlink(missing_ok=True)


def check_not_input(out: Path, *inputs: Path) -> None:
    """Check that a file that will be written is none of those that are read.

    Raises:
        OptionsError: it is one of them.
    """
    if out.exists() and any(path.exists() and path.samefile(out) for path in inputs):
        raise OptionsError(f"{out} is also the input.", "It would be overwritten.", "Choose another place to write to.")


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
