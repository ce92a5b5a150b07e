"""Groups guessed from visual similarity, where neither names nor a table list them.

Videos with the same background in the same light are put into one group. Recordings whose camera moves or cuts are
missed, more often in sets of few recordings, because what is usual is estimated from the set itself; different
recordings of one place are merged. Recall of pairs from one recording is 0.97 on push-ups with static cameras, 0.64 on
ten classes of UCF101 and 0.50 on yoga in one studio; precision is 1.0, 0.50 and 0.36. `python -m
benchmarks.similarity_groups` measures both.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

from har.clips import ClipSpec, decode
from har.datasets.dataset import Dataset, LabelledVideo
from har.datasets.facts import video_info
from har.datasets.parallel import map_files
from har.progress import OnProgress, Stage, ignore
from har.storage.cache import cache_key, preview_cache

_VERSION = 1
_FRAMES = 3  # of a video: at a quarter, the middle and three quarters
_BINS = 6  # of each colour, in the histogram
# Similarity from which two videos are in one group. The first is tuned (see `benchmarks.similarity_groups`). In a set
# filmed in front of one wall it merges nearly all videos, and a split needs more groups: then the next is used.
_THRESHOLDS = (0.48, 0.6, 0.75, 0.9)
_MIN_GROUPS = (3, 5)  # of a label with few videos, of other labels
_MIN_SPREAD = 0.2  # of the largest: directions with less variation are mostly noise
_IDENTICAL = 0.98  # plain similarity of videos that hardly differ
_SPEC = ClipSpec(frames=4, height=12, width=16, span_sec=2.0)
_MAX_COMPARED = 3000  # videos; of more, only those of the same label are compared


def with_guessed_groups(dataset: Dataset, on_progress: OnProgress = ignore) -> Dataset:
    """The data set with a group for every video: its own, or a guessed one. Generated videos should be drawn.

    Guessed groups are named 'likely 001' and so on, in the order of the paths of their first videos.

    Raises:
        VideoError: a video cannot be read.
        StopRequested: raised by on_progress; the thumbnails made so far stay cached.
    """
    unknown = sorted((video for video in dataset.videos if video.group is None), key=lambda video: video.path)
    if not unknown:
        return dataset
    frames = np.stack(map_files(thumbnails, unknown, os.cpu_count(), Stage.COMPARE_VIDEOS, on_progress))
    labels = np.array([video.label for video in unknown])
    batches = [np.arange(len(unknown))]
    if len(unknown) > _MAX_COMPARED:
        batches = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    first = np.arange(len(unknown))  # the index of the first video of each video's group
    for batch in batches:
        first[batch] = batch[_group(similarity(frames[batch]), labels[batch].tolist())]
    numbers = np.unique(first, return_inverse=True)[1] + 1
    groups = {video.path: f"likely {number:03}" for video, number in zip(unknown, numbers, strict=True)}
    videos = tuple(replace(video, group=video.group or groups[video.path]) for video in dataset.videos)
    return replace(dataset, videos=videos, guessed_groups=True)


def similarity(frames: UInt8[np.ndarray, "videos 3 height width 3"]) -> Float32[np.ndarray, "videos videos"]:
    """How similar videos are compared with the others of a set, 1 at most: two measures of a few thumbnails, averaged.

    The first compares layouts (colours and their positions) in the most similar frames of the two videos; the second
    compares colour histograms. Both subtract what all videos have in common, and the first is whitened: of a hundred
    videos in front of one wall, those with the same mat on the floor are similar. Videos that hardly differ are always
    similar.
    """
    layouts = _unit(_centred(frames.reshape(len(frames), _FRAMES, -1).astype(np.float32), axis=2))
    bins = (frames.astype(np.int64) * _BINS // 256) @ np.array([_BINS**2, _BINS, 1])
    counts = np.stack([np.bincount(of_video.reshape(-1), minlength=_BINS**3) for of_video in bins])
    colours = np.sqrt(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    own_colours = _unit(_centred(colours, axis=0))
    plain = (_best_pair(layouts) + colours @ colours.T) / 2
    relative = (_best_pair(_unit(_whitened(layouts))) + own_colours @ own_colours.T) / 2
    return np.asarray(np.where(plain >= _IDENTICAL, np.float32(1), relative), np.float32)


def _whitened(layouts: Float32[np.ndarray, "videos 3 values"]) -> Float32[np.ndarray, "videos 3 values"]:
    """Layouts less their mean, with each principal direction divided by the standard deviation in it."""
    points = _centred(layouts.reshape(-1, layouts.shape[2]), axis=0)
    spread, directions = np.linalg.eigh(points.T @ points / len(points))
    scale = np.sqrt(np.maximum(spread, 0) + (_MIN_SPREAD**2) * max(float(spread[-1]), 1e-12))
    return np.asarray(points @ (directions / scale), np.float32).reshape(layouts.shape)


def _best_pair(layouts: Float32[np.ndarray, "videos 3 values"]) -> Float32[np.ndarray, "videos videos"]:
    """For each two videos, the similarity of their two most similar frames."""
    best: Float32[np.ndarray, "videos videos"] = layouts[:, 0] @ layouts[:, 0].T
    for first, second in list(product(range(_FRAMES), repeat=2))[1:]:
        np.maximum(best, layouts[:, first] @ layouts[:, second].T, out=best)
    return best


def _centred(values: Float32[np.ndarray, "..."], axis: int) -> Float32[np.ndarray, "..."]:
    return np.asarray(values - values.mean(axis=axis, keepdims=True), np.float32)


def _unit(values: Float32[np.ndarray, "..."]) -> Float32[np.ndarray, "..."]:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-6), np.float32)


def thumbnails(video: LabelledVideo) -> UInt8[np.ndarray, "3 height width 3"]:
    """The frames for `similarity`, cached by the content of the file.

    Raises:
        VideoError: it cannot be read.
    """
    key = cache_key("likeness", _VERSION, video.content)
    shape = (_FRAMES, _SPEC.height, _SPEC.width, 3)
    cached = preview_cache().read(key)
    if cached is not None and len(cached) == np.prod(shape):
        return np.frombuffer(cached, np.uint8).reshape(shape)
    samples = decode(video_info(video), _SPEC)
    frames = samples[(len(samples) - 1) * np.arange(1, _FRAMES + 1) // (_FRAMES + 1)]
    preview_cache().write(key, frames.tobytes())
    return frames


def _group(similarities: Float32[np.ndarray, "videos videos"], labels: Sequence[str]) -> Int[np.ndarray, "videos"]:
    """The index of the first video of each video's group."""
    first = np.arange(len(labels))
    for threshold in _THRESHOLDS:
        first = average_linkage(similarities, threshold)
        groups: dict[str, set[int]] = {}
        for label, group in zip(labels, first.tolist(), strict=True):
            groups.setdefault(label, set()).add(group)
        if all(len(of_label) >= _min_group_count(labels.count(label)) for label, of_label in groups.items()):
            break
    return first


