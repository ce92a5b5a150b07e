"""What can be done to any bytes, whatever they mean."""

import random
import struct
from collections.abc import Callable, Sequence

_HEAD = 4096  # where headers mostly lie
NUMBERS = (
    0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, 1000, 0x7FFF, 0x8000, 0xFFFF, 30_000, 100_000, 10**6, 10**9,
    0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
)  # fmt: skip


def place(chance: random.Random, size: int) -> int:
    """A place in bytes of that size: mostly near the beginning or the end, where what is said of the rest stands."""
    near = min(size, _HEAD)
    at = chance.choice((chance.randrange(near), chance.randrange(near), size - 1 - chance.randrange(near)))
    return at if chance.random() < 0.8 else chance.randrange(size)


def put(data: bytes, at: int, value: bytes) -> bytes:
    """The same bytes with others written over some of them."""
    return data[:at] + value + data[at + len(value) :]


def number(chance: random.Random) -> bytes:
    """A number at which programs stumble, in two, four or eight bytes of either order."""
    width, order = chance.choice((2, 4, 4, 8)), chance.choice(("<", ">"))
    value = chance.choice(NUMBERS) if chance.random() < 0.8 else chance.getrandbits(64)
    return struct.pack(order + {2: "H", 4: "I", 8: "Q"}[width], value % (1 << 8 * width))


def flip(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Some bits turned over."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8, 32))):
        changed[place(chance, len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Numbers that cannot be meant, anywhere."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = put(data, place(chance, len(data)), number(chance))
    return data


def cut(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Only the beginning."""
    return data[: chance.choice((chance.randrange(64), chance.randrange(1, len(data) + 1)))]


def behead(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """All but the beginning."""
    return data[chance.randrange(1, max(2, min(len(data), 2048))) :]


def drop(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Without some of the middle."""
    at = place(chance, len(data))
    return data[:at] + data[at + chance.choice((1, 2, 4, 64, 1000)) :]


def repeat(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Some of it several times."""
    at, long = place(chance, len(data)), chance.choice((1, 4, 64, 1000, len(data)))
    return data[:at] + data[at : at + long] * chance.choice((2, 3, 20)) + data[at:]


def blank(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Some of it zeros, ones, or noise."""
    long = chance.choice((4, 64, 1000, len(data) // 2))
    filling = chance.choice((bytes(long), b"\xff" * long, chance.randbytes(long)))
    return put(data, place(chance, len(data)), filling)


def join(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Two, one behind the other."""
    return data + chance.choice(others)


def splice(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """The beginning of one, the end of another."""
    other = chance.choice(others)
    return data[: place(chance, len(data))] + other[place(chance, len(other)) :]


def bury(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Behind something else."""
    return chance.choice((chance.randbytes(chance.randrange(1, 600)), b"\n" * 40, b"\xef\xbb\xbf")) + data


Damage = Callable[[bytes, Sequence[bytes], random.Random], bytes]
ALL: tuple[Damage, ...] = (flip, flip, overwrite, overwrite, cut, behead, drop, repeat, blank, join, splice, bury)
