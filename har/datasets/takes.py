"""Data sets that are recorded clip by clip: clips recorded one after the other are a take, which is one group.

Takes have a number: the first take of every label is the group 'g01', which is in the names of its files. Such a set is
a draft until it is kept; see `har.storage.quota`.
"""

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from har.datasets import user_sets
from har.datasets.archives.unpacking import temporary_folder
from har.datasets.dataset import normalise_label
from har.datasets.layout import Video, arrange
from har.errors import DatasetMissing, DatasetTooLarge, LabelsError, NotAVideo, VideoTooLarge, VideoTooLong
from har.progress import OnProgress, ignore
from har.settings import MIB
from har.storage import atomic, quota
from har.video import VIDEO_SUFFIXES, probe

MAX_LABELS = 12
MAX_CLIPS = 120  # of a label
MAX_CLIP_SEC = 15.0
MAX_CLIP_BYTES = 16 * MIB  # more than ten seconds at 10 Mbit/s
_SUFFIXES = {"video/webm": ".webm", "video/mp4": ".mp4", "video/x-matroska": ".mkv"}  # what browsers record
_NAME = re.compile(r"take_g(?P<take>\d{2,})_c(?P<clip>\d{2,})")
_TITLE = "Shown to the camera"


def new_draft(owner: str) -> str:
    """Create an empty set, a draft, and return its name.

    Raises:
        TooMuchStored, DiskFull: as `quota.claim`.
    """
    name = user_sets.new_name()
    quota.claim(name, owner)
    folder = user_sets.dataset_folder(name)
    with quota.raising_disk_full():
        folder.mkdir(parents=True)
        atomic.write_text(folder / user_sets.TITLE_FILE, _TITLE)
    quota.touch_draft(folder)
    return name


def clips_by_label(name: str) -> dict[str, list[Path]]:
    """The videos of a set, sorted by name, by label; labels without any are left out. Nothing is opened.

    Raises:
        DatasetMissing: not a valid name.
    """
    clips: dict[str, list[Path]] = {}
    for path in sorted(user_sets.dataset_folder(name).glob("*/*")):
        if path.suffix.lower() in VIDEO_SUFFIXES:
            clips.setdefault(path.parent.name, []).append(path)
    return clips


def take_of(path: Path) -> int | None:
    """The number of a clip's take; None if its name has none."""
    found = _NAME.match(path.name)
    return int(found["take"]) if found else None


def next_take(name: str, label: str) -> int:
    """The number of the take that begins now."""
    return 1 + max((take_of(path) or 0 for path in clips_by_label(name).get(label, ())), default=0)


def add_recording(name: str, label: str, take: int, content: bytes, media_type: str) -> Path:
    """Add a clip that a browser has recorded, and return its path.

    Args:
        name: of the set.
        label: as `check_label` returns it.
        take: as `next_take` returned it when the take began.
        content: of the file.
        media_type: as the browser names it: 'video/webm;codecs=vp8'.

    Raises:
        NotAVideo, VideoTooLarge, VideoTooLong: not a recording of a browser, or one beyond the limits.
        VideoError: as `probe`.
        DatasetTooLarge, ArchiveRefused: the set has as many clips as allowed, or would be too large.
        DatasetMissing: there is no such set any more.
        DiskFull: there is no room for it.
    """
    folder, suffix = _existing(name), _SUFFIXES.get(media_type.split(";")[0].strip().lower())
    if suffix is None:
        raise NotAVideo(
            "What arrived is not a recording of a browser.", "WebM or MP4 was expected.", "Try another browser."
        )
    if len(content) > MAX_CLIP_BYTES:
        raise VideoTooLarge(
            f"The clip is {len(content) / MIB:.0f} MB in size.",
            f"At most {MAX_CLIP_BYTES // MIB} MB are allowed.",
            "Record a shorter one.",
        )
    _check_room(name, label, 1)
    user_sets.check_set_size(folder, len(content))
    with quota.raising_disk_full(), temporary_folder(folder) as staging:
        staged = staging / f"clip{suffix}"
        staged.write_bytes(content)
        info = probe(staged)
        if info.duration_sec > MAX_CLIP_SEC:
            raise VideoTooLong(
                f"The clip is {info.duration_sec:.0f} seconds long.",
                f"At most {MAX_CLIP_SEC:g} are allowed.",
                "Record a shorter one.",
            )
        return _move(staged, folder / label, take)


