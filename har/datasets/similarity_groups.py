"""Groups guessed from likeness, where neither names nor a table tell which videos are of one recording.

It is a guess. It puts together what is filmed before the same background in the same light. It misses recordings whose
camera moves on or cuts, more of them where a set has but a few recordings, for it knows what is usual only from the set
itself; and it joins different recordings of one place. Of the pairs of one recording it found 97 in 100 on push-ups
before cameras that stand still, 64 on ten classes of UCF101, 50 on yoga in one studio; of the pairs that it put
together all, 50 and 36 in 100 were of one recording. `python -m benchmarks.similarity_groups` measures it.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import product

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

from har.clips import ClipSpec, decode
from har.datasets.dataset import Dataset, LabelledVideo
from har.datasets.facts import video_info
from har.storage.cache import cache_key, preview_cache

_VERSION = 1
_PLACES = 3  # frames: at a quarter, the middle and three quarters
_SHADES = 6  # of each colour, in the histogram
# From how much likeness on two videos are of one recording. The first is measured (see `benchmarks.similarity_groups`); where a
# whole set is filmed before one wall it joins nearly all, and a split needs more groups than that: then the next.
_THRESHOLDS = (0.48, 0.6, 0.75, 0.9)
_FEWEST_GROUPS = (3, 5)  # of a label with few videos, and of any other
_LEAST_SPREAD = 0.2  # of the largest: directions in which videos differ less are mostly noise
_SAME = 0.98  # plain likeness of videos that hardly differ
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
    """How alike videos look beside the others of a set, 1 at most: the mean of two measures.

    One compares where which colours are, in the two frames of both videos that agree best; the other, which colours
    there are, wherever. Both leave out what all the videos have in common, and the first gives weight to that in which
    they differ less often: of a hundred videos before one wall, those with the same mat on the floor are alike. Videos
    that hardly differ are alike whatever the others are.

    Args:
        frames: a few small ones of each video.
    """
    layouts = _unit(_centred(frames.reshape(len(frames), _PLACES, -1).astype(np.float32), axis=2))
    shades = (frames.astype(np.int64) * _SHADES // 256) @ np.array([_SHADES**2, _SHADES, 1])
    counts = np.stack([np.bincount(of_video.reshape(-1), minlength=_SHADES**3) for of_video in shades])
    colours = np.sqrt(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    own_colours = _unit(_centred(colours, axis=0))
    plain = (_best_pair(layouts) + colours @ colours.T) / 2
    alike = (_best_pair(_unit(_unusual(layouts))) + own_colours @ own_colours.T) / 2
    return np.asarray(np.where(plain >= _SAME, np.float32(1), alike), np.float32)


def _unusual(layouts: Float32[np.ndarray, "videos 3 values"]) -> Float32[np.ndarray, "videos 3 values"]:
    """Layouts with the mean taken out, and each of their principal directions divided by how far they differ in it."""
    points = _centred(layouts.reshape(-1, layouts.shape[2]), axis=0)
    spread, directions = np.linalg.eigh(points.T @ points / len(points))
    scale = np.sqrt(np.maximum(spread, 0) + (_LEAST_SPREAD**2) * max(float(spread[-1]), 1e-12))
    return np.asarray(points @ (directions / scale), np.float32).reshape(layouts.shape)


def _best_pair(layouts: Float32[np.ndarray, "videos 3 values"]) -> Float32[np.ndarray, "videos videos"]:
    """For each two videos, how well those of their frames agree that agree best."""
    best: Float32[np.ndarray, "videos videos"] = layouts[:, 0] @ layouts[:, 0].T
    for one, other in list(product(range(_PLACES), repeat=2))[1:]:
        np.maximum(best, layouts[:, one] @ layouts[:, other].T, out=best)
    return best


def _centred(values: Float32[np.ndarray, "..."], axis: int) -> Float32[np.ndarray, "..."]:
    return np.asarray(values - values.mean(axis=axis, keepdims=True), np.float32)


def _unit(values: Float32[np.ndarray, "..."]) -> Float32[np.ndarray, "..."]:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-6), np.float32)


def small_frames(video: LabelledVideo) -> UInt8[np.ndarray, "3 height width 3"]:
    """What `likeness` compares, kept by the file's contents.

    Raises:
        VideoError: it cannot be read.
    """
    key = cache_key("likeness", _VERSION, video.content)
    shape = (_PLACES, _SPEC.height, _SPEC.width, 3)
    kept = preview_cache().read(key)
    if kept is not None and len(kept) == np.prod(shape):
        return np.frombuffer(kept, np.uint8).reshape(shape)
    samples = decode(video_info(video), _SPEC)
    frames = samples[(len(samples) - 1) * np.arange(1, _PLACES + 1) // (_PLACES + 1)]
    preview_cache().write(key, frames.tobytes())
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
        if all(len(of_label) >= _fewest(labels.count(label)) for label, of_label in groups.items()):
            break
    return first


def _fewest(count: int) -> int:
    """Groups that a label of so many videos should have."""
    least, enough = _FEWEST_GROUPS
    return min(count, max(least, min(enough, count // 3)))


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
