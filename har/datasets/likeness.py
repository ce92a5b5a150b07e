"""Groups guessed from likeness, where neither names nor a table tell which videos are of one recording.

It is a guess. It puts together what is filmed before the same background in the same light; it misses recordings whose
camera moves on, and joins different ones before one wall. `python -m benchmarks.likeness` measures it.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

from har.caches import FileCache, key_of
from har.clips import ClipSpec, decode
from har.datasets.base import Dataset, LabelledVideo
from har.datasets.facts import info_of
from har.settings import settings

_VERSION = 1
_PLACES = 3  # frames: at a quarter, the middle and three quarters
_SHADES = 6  # of each colour, in the histogram
# From how much likeness on two videos are of one recording. The first is measured (see `benchmarks.likeness`); where a
# whole set is filmed before one wall it joins nearly all, and a split needs more groups than that: then the next.
_THRESHOLDS = (0.82, 0.88, 0.93, 0.97)
_FEWEST_GROUPS = 5  # of each label
_SPEC = ClipSpec(frames=4, height=12, width=16, span_sec=2.0)
_ALL_AT_ONCE = 3000  # videos; of more, only those of one label are compared


def with_guessed_groups(dataset: Dataset, on_progress: Callable[[int, int], None] | None = None) -> Dataset:
    """A data set in which every video has a group: its own, or one guessed from likeness.

    Guessed groups are called 'likely 001' and so on, in the order of their first videos' paths.

    Args:
        dataset: files of generated videos should be there.
        on_progress: told of each video looked at, of those without a group.

    Raises:
        VideoError: a video that cannot be read.
        StopRequested: if on_progress raises it; what was found by then is kept.
    """
    unknown = sorted((video for video in dataset.videos if video.group is None), key=lambda video: video.path)
    if not unknown:
        return dataset
    frames = _all_frames(unknown, on_progress)
    together = [unknown] if len(unknown) <= _ALL_AT_ONCE else _by_label(unknown)
    place = {video.path: index for index, video in enumerate(unknown)}
    first = np.arange(len(unknown))  # of each video's group
    for some in together:
        indices = np.array([place[video.path] for video in some])
        first[indices] = indices[_guessed(likeness(frames[indices]), [video.label for video in some])]
    numbers = {index: number for number, index in enumerate(sorted(set(first.tolist())), start=1)}
    groups = {video.path: f"likely {numbers[int(first[place[video.path]])]:03}" for video in unknown}
    videos = tuple(replace(video, group=video.group or groups[video.path]) for video in dataset.videos)
    return replace(dataset, videos=videos, guessed_groups=True)


def likeness(frames: UInt8[np.ndarray, "videos 3 height width 3"]) -> Float32[np.ndarray, "videos videos"]:
    """How alike videos look, 1 at most: the mean of two measures.

    One compares where which colours are, in the two frames of both videos that agree best; the other, which colours
    there are, wherever.

    Args:
        frames: a few small ones of each video.
    """
    layouts = frames.reshape(len(frames), _PLACES, -1).astype(np.float32)
    layouts -= layouts.mean(axis=2, keepdims=True)
    layouts /= np.maximum(np.linalg.norm(layouts, axis=2, keepdims=True), 1e-6)
    pairs = [layouts[:, one] @ layouts[:, other].T for one in range(_PLACES) for other in range(_PLACES)]
    shades = (frames.astype(np.int64) * _SHADES // 256) @ np.array([_SHADES**2, _SHADES, 1])
    counts = np.stack([np.bincount(of_video.reshape(-1), minlength=_SHADES**3) for of_video in shades])
    colours = np.sqrt(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    return np.asarray((np.maximum.reduce(pairs) + colours @ colours.T) / 2, np.float32)


def small_frames(video: LabelledVideo) -> UInt8[np.ndarray, "3 height width 3"]:
    """What `likeness` compares, kept by the file's contents.

    Raises:
        VideoError: it cannot be read.
    """
    key = key_of("likeness", _VERSION, video.content)
    shape = (_PLACES, _SPEC.height, _SPEC.width, 3)
    kept = _kept().read(key)
    if kept is not None and len(kept) == np.prod(shape):
        return np.frombuffer(kept, np.uint8).reshape(shape)
    samples = decode(info_of(video), _SPEC)
    frames = samples[(len(samples) - 1) * np.arange(1, _PLACES + 1) // (_PLACES + 1)]
    _kept().write(key, frames.tobytes())
    return frames


def _all_frames(
    videos: Sequence[LabelledVideo], on_progress: Callable[[int, int], None] | None
) -> UInt8[np.ndarray, "videos 3 height width 3"]:
    found: dict[int, UInt8[np.ndarray, "3 height width 3"]] = {}
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        futures = {pool.submit(small_frames, video): index for index, video in enumerate(videos)}
        for done, future in enumerate(as_completed(futures), start=1):
            found[futures[future]] = future.result()
            if on_progress:
                on_progress(done, len(videos))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return np.stack([found[index] for index in range(len(videos))])


def _guessed(alike: Float32[np.ndarray, "videos videos"], labels: Sequence[str]) -> Int[np.ndarray, "videos"]:
    """For each video the first one of its group."""
    first = np.arange(len(labels))
    for threshold in _THRESHOLDS:
        first = joined(alike, threshold)
        groups: dict[str, set[int]] = {}
        for label, group in zip(labels, first.tolist(), strict=True):
            groups.setdefault(label, set()).add(group)
        if all(len(of_label) >= min(_FEWEST_GROUPS, labels.count(label)) for label, of_label in groups.items()):
            break
    return first


def joined(alike: Float32[np.ndarray, "videos videos"], threshold: float) -> Int[np.ndarray, "videos"]:
    """For each video the first one of its group.

    Groups are joined, the likest first, as long as the mean likeness between their videos stays above the threshold
    (average linkage): one video between two scenes does not make one of them.
    """
    count, like = len(alike), alike.copy()
    np.fill_diagonal(like, -1.0)
    sizes = np.ones(count)
    first = np.arange(count)
    alive: Bool[np.ndarray, "videos"] = np.ones(count, bool)
    best = like.argmax(axis=1)
    while True:
        strength = np.where(alive, like[np.arange(count), best], -1.0)
        one = int(strength.argmax())
        if strength[one] < threshold:
            return first
        keep, gone = sorted((one, int(best[one])))
        merged = (sizes[keep] * like[keep] + sizes[gone] * like[gone]) / (sizes[keep] + sizes[gone])
        merged[~alive] = -1.0
        merged[[keep, gone]] = -1.0
        like[keep], like[:, keep] = merged, merged
        like[gone], like[:, gone] = -1.0, -1.0
        sizes[keep] += sizes[gone]
        alive[gone] = False
        first[first == gone] = keep
        stale = np.flatnonzero(alive & ((best == keep) | (best == gone)))
        best[stale] = like[stale].argmax(axis=1)
        best[keep] = like[keep].argmax()
        higher = alive & (like[:, keep] > like[np.arange(count), best])
        best[higher] = keep


def _by_label(videos: Sequence[LabelledVideo]) -> list[list[LabelledVideo]]:
    labels: dict[str, list[LabelledVideo]] = {}
    for video in videos:
        labels.setdefault(video.label, []).append(video)
    return list(labels.values())


def _kept() -> FileCache:
    return _cache(settings().previews, settings().preview_cache_bytes)


@cache
def _cache(folder: Path, limit_bytes: int) -> FileCache:
    return FileCache(folder, limit_bytes)
