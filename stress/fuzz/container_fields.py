"""Changes to fields of video containers: sizes, lengths, rates, rotations, numbers of tracks."""

import random
import re
import struct
from collections.abc import Sequence

from stress.fuzz.byte_changes import number, put

# Names of boxes, elements and chunks, and how many bytes after a name are worth changing.
_MP4 = {
    b"ftyp": 16, b"moov": 8, b"mvhd": 100, b"tkhd": 84, b"mdhd": 24, b"hdlr": 12, b"elst": 20, b"stsd": 90, b"avc1": 80,
    b"avcC": 40, b"hvcC": 40, b"mp4v": 80, b"esds": 40, b"pasp": 8, b"colr": 12, b"stts": 24, b"ctts": 24, b"stss": 16,
    b"stsc": 24, b"stsz": 40, b"stco": 16, b"dref": 28, b"mdat": 8, b"moof": 8, b"tfhd": 24, b"trun": 40, b"trex": 24,
    b"mehd": 8, b"sidx": 32, b"udta": 12, b"tmcd": 30, b"mfra": 8, b"tfdt": 12, b"gmhd": 8,
}  # fmt: skip
_MATROSKA = {
    bytes.fromhex(name): reach
    for name, reach in {
        "1A45DFA3": 12, "4282": 8, "18538067": 10, "1549A966": 10, "2AD7B1": 6, "4489": 10, "1654AE6B": 10, "AE": 6,
        "D7": 3,
        "83": 3, "86": 20, "63A2": 30, "E0": 6, "B0": 5, "BA": 5, "54B0": 5, "54BA": 5, "54AA": 5, "23E383": 8,
        "7670": 8,
        "7675": 8, "1F43B675": 10, "E7": 6, "A3": 12, "A0": 8, "A1": 12, "9B": 5, "1C53BB6B": 10, "B7": 6, "F1": 8,
        "114D9B74": 10, "6D80": 8, "5031": 6, "5033": 3, "9A": 3, "55B0": 8, "73C5": 8, "258688": 10,
    }.items()
}  # fmt: skip
_AVI = {
    b"RIFF": 4, b"LIST": 8, b"avih": 60, b"strh": 60, b"strf": 44, b"vprp": 60, b"JUNK": 8, b"idx1": 40, b"movi": 12,
    b"00dc": 8, b"01wb": 8, b"vids": 52, b"auds": 52, b"odml": 20, b"indx": 24,
}  # fmt: skip
_FLV = {
    b"FLV": 6, b"onMetaData": 20, b"duration": 10, b"width": 10, b"height": 10, b"framerate": 10, b"videocodecid": 10,
    b"filesize": 10, b"\x09\x00": 14, b"\x08\x00": 14,
}  # fmt: skip
_GIF = {b"GIF8": 13, b"\x21\xf9": 8, b"\x2c\x00": 12, b"NETSCAPE2.0": 6, b"\x21\xff": 4, b"\x00\x3b": 2}
_OGG = {b"OggS": 40, b"\x80theora": 40, b"\x81theora": 12, b"\x01vorbis": 24, b"fishead": 40}
_MPEG = {
    b"\x00\x00\x01\xba": 14, b"\x00\x00\x01\xbb": 18, b"\x00\x00\x01\xe0": 20, b"\x00\x00\x01\xb3": 10,
    b"\x00\x00\x01\xb5": 10, b"\x00\x00\x01\xb8": 6, b"\x00\x00\x01\x00": 8, b"\x00\x00\x01\xc0": 16,
}  # fmt: skip
_TS = {b"\x47\x40\x00": 30, b"\x47\x50\x00": 60, b"\x47\x41\x00": 30, b"\x47\x01\x00": 12, **_MPEG}
_ASF = {
    bytes.fromhex(name): reach
    for name, reach in {
        "3026B2758E66CF11": 30, "A1DCAB8C47A9CF11": 110, "9107DCB7B7A9CF11": 110, "B503BF5F2EA9CF11": 50,
        "3626B2758E66CF11": 60, "82000": 0,
    }.items()
    if reach
}  # fmt: skip
_BY_SUFFIX = {
    "mp4": _MP4, "3gp": _MP4, "mov": _MP4, "m4a": _MP4, "mkv": _MATROSKA, "webm": _MATROSKA, "avi": _AVI, "wav": _AVI,
    "flv": _FLV, "gif": _GIF, "ogv": _OGG, "ogg": _OGG, "mpg": _MPEG, "vob": _MPEG, "m2v": _MPEG, "ts": _TS,
    "wmv": _ASF, "mp3": {b"ID3": 10, b"Xing": 16},
}  # fmt: skip


