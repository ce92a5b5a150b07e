"""A network's weights as `.npz`: one array per weight, named by its path in the network with `|` for `/`."""

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from har.errors import ClassifierDamaged
from har.storage.arrays import READING

Shape = tuple[int, ...]

# The header that NumPy writes before an array of numbers. NumPy itself evaluates it as a literal of any size.
_HEADER = re.compile(
    rb"\{'descr': '(?P<dtype>[^']{1,20})', 'fortran_order': (?:False|True), "
    rb"'shape': \((?P<shape>[\d, ]{0,200})\), \} *\n"
)
_MAX_HEADER = 1000  # bytes
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others can be abused to take unlimited memory
_DTYPES = ("<f2", "<f4")  # half precision is for storage only: networks compute in float32

# What zipfile and NumPy raise for invalid bytes; RuntimeError: an encrypted member.
_READ_ERRORS = (
    OSError, EOFError, ValueError, KeyError, RuntimeError, OverflowError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def write_weights(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by the paths of a network's weights."""
    named: dict[str, Any] = {name.replace("/", "|"): array for name, array in arrays.items()}
    with path.open("wb") as file:
        np.savez(file, **named)


def read_weights(path: Path, expected: Mapping[str, Shape]) -> dict[str, np.ndarray]:
    """Read the arrays of a network as float32, given the shapes of all its weights by path.

    Nothing is unpickled, and only what the network needs is unpacked.

    Raises:
        ClassifierDamaged: the file is missing or damaged, or its arrays are not those of the network.
    """
    try:
        check_headers(path, expected)
        arrays = {}
        with READING, np.load(path, allow_pickle=False) as file:
            for name in expected:
                arrays[name] = file[name.replace("/", "|")].astype(np.float32)
    except _READ_ERRORS as error:
        raise _damaged(path, f"cannot be read ({error})") from error
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise _damaged(path, f"contains values in {name} that are not finite numbers")
    return arrays


def check_headers(path: Path, shapes: Mapping[str, Shape], file: Any = None) -> None:
    """Compare names, shapes and dtypes, reading only a few bytes of each member.

    The content is read from `file` if it is given; error messages name `path`.

    Raises:
        ClassifierDamaged: the arrays are not those of the network.
        OSError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error: the file cannot be read.
    """
    expected = {name.replace("/", "|"): shape for name, shape in shapes.items()}
    with READING, zipfile.ZipFile(file or path) as archive:
        members = archive.infolist()
        names = [member.filename.removesuffix(".npy") for member in members]
        if sorted(names) != sorted(expected):
            different = sorted(set(names) ^ set(expected)) or names
            raise _damaged(path, f"does not contain the network's arrays (see {', '.join(different[:3])})")
        for name, member in zip(names, members, strict=True):
            shape, dtype, header_bytes = _read_header(archive, member)
            if shape != expected[name] or dtype not in _DTYPES:
                raise _damaged(path, f"contains {name} as {dtype}{list(shape)}, but the network has {expected[name]}")
            if member.file_size != header_bytes + np.dtype(dtype).itemsize * math.prod(shape):
                raise _damaged(path, f"has too few or too many bytes for {name}")


def _read_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[Shape, str, int]:
    """Shape, dtype, and number of bytes before the values.

    Raises:
        ValueError, RuntimeError, struct.error: the member is not an array.
    """
    if member.compress_type not in _METHODS:
        raise ValueError("an array with an unknown compression")
    with archive.open(member) as file:
        if file.read(8) != b"\x93NUMPY\x01\x00":  # later versions may announce a header of gigabytes
            raise ValueError("an array in an unknown version of NumPy's format")
        (length,) = struct.unpack("<H", file.read(2))
        header = _HEADER.fullmatch(file.read(min(length, _MAX_HEADER)))
        if header is None:
            raise ValueError("an array that does not contain numbers")
        shape = tuple(int(part) for part in header["shape"].decode().split(",") if part.strip())
        return shape, header["dtype"].decode(), 10 + length


def _damaged(path: Path, problem: str) -> ClassifierDamaged:
    return ClassifierDamaged(
        f"{path} {problem}.", "The weights must fit the network in the card.", "Download or train the classifier again."
    )
