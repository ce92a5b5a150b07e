"""What is known of a data set: how many, how large, how long."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import fmean
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from har.datasets.dataset import Dataset, LabelledVideo, Skipped
from har.errors import DatasetTooSmall, VideoError
from har.storage.cache import cache_key, preview_cache
from har.video import VideoInfo, probe
from har.video.checks import check_file

_VERSION = 2  # raise it when `probe` comes to tell something else
_WORKERS = 2  # each waits for an ffmpeg of its own
_INFO = TypeAdapter(VideoInfo)

_Value = TypeVar("_Value", bound=Hashable)


@dataclass(frozen=True)
class Facts:
    """The numbers by which data sets are compared."""

    label_count: int
    clip_count: int
    clips_per_label: Mapping[str, int]
    mean_clips_per_label: float
    group_count: int | None  # different groups; None: no video has one
    groups_per_label: tuple[int, float, int] | None  # fewest, mean, most
    mean_frame_count: float | None  # of the videos that tell; None: none does
    size: tuple[int, int]  # width and height that most videos have
    size_share: float  # of the videos
    fps: Fraction  # that most videos have
    fps_share: float
    mean_duration_sec: float
    min_duration_sec: float
    max_duration_sec: float
    total_duration_sec: float
    total_bytes: int

    def to_json(self) -> dict[str, Any]:
        """The numbers as plain lists, numbers and strings."""
        groups = None if self.groups_per_label is None else list(self.groups_per_label)
        plain = {"clips_per_label": dict(self.clips_per_label), "groups_per_label": groups, "size": list(self.size)}
        return vars(self) | plain | {"fps": float(self.fps)}


def video_info(video: LabelledVideo) -> VideoInfo:
    """What a video's file holds: known already, kept from before, or found by a look at it.

    What was found is kept by the file's contents, so that the same file under another name need not be looked at.

    Raises:
        VideoMissing: no such file.
        VideoError: it cannot be read.
    """
    if video.info is not None:
        return video.info
    check_file(video.path)
    key = cache_key("info", _VERSION, video.content)
    kept = _read(key)
    if kept is not None:
        return replace(kept, path=video.path.absolute())
    info = probe(video.path)
    with suppress(OSError):  # a full disk, say: it is found again
        preview_cache().write(key, _INFO.dump_json(info))
    return info


def probe_all(dataset: Dataset, on_progress: Callable[[int, int], None] | None = None) -> Dataset:
    """A data set whose videos all have their `info`; those that cannot be read are moved to `skipped`.

    Args:
        dataset: files of generated videos should be there (`har.datasets.ensure_drawn`).
        on_progress: told of each video: those looked at, those in all.

    Raises:
        StopRequested: if on_progress raises it; what was found by then is kept.
    """
    videos = dataset.videos
    found: list[LabelledVideo | Skipped] = list(videos)
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        places = {pool.submit(_look, video): place for place, video in enumerate(videos)}
        for done, future in enumerate(as_completed(places), 1):
            found[places[future]] = future.result()
            if on_progress:
                on_progress(done, len(videos))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    readable = tuple(video for video in found if isinstance(video, LabelledVideo))
    unreadable = tuple(video for video in found if isinstance(video, Skipped))
    return replace(dataset, videos=readable, skipped=(*dataset.skipped, *unreadable))


def compute_facts(dataset: Dataset) -> Facts:
    """The numbers of a data set.

    Args:
        dataset: as `probe_all` gives it.

    Raises:
        DatasetTooSmall: no videos.
        ValueError: a video without `info`.
    """
    infos = [video.info for video in dataset.videos if video.info is not None]
    if len(infos) < len(dataset.videos):
        raise ValueError("facts are told of a data set that was probe_all")
    if not infos:
        raise DatasetTooSmall(
            f"{dataset.title} has no video that can be read.", "At least one is needed.", "Choose another data set."
        )
    clips = Counter(video.label for video in dataset.videos)
    frame_counts = [info.frame_count for info in infos if info.frame_count is not None]
    durations_sec = [info.duration_sec for info in infos]
    size, size_share = _most_frequent((info.width, info.height) for info in infos)
    fps, fps_share = _most_frequent(info.fps for info in infos)
    return Facts(
        label_count=len(clips),
        clip_count=len(infos),
        clips_per_label={label: clips[label] for label in dataset.labels},
        mean_clips_per_label=len(infos) / len(clips),
        group_count=len(dataset.groups) or None,
        groups_per_label=_groups_per_label(dataset),
        mean_frame_count=fmean(frame_counts) if frame_counts else None,
        size=size,
        size_share=size_share,
        fps=fps,
        fps_share=fps_share,
        mean_duration_sec=fmean(durations_sec),
        min_duration_sec=min(durations_sec),
        max_duration_sec=max(durations_sec),
        total_duration_sec=sum(durations_sec),
        total_bytes=sum(info.size_bytes for info in infos),
    )


def _look(video: LabelledVideo) -> LabelledVideo | Skipped:
    if video.info is not None:
        return video
    try:
        known = replace(video, info=video_info(video))
    except (VideoError, PermissionError) as error:
        said = error.received if isinstance(error, VideoError) else "It may not be opened"
        name = f"{video.path.parent.name}/{video.path.name}"
        return Skipped(name, said.replace(str(video.path), video.path.name).rstrip("."))
    vars(known)["content"] = video.content  # which was computed to find what is kept: once is enough
    return known


def _read(key: str) -> VideoInfo | None:
    """What was kept; None: nothing, or nothing that can be understood, and it is to be found anew."""
    data = preview_cache().read(key)
    if data is None:
        return None
    try:
        return _INFO.validate_json(data)
    except ValidationError:
        return None


def _groups_per_label(dataset: Dataset) -> tuple[int, float, int] | None:
    if not dataset.groups:
        return None
    pairs = {(video.label, video.group) for video in dataset.videos if video.group is not None}
    counts = Counter(label for label, _ in pairs)
    per_label = [counts[label] for label in dataset.labels]
    return min(per_label), fmean(per_label), max(per_label)


def _most_frequent(values: Iterable[_Value]) -> tuple[_Value, float]:
    """A value and the share that has it."""
    counts = Counter(values)
    value, count = counts.most_common(1)[0]
    return value, count / counts.total()