def _min_group_count(count: int) -> int:
    """The number of groups that a label of `count` videos should have."""
    few, usual = _MIN_GROUPS
    return min(count, max(few, min(usual, count // 3)))


def average_linkage(similarities: Float32[np.ndarray, "videos videos"], threshold: float) -> Int[np.ndarray, "videos"]:
    """Average-linkage clustering. Returns the index of the first video of each video's group.

    The most similar groups are merged first, while the mean similarity between their videos is above the threshold: one
    video between two scenes does not merge them.
    """
    count, matrix = len(similarities), similarities.copy()
    np.fill_diagonal(matrix, -1.0)
    sizes = np.ones(count)
    first = np.arange(count)
    active: Bool[np.ndarray, "videos"] = np.ones(count, bool)
    best = matrix.argmax(axis=1)
    while True:
        highest = np.where(active, matrix[np.arange(count), best], -1.0)
        row = int(highest.argmax())
        if highest[row] < threshold:
            return first
        target, removed = sorted((row, int(best[row])))
        merged = (sizes[target] * matrix[target] + sizes[removed] * matrix[removed]) / (sizes[target] + sizes[removed])
        merged[~active] = -1.0
        merged[[target, removed]] = -1.0
        matrix[target], matrix[:, target] = merged, merged
        matrix[removed], matrix[:, removed] = -1.0, -1.0
        sizes[target] += sizes[removed]
        active[removed] = False
        first[first == removed] = target
        stale = np.flatnonzero(active & ((best == target) | (best == removed)))
        best[stale] = matrix[stale].argmax(axis=1)
        best[target] = matrix[target].argmax()
        higher = active & (matrix[:, target] > matrix[np.arange(count), best])
        best[higher] = target
