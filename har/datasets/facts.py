"""Figures of a data set: counts, sizes, durations."""

import os
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import fmean
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from har.datasets.dataset import Dataset, LabelledVideo, Skipped
from har.datasets.parallel import map_files
from har.errors import DatasetMissing, DatasetTooSmall, VideoError
from har.labels import join_labels
from har.progress import OnProgress, Stage, ignore
from har.storage.cache import cache_key, preview_cache
from har.video import VideoInfo, probe
from har.video.checks import check_file

_VERSION = 4  # to be raised when `probe` returns something else
_WORKERS = 2  # each waits for its own ffmpeg process
_MAX_NAMED = 3  # unreadable videos in a message
_INFO = TypeAdapter(VideoInfo)

_Value = TypeVar("_Value", bound=Hashable)


@dataclass(frozen=True)
class Facts:
    """Figures by which data sets are compared."""

    label_count: int
    clip_count: int
    clips_per_label: Mapping[str, int]
    group_count: int | None  # None: no video has a group
    groups_per_label: tuple[int, float, int] | None  # minimum, mean, maximum
    mean_frame_count: float | None  # of videos whose frame count is known; None: of none
    size: tuple[int, int]  # the most frequent width and height
    size_share: float  # of videos with this size
    fps: Fraction  # the most frequent
    fps_share: float
    mean_duration_sec: float
    min_duration_sec: float
    max_duration_sec: float
    total_duration_sec: float
    total_bytes: int

    def to_json(self) -> dict[str, Any]:
        """The figures as lists, numbers and strings."""
        groups = None if self.groups_per_label is None else list(self.groups_per_label)
        plain = {"clips_per_label": dict(self.clips_per_label), "groups_per_label": groups, "size": list(self.size)}
        return vars(self) | plain | {"fps": float(self.fps)}


def video_info(video: LabelledVideo) -> VideoInfo:
    """The properties of a video file: already known, cached, or probed now.

    They are cached by the content of the file, so the same file under another name is not probed again.

    Raises:
        VideoMissing: there is no such file.
        VideoError: it cannot be read.
    """
    if video.info is not None:
        return video.info
    check_file(video.path)
    key = cache_key("info", _VERSION, video.content)
    if (data := preview_cache().read(key)) is not None:
        with suppress(ValidationError):  # damaged
            return replace(_INFO.validate_json(data), path=video.path.absolute())
    info = probe(video.path)
    with suppress(OSError):  # such as a full disk: it is probed again next time
        preview_cache().write(key, _INFO.dump_json(info))
    return info


def readable(
    dataset: Dataset,
    on_progress: OnProgress = ignore,
    is_decoded: Callable[[LabelledVideo], bool] | None = None,
    *,
    for_training: bool = False,
) -> Dataset:
    """The data set without the videos that cannot be read, which are appended to `skipped`.

    Generated videos should be drawn (`har.datasets.ensure_drawn`). Those that are already decoded need not be probed.
    For training, each label needs a video.

    Raises:
        DatasetMissing: no video can be read; for training, none of a label.
        StopRequested: raised by on_progress; what was found so far stays cached.
    """

    def check(video: LabelledVideo) -> Skipped | None:
        try:
            check_file(video.path)
            if is_decoded is None or not is_decoded(video):
                video_info(video)
        except (VideoError, PermissionError) as error:
            return unreadable(video, error)
        return None

    results = map_files(check, dataset.videos, os.cpu_count(), Stage.SCAN_VIDEOS, on_progress)
    videos = tuple(video for video, problem in zip(dataset.videos, results, strict=True) if problem is None)
    skipped = [problem for problem in results if problem is not None]
    if skipped and not videos:
        raise none_readable(dataset.title, skipped)
    lost = sorted(set(dataset.labels) - {video.label for video in videos})
    if lost and for_training:
        raise none_readable(
            f"{dataset.title} with the label {join_labels(lost)}",
            [item for video, item in zip(dataset.videos, results, strict=True) if item and video.label in lost],
        )
    return replace(dataset, videos=videos, skipped=(*dataset.skipped, *skipped))


def none_readable(title: str, skipped: Sequence[Skipped]) -> DatasetMissing:
    """The error for a data set whose videos all cannot be read; it names some of them."""
    named = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:_MAX_NAMED])
    more = f"; and {len(skipped) - _MAX_NAMED} more" if len(skipped) > _MAX_NAMED else ""
    return DatasetMissing(
        f"None of the {len(skipped)} videos of {title} can be read: {named}{more}.",
        "Videos that play were expected.",
        "Copy or download them again, or convert them to MP4 (H.264) first.",
    )


def unreadable(video: LabelledVideo, error: VideoError | PermissionError) -> Skipped:
    """A video that cannot be read, with the reason."""
    reason = error.received if isinstance(error, VideoError) else "permission denied"
    name = f"{video.path.parent.name}/{video.path.name}"
    return Skipped(name, reason.replace(str(video.path), video.path.name).rstrip("."))


def probe_all(dataset: Dataset, on_progress: OnProgress = ignore) -> Dataset:
    """The data set with the `info` of every video; videos that cannot be read are moved to `skipped`.

    Generated videos should be drawn (`har.datasets.ensure_drawn`).

    Raises:
        StopRequested: raised by on_progress; what was found so far stays cached.
    """
    results = map_files(_probe, dataset.videos, _WORKERS, Stage.SCAN_VIDEOS, on_progress)
    readable = tuple(video for video in results if isinstance(video, LabelledVideo))
    unreadable = tuple(video for video in results if isinstance(video, Skipped))
    return replace(dataset, videos=readable, skipped=(*dataset.skipped, *unreadable))


def compute_facts(dataset: Dataset) -> Facts:
    """The figures of a data set from `probe_all`.

    Raises:
        DatasetTooSmall: it has no videos.
        ValueError: a video has no `info`.
    """
    infos = [video.info for video in dataset.videos if video.info is not None]
    if len(infos) < len(dataset.videos):
        raise ValueError("the data set was not probed")
    if not infos:
        raise DatasetTooSmall(
            f"{dataset.title} has no readable video.", "At least one is needed.", "Choose another data set."
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


def _probe(video: LabelledVideo) -> LabelledVideo | Skipped:
    if video.info is not None:
        return video
    try:
        known = replace(video, info=video_info(video))
    except (VideoError, PermissionError) as error:
        return unreadable(video, error)
    vars(known)["content"] = video.content  # computed already, to look in the cache
    return known


def _groups_per_label(dataset: Dataset) -> tuple[int, float, int] | None:
    if not dataset.groups:
        return None
    pairs = {(video.label, video.group) for video in dataset.videos if video.group is not None}
    counts = Counter(label for label, _ in pairs)
    per_label = [counts[label] for label in dataset.labels]
    return min(per_label), fmean(per_label), max(per_label)


def _most_frequent(values: Iterable[_Value]) -> tuple[_Value, float]:
    """The most frequent value, and its share."""
    counts = Counter(values)
    value, count = counts.most_common(1)[0]
    return value, count / counts.total()