def field(data: bytes, suffix: str, rng: random.Random) -> bytes:
    """Change numbers after, or just before, the name of a box, element or chunk."""
    table = _BY_SUFFIX[suffix]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        names = [name for name in table if name in data]
        if not names:
            return data
        name = rng.choice(names)
        found = [match.start() for match in re.finditer(re.escape(name), data)]
        at = rng.choice(found[:8])
        if rng.random() < 0.15:  # the name of another
            data = put(data, at, rng.choice(names)[: len(name)])
        elif rng.random() < 0.25 and table is _MP4 and at >= 4:
            data = put(data, at - 4, number(rng)[:4])  # the size of a box is before its name
        else:
            data = put(data, at + len(name) + rng.randrange(table[name]), number(rng))
    return data


def rotation(data: bytes, suffix: str, rng: random.Random) -> bytes:
    """A matrix that rotates, mirrors, shears or enlarges the picture."""
    if (at := data.find(b"tkhd")) < 0:
        return field(data, suffix, rng)
    one = rng.choice((1 << 16, 1, -(1 << 16), 0x7FFFFFFF, 0, 3 << 16))
    a, b = rng.choice(((0, one), (one, 0), (one, one), (0, -one), (rng.getrandbits(31), rng.getrandbits(31))))
    matrix = struct.pack(">9i", a, b, 0, -b, a, rng.choice((0, 1)), 0, 0, rng.choice((1 << 30, 0, 1)))
    return put(data, at + 44, matrix)


def size(data: bytes, suffix: str, rng: random.Random) -> bytes:
    """Change the width and height of the picture wherever they are stored."""
    wide, high = (rng.choice((0, 1, 2, 16, 47, 4096, 8192, 16384, 30_000, 65535)) for _ in range(2))
    for form in (">HH", "<HH", ">II", "<II"):
        was = struct.pack(form, 48, 32)
        if was in data and rng.random() < 0.8:
            data = data.replace(was, struct.pack(form, wide, high), rng.choice((1, 1, -1)))
    if suffix in ("mkv", "webm"):
        data = data.replace(b"\xb0\x81\x30", b"\xb0\x81" + bytes([wide % 256]), 1)
        data = data.replace(b"\xba\x81\x20", b"\xba\x81" + bytes([high % 256]), 1)
    return data


def tracks(data: bytes, suffix: str, rng: random.Random) -> bytes:
    """Repeat a track hundreds of times, or remove it."""
    count = rng.choice((0, 2, 20, 200, 1000))
    if (
        suffix in ("mp4", "mov", "3gp", "m4a")
        and (at := data.find(b"trak") - 4) > 0
        and (moov := data.find(b"moov")) > 0
    ):
        (long,) = struct.unpack_from(">I", data, at)
        (whole,) = struct.unpack_from(">I", data, moov - 4)
        data = data[:at] + data[at : at + long] * count + data[at + long :]
        return put(data, moov - 4, struct.pack(">I", max(8, whole + (count - 1) * long) % (1 << 32)))
    if suffix == "avi" and (at := data.find(b"avih")) > 0:
        return put(data, at + 8 + 24, struct.pack("<I", rng.choice((count, 0xFFFFFFFF))))
    if (
        suffix in ("mkv", "webm")
        and (at := data.find(b"\x16\x54\xae\x6b")) > 0
        and (first := data.find(b"\xae", at)) > 0
    ):
        entry = data[first : first + 90]
        return data[: at + 4] + b"\x01" + b"\xff" * 7 + entry * count + data[first:]
    return field(data, suffix, rng)


def structured(data: bytes, suffix: str, others: Sequence[bytes], rng: random.Random) -> bytes:
    """One of the changes above."""
    change = rng.choice((field, field, field, field, rotation, size, tracks))
    return change(data, suffix, rng)
