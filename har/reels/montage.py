"""A wall of classes: a clip of each class of a data set, in a grid that can be looped."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from har.datasets import LabelledVideo, ensure_drawn
from har.datasets.facts import video_info
from har.datasets.figures import is_figures_clip
from har.errors import OptionsError, VideoError
from har.labels import display_name
from har.progress import OnProgress, Progress, Stage, ignore
from har.reels.composing import (
    DARK,
    Clip,
    card,
    check_suffix,
    clip_of,
    ensure_folder,
    frames_of,
    layered,
    moviepy,
    plain,
)
from har.render.text import wrap
from har.render.text_pictures import Line, draw_texts
from har.settings import settings
from har.storage import quota
from har.storage.cache import cache_key, preview_cache
from har.video import read_frames, write_gif, write_video
from har.video.sound import OnRemark, ignore_remark

_LOOP_SEC = 4
_MAX_CELL_WIDTH = 320
_GAP = 4  # pixels between cells
_VERSION = 1  # increase it when walls look different

_Frames = UInt8[np.ndarray, "_ height width 3"]  # clips have different lengths


@dataclass(frozen=True)
class _Format:
    write: Callable[..., None]
    fps: Fraction
    width: int  # of the wall, about


_FORMATS = {
    ".mp4": _Format(write_video, Fraction(25), 960),
    ".gif": _Format(write_gif, Fraction(25, 2), 640),  # GIF's clock has hundredths of a second
}


def make_montage(
    videos: Sequence[LabelledVideo],
    out: Path,
    *,
    on_progress: OnProgress = ignore,
    on_remark: OnRemark = ignore_remark,
) -> list[LabelledVideo]:
    """Make a film of clips side by side, each with its label: four seconds from their middle, repeated if shorter.

    The videos are one of each class (`har.datasets.one_per_class`); generated ones are drawn. The MP4, or the GIF,
    which loops, is written completely or not at all. `StopRequested` raised out of `on_progress` ends the work.
    `on_remark` is called with a sentence for users for each clip that cannot be read, and so is left out.

    Returns:
        The videos shown.

    Raises:
        OptionsError: none or too many videos, or `out` has another suffix.
        LocationError: the film's folder cannot be created or written to.
        VideoError: no video can be read, or the film cannot be written.
        StopRequested: raised out of `on_progress`.
    """
    check_suffix(out, *_FORMATS)
    form = _FORMATS[out.suffix.lower()]
    _check_count(len(videos))
    width = min(_MAX_CELL_WIDTH, form.width // _columns(len(videos))) // 4 * 4
    size = (width, width * 3 // 4)
    ensure_folder(out)
    with quota.raising_disk_full():
        clips = _read(videos, size, form.fps, on_progress, on_remark)
        wall = _compose(clips, size, form.fps)
        frame_count = round(_LOOP_SEC * form.fps)
        form.write(out, frames_of(wall, frame_count, form.fps, on_progress), form.fps)
    return [video for video, _ in clips]


def montage_job(videos: Sequence[LabelledVideo], on_progress: OnProgress = ignore) -> tuple[str, ...]:
    """`make_montage` as a job: returns remarks for users. `find_montage` finds the film."""
    remarks: list[str] = []
    with preview_cache().writing(_key(videos)) as path:
        make_montage(videos, path, on_progress=on_progress, on_remark=remarks.append)
    return tuple(remarks)


def find_montage(videos: Sequence[LabelledVideo]) -> Path | None:
    """The film of these clips, until it is removed to free space; None if there is none."""
    return preview_cache().find(_key(videos))


def _key(videos: Sequence[LabelledVideo]) -> str:
    parts = ((video.path, video.label, _changed_ns(video.path)) for video in videos)
    return f"{cache_key('wall', _VERSION, *parts)}.mp4"


def _changed_ns(path: Path) -> int:
    """When a clip last changed; 0 if it is gone, or is a generated one, which is perhaps not drawn yet."""
    return path.stat().st_mtime_ns if path.exists() and not is_figures_clip(path) else 0


def _check_count(count: int) -> None:
    highest = settings().max_wall_classes
    if not 0 < count <= highest:
        raise OptionsError(
            f"A wall of {count} clips was requested.",
            f"It can have 1 to {highest} (HAR_MAX_WALL_CLASSES).",
            "Choose fewer classes." if count else "Choose at least one class.",
        )


def _read(
    videos: Sequence[LabelledVideo], size: tuple[int, int], fps: Fraction, on_progress: OnProgress, on_remark: OnRemark
) -> list[tuple[LabelledVideo, _Frames]]:
    ensure_drawn(videos, on_progress)
    clips: list[tuple[LabelledVideo, _Frames]] = []
    failed: VideoError | None = None
    for number, video in enumerate(videos):
        on_progress(Progress(Stage.READ_CLIPS, number, len(videos)))
        try:
            clips.append((video, _middle(video, size, fps)))
        except VideoError as error:
            failed = error
            on_remark(f"{display_name(video.label)} is left out: {error.received}")
    if failed is not None and not clips:
        raise failed
    return clips


def _middle(video: LabelledVideo, size: tuple[int, int], fps: Fraction) -> _Frames:
    info = video_info(video)
    count = round(_LOOP_SEC * fps)
    start_sec = max(0.0, (info.duration_sec - _LOOP_SEC) / 2)
    with read_frames(info, size=size[::-1], fit="crop", fps=fps, start_sec=start_sec) as reader:
        return np.stack([frame for frame, _ in zip(reader, range(count), strict=False)])


def _columns(count: int) -> int:
    """About as many columns as rows, or one more, so that few cells stay empty."""
    columns = math.ceil(math.sqrt(count))
    return min(columns, columns + 1, key=lambda each: (-count % each, each)) if count > 2 else count


def _compose(clips: Sequence[tuple[LabelledVideo, _Frames]], size: tuple[int, int], fps: Fraction) -> Clip:
    (width, height), columns = size, _columns(len(clips))
    text = max(11, round(width / 11))
    names = [wrap(display_name(video.label), width / text, 1)[0] or [""] for video, _ in clips]
    lines = [[Line(line, text) for line in name] for name in names]
    captions = draw_texts(lines, width, text + 2 * _GAP, centred=True)
    count = round(_LOOP_SEC * fps)
    empty = plain(DARK, (width + _GAP, height + text + 3 * _GAP), count, fps)
    cells = [
        layered(
            empty,
            clip_of(partial(_frame, frames, fps), size, count, fps),
            card(caption).with_duration(_LOOP_SEC).with_position((0, height)),
        )
        for (_, frames), caption in zip(clips, captions, strict=True)
    ]
    cells += [empty] * (-len(cells) % columns)
    grid = [cells[first : first + columns] for first in range(0, len(cells), columns)]
    return moviepy().clips_array(grid, bg_color=DARK)


def _frame(frames: _Frames, fps: Fraction, time_sec: float) -> UInt8[np.ndarray, "height width 3"]:
    return np.asarray(frames[round(time_sec * float(fps)) % len(frames)])
