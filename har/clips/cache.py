"""Decoded videos on disk: whoever trains on this machine decodes a video once for each clip spec."""

import math
import os
from contextlib import suppress
from dataclasses import astuple
from functools import lru_cache
from io import BytesIO

import numpy as np
from jaxtyping import UInt8

from har.clips.samples import ClipSpec, decode
from har.storage.cache import kept_clips, key_of
from har.video import VideoInfo

_VERSION = 1  # raise it when `decode` comes to give other samples
_HEAD_BYTES = 128  # of numpy's files


def cached(content: str, info: VideoInfo, spec: ClipSpec) -> UInt8[np.ndarray, "samples height width 3"]:
    """What `decode` gives, decoded once and kept in the folder `settings().clips` while there is room.

    The map holds a file open for as long as it is referred to: do not hold hundreds.

    Args:
        content: hash of the file's bytes; a video is known by it under any name.
        info: the video, read if it is not kept.
        spec: size and rate.

    Returns:
        A memory map that cannot be written to, or a plain array of the kind if the disk would not take it.

    Raises:
        VideoError: it is not kept, and cannot be read.
    """
    found = find_cached(content, spec)
    if found is not None:
        return found
    samples = decode(info, spec)
    with suppress(OSError), kept_clips().writing(_key(content, spec)) as beside, beside.open("wb") as file:
        np.save(file, samples)  # a full disk makes what follows slower, but not wrong
    found = find_cached(content, spec)
    if found is not None:
        return found
    samples.flags.writeable = False
    return samples


def find_cached(content: str, spec: ClipSpec) -> np.memmap | None:
    """The same if it is kept already: an answer within a millisecond."""
    path = kept_clips().find(_key(content, spec))
    if path is None:
        return None
    with suppress(FileNotFoundError), path.open("rb") as file:  # it may have gone in between
        sample_count, rest = divmod(os.fstat(file.fileno()).st_size - _HEAD_BYTES, math.prod(spec.shape[1:]))
        shape = (sample_count, *spec.shape[1:])
        if rest == 0 and sample_count >= spec.frames and file.read(_HEAD_BYTES) == _head(shape):
            return np.memmap(file, np.uint8, "r", _HEAD_BYTES, shape)
    return None


@lru_cache
def _head(shape: tuple[int, ...]) -> bytes:
    """How numpy's file of a whole array of that shape begins. Reading it any other way would trust a damaged file."""
    head = BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return head.getvalue()


def _key(content: str, spec: ClipSpec) -> str:
    return key_of("samples", _VERSION, content, *astuple(spec))
