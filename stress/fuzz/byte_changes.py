"""Changes to any bytes, whatever they mean."""

import random
import struct
from collections.abc import Callable, Sequence

_HEAD = 4096  # most headers are within this distance of the start or end
NUMBERS = (
    0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, 1000, 0x7FFF, 0x8000, 0xFFFF, 30_000, 100_000, 10**6, 10**9,
    0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
)  # fmt: skip


def place(rng: random.Random, size: int) -> int:
    """A position in data of that size, mostly near the start or the end, where headers are."""
    near = min(size, _HEAD)
    at = rng.choice((rng.randrange(near), rng.randrange(near), size - 1 - rng.randrange(near)))
    return at if rng.random() < 0.8 else rng.randrange(size)


def put(data: bytes, at: int, value: bytes) -> bytes:
    """The data with some bytes overwritten."""
    return data[:at] + value + data[at + len(value) :]


def number(rng: random.Random) -> bytes:
    """A number that programs often handle wrongly, in two, four or eight bytes of either order."""
    width, order = rng.choice((2, 4, 4, 8)), rng.choice(("<", ">"))
    value = rng.choice(NUMBERS) if rng.random() < 0.8 else rng.getrandbits(64)
    return struct.pack(order + {2: "H", 4: "I", 8: "Q"}[width], value % (1 << 8 * width))


def flip(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Flip some bits."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8, 32))):
        changed[place(rng, len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Write extreme numbers anywhere."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = put(data, place(rng, len(data)), number(rng))
    return data


def truncate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Keep only the start."""
    return data[: rng.choice((rng.randrange(64), rng.randrange(1, len(data) + 1)))]


def drop_start(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Remove the start."""
    return data[rng.randrange(1, max(2, min(len(data), 2048))) :]


def drop(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Remove some bytes in the middle."""
    at = place(rng, len(data))
    return data[:at] + data[at + rng.choice((1, 2, 4, 64, 1000)) :]


def repeat(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Repeat some bytes."""
    at, long = place(rng, len(data)), rng.choice((1, 4, 64, 1000, len(data)))
    return data[:at] + data[at : at + long] * rng.choice((2, 3, 20)) + data[at:]


def fill(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Overwrite some bytes with zeros, ones or noise."""
    long = rng.choice((4, 64, 1000, len(data) // 2))
    filling = rng.choice((bytes(long), b"\xff" * long, rng.randbytes(long)))
    return put(data, place(rng, len(data)), filling)


def concatenate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Append another file."""
    return data + rng.choice(others)


def splice(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """The start of one file with the end of another."""
    other = rng.choice(others)
    return data[: place(rng, len(data))] + other[place(rng, len(other)) :]


def prepend(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Put other bytes in front."""
    return rng.choice((rng.randbytes(rng.randrange(1, 600)), b"\n" * 40, b"\xef\xbb\xbf")) + data


ByteChange = Callable[[bytes, Sequence[bytes], random.Random], bytes]
ALL: tuple[ByteChange, ...] = (
    flip,
    flip,
    overwrite,
    overwrite,
    truncate,
    drop_start,
    drop,
    repeat,
    fill,
    concatenate,
    splice,
    prepend,
)