def add_files(
    name: str, label: str, files: Sequence[tuple[str, Path]], on_progress: OnProgress = ignore
) -> user_sets.Added:
    """Add video files, moved, together as one take: they may be of one recording.

    `files` has the original name and the path of each; the label is as `check_label` returns it. `StopRequested` raised
    out of `on_progress` adds nothing.

    Raises:
        DatasetTooLarge, ArchiveRefused: the set has as many clips as allowed, or would be too large.
        DatasetMissing: there is no such set any more.
    """
    _existing(name)
    _check_room(name, label, len(files))
    take = next_take(name, label)
    named = [(f"take_g{take:02}_c{number:02}_{original}", path) for number, (original, path) in enumerate(files, 1)]
    added = user_sets.add_clips(name, label, named, on_progress)
    ours = re.compile(rf"(?:{re.escape(label)}/)?take_g{take:02}_c\d\d+_")
    left_out = (
        replace(item, name=ours.sub("", item.name), reason=ours.sub("", item.reason)) for item in added.left_out
    )
    return replace(added, left_out=tuple(left_out))  # under their own names


def check_label(label: str, others: Sequence[str]) -> str:
    """The label that a user has written in its stored spelling. `others` are those of the set, and more to differ from.

    Raises:
        LabelsError: it cannot be the name of a folder, is used already, or would be taken for something else.
    """
    label = user_sets.validate_label(label)
    same = [other for other in others if normalise_label(other) == normalise_label(label)]
    if same:
        raise LabelsError(
            f"There is already a class {same[0]}.", "Every class needs a name of its own.", "Choose another name."
        )
    places, _ = arrange([Video((each,), "take_g01_c01") for each in (label, *others)])
    if any(place.label != each for place, each in zip(places, (label, *others), strict=True)):
        raise LabelsError(
            f"Together with the others, {label} reads as a part of a data set.",
            "A class needs a name that says what is done, such as 'Wave'.",
            "Choose another name.",
        )
    return label


def rename(name: str, label: str, new_label: str) -> None:
    """Rename a label that has clips; `new_label` as `check_label` returned it."""
    folder = _existing(name)
    if (folder / label).is_dir():
        temporary = folder / f".{new_label}"  # where only the case of letters changes, both may be one on the disk
        (folder / label).rename(temporary)
        temporary.rename(folder / new_label)
        os.utime(folder)


def remove(name: str, label: str, clip: str | None = None) -> None:
    """Delete a clip, by its file's name, or all of a label."""
    folder = _existing(name)
    for path in clips_by_label(name).get(label, ()):
        if clip in (None, path.name):
            path.unlink(missing_ok=True)
    with suppress(OSError):  # it has other clips
        (folder / label).rmdir()
    os.utime(folder)


def discard(name: str) -> None:
    """Delete a set with all its clips.

    Raises:
        DatasetMissing: not a valid name.
    """
    shutil.rmtree(user_sets.dataset_folder(name), ignore_errors=True)


def _existing(name: str) -> Path:
    folder = user_sets.dataset_folder(name)
    if not folder.is_dir():
        raise DatasetMissing(
            "These clips have been deleted.",
            "Clips that are not kept are deleted some time after their page was closed.",
            "Open Teach again, and record new ones.",
        )
    return folder


def _check_room(name: str, label: str, more: int) -> None:
    clips = clips_by_label(name)
    if label not in clips and len(clips) >= MAX_LABELS:
        raise DatasetTooLarge(
            f"There are {len(clips)} classes.", f"At most {MAX_LABELS} can be taught here.", "Delete one of them."
        )
    if (count := len(clips.get(label, ())) + more) > MAX_CLIPS:
        raise DatasetTooLarge(
            f"{label} would have {count} clips.", f"At most {MAX_CLIPS} can be recorded here.", "Delete some of them."
        )


def _move(staged: Path, folder: Path, take: int) -> Path:
    numbers = (_NAME.match(path.name) for path in folder.glob("*"))
    number = max((int(found["clip"]) for found in numbers if found and int(found["take"]) == take), default=0)
    folder.mkdir(exist_ok=True)
    while True:
        number += 1
        path = folder / f"take_g{take:02}_c{number:02}{staged.suffix}"
        with suppress(FileExistsError):  # another tab has just added one
            os.link(staged, path)
            os.utime(folder.parent)
            return path
