"""Decoded videos on disk: each video is decoded once for each clip spec."""

import math
import os
from contextlib import suppress
from dataclasses import astuple
from functools import lru_cache
from io import BytesIO

import numpy as np
from jaxtyping import UInt8

from har.clips.samples import ClipSpec, decode
from har.storage.cache import cache_key, clip_cache
from har.video import VideoInfo

_VERSION = 3  # to be raised when `decode` returns other samples
_HEADER_BYTES = 128  # of numpy's files


def decode_cached(content: str, info: VideoInfo, spec: ClipSpec) -> UInt8[np.ndarray, "samples height width 3"]:
    """The samples of a video as of `decode`, cached under `content`, the hash of the file's bytes.

    The memory map keeps a file open while it is referenced: do not hold hundreds.

    Returns:
        A read-only memory map, or a read-only array if it could not be cached.

    Raises:
        VideoError: it is not cached, and cannot be read.
    """
    cached = find_cached(content, spec)
    if cached is not None:
        return cached
    samples = decode(info, spec)
    with suppress(OSError), clip_cache().writing(_key(content, spec)) as temporary, temporary.open("wb") as file:
        np.save(file, samples)  # a full disk makes later calls slower, not wrong
    cached = find_cached(content, spec)
    if cached is not None:
        return cached
    samples.flags.writeable = False
    return samples


def find_cached(content: str, spec: ClipSpec) -> np.memmap | None:
    """The samples if they are cached, within a millisecond."""
    path = clip_cache().find(_key(content, spec))
    if path is None:
        return None
    with suppress(FileNotFoundError), path.open("rb") as file:  # another process may have removed it
        sample_count, rest = divmod(os.fstat(file.fileno()).st_size - _HEADER_BYTES, math.prod(spec.shape[1:]))
        shape = (sample_count, *spec.shape[1:])
        if rest == 0 and sample_count >= spec.frames and file.read(_HEADER_BYTES) == _header(shape):
            return np.memmap(file, np.uint8, "r", _HEADER_BYTES, shape)
    return None


@lru_cache
def _header(shape: tuple[int, ...]) -> bytes:
    """The first bytes of a valid file of that shape. Parsing them instead would trust a damaged file."""
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return header.getvalue()


def _key(content: str, spec: ClipSpec) -> str:
    return cache_key("samples", _VERSION, content, *astuple(spec))
