"""A network's weights as a `.npz`: one array for each weight, named by its path in the network with `|` for `/`."""

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

Shape = tuple[int, ...]

# What NumPy writes before an array of numbers. Its own reader takes Python's literals, which can cost any memory.
_HEADER = re.compile(
    rb"\{'descr': '(?P<dtype>[^']{1,20})', 'fortran_order': (?:False|True), "
    rb"'shape': \((?P<shape>[\d, ]{0,200})\), \} *\n"
)
_LONGEST_HEADER = 1000  # bytes
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others can be made to take memory without end
_DTYPES = ("<f2", "<f4")  # half precision is for storing only: networks compute in float32

# What zipfile and NumPy raise for bytes that are not what they should be; RuntimeError: an encrypted member.
_BROKEN = (
    OSError, EOFError, ValueError, KeyError, RuntimeError, OverflowError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def write_weights(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays under a network's paths."""
    named: dict[str, Any] = {name.replace("/", "|"): array for name, array in arrays.items()}
    with path.open("wb") as file:
        np.savez(file, **named)


def read_weights(path: Path, expected: Mapping[str, Shape]) -> dict[str, np.ndarray]:
    """The arrays of a network, in float32. Nothing is unpickled; nothing is unpacked that the network does not need.

    Args:
        path: the file.
        expected: shape by path, of every weight of the network.

    Raises:
        ClassifierDamaged: the file is missing or broken, or its arrays are not those of the network.
    """
    try:
        _check_headers(path, {name.replace("/", "|"): shape for name, shape in expected.items()})
        arrays = {}
        with np.load(path, allow_pickle=False) as file:
            for name in expected:
                arrays[name] = file[name.replace("/", "|")].astype(np.float32)
    except _BROKEN as error:
        raise _damaged(path, f"cannot be read ({error})") from error
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise _damaged(path, f"holds values in {name} that are not finite numbers")
    return arrays


def _check_headers(path: Path, expected: Mapping[str, Shape]) -> None:
    """Compare names, shapes and dtypes, from a few bytes of each member."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        names = [member.filename.removesuffix(".npy") for member in members]
        if sorted(names) != sorted(expected):
            odd = sorted(set(names) ^ set(expected)) or names
            raise _damaged(path, f"does not hold the network's arrays (look at {', '.join(odd[:3])})")
        for name, member in zip(names, members, strict=True):
            shape, dtype, header_bytes = _read_header(archive, member)
            if shape != expected[name] or dtype not in _DTYPES:
                raise _damaged(path, f"holds {name} as {dtype}{list(shape)}, where the network has {expected[name]}")
            if member.file_size != header_bytes + np.dtype(dtype).itemsize * math.prod(shape):
                raise _damaged(path, f"holds too few or too many bytes for {name}")


def _read_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[Shape, str, int]:
    """Shape, type and the bytes before the numbers.

    Raises:
        ValueError, RuntimeError, struct.error: it is none.
    """
    if member.compress_type not in _METHODS:
        raise ValueError("an array packed in an unknown way")
    with archive.open(member) as file:
        if file.read(8) != b"\x93NUMPY\x01\x00":  # later versions may announce a header of gigabytes
            raise ValueError("an array in another version of NumPy's format")
        (long,) = struct.unpack("<H", file.read(2))
        found = _HEADER.fullmatch(file.read(min(long, _LONGEST_HEADER)))
        if found is None:
            raise ValueError("an array that is not one of numbers")
        shape = tuple(int(part) for part in found["shape"].decode().split(",") if part.strip())
        return shape, found["dtype"].decode(), 10 + long


def _damaged(path: Path, problem: str) -> ClassifierDamaged:
    return ClassifierDamaged(
        f"{path} {problem}.", "The weights of the network named in the card were expected.", "Fetch or train it again."
    )
