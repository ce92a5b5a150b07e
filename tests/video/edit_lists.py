"""MP4 files with edit lists, which say what of a track is shown, and when (ISO/IEC 14496-12, 8.6.6)."""

import struct
from collections.abc import Iterator
from pathlib import Path

EMPTY = -1.0  # in place of a time in the track: nothing is shown
Edit = tuple[float, float]  # how long, and from which second of the track on
_HEAD = 8  # bytes of a box before its content
_MVHD_TIMESCALE, _MVHD_DURATION = 20, 24  # offsets of version 0
_MDHD_TIMESCALE = 20


def with_edits(source: Path, out: Path, *edits: Edit, track: int = 0) -> Path:
    """Copy an MP4 file, with these edits of one of its tracks in place of what it has.

    Its index must be its last box, so that the frames stay where they are.
    """
    data = source.read_bytes()
    at = _find(data, b"moov", 0, len(data))
    end = at + _size(data, at)
    assert end == len(data), "frames follow the index"
    movie_clock = _number(data, _find(data, b"mvhd", at + _HEAD, end) + _MVHD_TIMESCALE)
    tracks = [start for start, kind in _boxes(data, at + _HEAD, end) if kind == b"trak"]
    begin = tracks[track]
    trak = _edited(data[begin : begin + _size(data, begin)], movie_clock, edits)
    moov = bytearray(data[at:begin] + trak + data[begin + _size(data, begin) :])
    moov[:4] = struct.pack(">I", len(moov))
    header = _find(moov, b"mvhd", _HEAD, len(moov))
    duration = max(round(sum(length for length, _ in edits) * movie_clock), 1)
    if len(tracks) == 1:
        moov[header + _MVHD_DURATION : header + _MVHD_DURATION + 4] = struct.pack(">I", duration)
    out.write_bytes(data[:at] + moov)
    return out


def _edited(trak: bytes, movie_clock: int, edits: tuple[Edit, ...]) -> bytes:
    media = _find(trak, b"mdia", _HEAD, len(trak))
    clock = _number(trak, _find(trak, b"mdhd", media + _HEAD, media + _size(trak, media)) + _MDHD_TIMESCALE)
    rows = b"".join(
        struct.pack(">IiHH", round(length * movie_clock), -1 if start == EMPTY else round(start * clock), 1, 0)
        for length, start in edits
    )
    elst = struct.pack(">I4sII", 16 + len(rows), b"elst", 0, len(edits)) + rows
    edts = struct.pack(">I4s", _HEAD + len(elst), b"edts") + elst
    parts = [(kind, trak[at : at + _size(trak, at)]) for at, kind in _boxes(trak, _HEAD, len(trak)) if kind != b"edts"]
    content = b"".join(box + (edts if kind == b"tkhd" else b"") for kind, box in parts)
    return struct.pack(">I4s", _HEAD + len(content), b"trak") + content


def _boxes(data: bytes, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
    while begin < end:
        yield begin, bytes(data[begin + 4 : begin + 8])
        begin += _size(data, begin)


def _find(data: bytes, kind: bytes, begin: int, end: int) -> int:
    return next(at for at, found in _boxes(data, begin, end) if found == kind)


def _number(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0])


def _size(data: bytes, at: int) -> int:
    return _number(data, at)
