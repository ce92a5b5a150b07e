"""The generated data set as files and folders like UCF101's, made when they are first asked for."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from har.datasets.dataset import Dataset, LabelledVideo, normalise_label
from har.datasets.figures.actions import ACTIONS
from har.datasets.figures.clips import FPS, draw_clip
from har.errors import LabelsError
from har.settings import settings
from har.video import write_video

VERSION = 5  # raise it when frames change: files of another version lie in another folder
TITLE = f"figures (version {VERSION})"  # cards tell it
GROUPS = range(1, 26)
CLIPS = range(1, 5)  # of each label and group
_NAME = re.compile(r"v_(?P<label>\w+)_g(?P<group>\d+)_c(?P<clip>\d+)")
_UNFINISHED = ".making-"  # a folder of what is being written; the number of the process that makes it follows
_LEFT_SEC = 3600.0  # after which nobody writes there any more
_WORKERS = 3  # one draws while ffmpeg writes the others' clips

Entry = tuple[int, str, int]  # group, label, clip
OnProgress = Callable[[int, int], None]  # clips there, clips in all


def list_figures(
    labels: Iterable[str] | None = None, groups: Iterable[int] = GROUPS, root: Path | None = None
) -> Dataset:
    """The generated data set, or some labels and groups of it: where its files lie, or will lie once they are drawn.

    Raises:
        LabelsError: a label that the set does not have.
    """
    paths = _paths(root or figures_folder(), labels, groups)
    videos = [LabelledVideo(path, label, f"g{group:02}") for (group, label, _), path in paths.items()]
    return Dataset("figures", TITLE, tuple(sorted(videos, key=lambda video: video.path)))


def open_figures(
    labels: Iterable[str] | None = None,
    groups: Iterable[int] = GROUPS,
    root: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Dataset:
    """The generated data set, in the folder of data sets; files that are missing are made.

    Raises:
        LabelsError: a label that the set does not have.
        StopRequested: if on_progress raises it; whole files stay.
    """
    return write_figures(root or figures_folder(), labels, groups, on_progress)


def write_figures(
    folder: Path,
    labels: Iterable[str] | None = None,
    groups: Iterable[int] = GROUPS,
    on_progress: OnProgress | None = None,
) -> Dataset:
    """The generated data set, or some labels and groups of it, in a folder: `Squat/v_Squat_g03_c02.mp4`.

    Raises:
        LabelsError: a label that the set does not have.
        StopRequested: if on_progress raises it; whole files stay.
    """
    labels, groups = None if labels is None else list(labels), list(groups)
    _make(_paths(folder, labels, groups), folder, on_progress)
    return list_figures(labels, groups, folder)


def draw_missing(paths: Iterable[Path], on_progress: OnProgress | None = None) -> None:
    """Draws those of some files that belong to the generated data set, in the folder of data sets, and are missing.

    Args:
        paths: any files; others are left alone.
        on_progress: told of the files of the generated data set among them: those there, those in all.

    Raises:
        StopRequested: if on_progress raises it; whole files stay.
    """
    folder = figures_folder()
    entries = {_entry(folder, path): path for path in paths}
    known = {entry: path for entry, path in entries.items() if entry is not None}
    if known:
        _make(known, folder, on_progress)


def is_figures_clip(path: Path) -> bool:
    """Whether a file is one of the generated data set in the folder of data sets, there or not."""
    return _entry(figures_folder(), path) is not None


def figures_folder() -> Path:
    """Where the files of this version lie."""
    return settings().datasets / f"figures-v{VERSION}"


def clip_path(folder: Path, group: int, label: str, clip: int) -> Path:
    """Where a clip lies."""
    return folder / label / f"v_{label}_g{group:02}_c{clip:02}.mp4"


def _entry(folder: Path, path: Path) -> Entry | None:
    """What a file of the set shows; None: it does not belong to the set."""
    found = _NAME.fullmatch(path.stem)
    if found is None or found["label"] not in ACTIONS:
        return None
    group, label, clip = int(found["group"]), found["label"], int(found["clip"])
    return (group, label, clip) if clip_path(folder, group, label, clip) == path else None


def _paths(folder: Path, labels: Iterable[str] | None, groups: Iterable[int]) -> dict[Entry, Path]:
    chosen = _known(labels)
    return {
        (group, label, clip): clip_path(folder, group, label, clip)
        for group in groups
        for label in chosen
        for clip in CLIPS
    }


def _make(paths: Mapping[Entry, Path], folder: Path, on_progress: OnProgress | None) -> None:
    """Draws and writes the files that are not there yet; reports how many of all are."""
    missing = {entry: path for entry, path in paths.items() if not path.exists()}
    done, total = len(paths) - len(missing), len(paths)
    if on_progress:
        on_progress(done, total)
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    _clear_away(folder)
    with TemporaryDirectory(prefix=f"{_UNFINISHED}{os.getpid()}-", dir=folder) as unfinished:
        pool = ThreadPoolExecutor(_WORKERS)
        try:
            for future in as_completed(
                [pool.submit(_write, path, Path(unfinished), *e) for e, path in missing.items()]
            ):
                future.result()
                done += 1
                if on_progress:
                    on_progress(done, total)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _clear_away(folder: Path) -> None:
    """Remove what killed processes have left, once it has lain for long: another machine may share the disk."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError, ValueError):
            maker = int(left.name.removeprefix(_UNFINISHED).partition("-")[0])
            if time.time() - left.stat().st_mtime > _LEFT_SEC and not psutil.pid_exists(maker):
                shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, unfinished: Path, group: int, label: str, clip: int) -> None:
    """The file appears whole or not at all; who else makes it at this moment has a folder of their own."""
    beside = unfinished / path.name
    write_video(beside, draw_clip(label, group, clip), Fraction(FPS))
    path.parent.mkdir(exist_ok=True)
    beside.replace(path)


def _known(labels: Iterable[str] | None) -> list[str]:
    if labels is None:
        return list(ACTIONS)
    known = {normalise_label(action): action for action in ACTIONS}
    asked = {label: known.get(normalise_label(label)) for label in labels}
    unknown = [label for label, action in asked.items() if action is None]
    if unknown:
        raise LabelsError(
            f"Figures does not show {', '.join(unknown)}.", f"It shows: {', '.join(ACTIONS)}.", "Choose among these."
        )
    return [action for action in ACTIONS if action in asked.values()]
