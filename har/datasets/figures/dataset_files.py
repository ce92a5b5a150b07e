"""The generated data set as files and folders like those of UCF101, drawn when they are first needed."""

import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from har.datasets.dataset import Dataset, LabelledVideo, normalise_label
from har.datasets.figures.actions import ACTIONS
from har.datasets.figures.clips import FPS, draw_clip
from har.datasets.parallel import map_files
from har.errors import LabelsError
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings
from har.video import write_video

VERSION = 5  # to be raised when frames change: each version has its own folder
TITLE = f"figures (version {VERSION})"  # on cards
GROUPS = range(1, 26)
CLIPS = range(1, 5)  # of each label and group
_NAME = re.compile(r"v_(?P<label>\w+)_g(?P<group>\d+)_c(?P<clip>\d+)")
_TEMPORARY = ".making-"  # prefix of folders of unfinished files; the process id follows
_STALE_SEC = 3600.0  # after which a temporary folder is not in use
_WORKERS = 3  # one draws while ffmpeg writes the clips of the others

Entry = tuple[int, str, int]  # group, label, clip


def list_figures(
    labels: Iterable[str] | None = None, groups: Iterable[int] = GROUPS, root: Path | None = None
) -> Dataset:
    """The generated data set, or some of its labels and groups, whose files need not be drawn yet.

    Raises:
        LabelsError: the set does not have one of the labels.
    """
    paths = _paths(root or figures_folder(), labels, groups)
    videos = [LabelledVideo(path, label, f"g{group:02}") for (group, label, _), path in paths.items()]
    return Dataset("figures", TITLE, tuple(sorted(videos, key=lambda video: video.path)))


def open_figures(
    labels: Iterable[str] | None = None,
    groups: Iterable[int] = GROUPS,
    root: Path | None = None,
    on_progress: OnProgress = ignore,
) -> Dataset:
    """The generated data set, or some of its labels and groups. Missing files are drawn: `Squat/v_Squat_g03_c02.mp4`.

    They are in `root`, by default the folder of `figures_folder`. `on_progress` reports how many of them exist.

    Raises:
        LabelsError: the set does not have one of the labels.
        StopRequested: raised by on_progress; finished files are kept.
    """
    labels, groups, folder = None if labels is None else list(labels), list(groups), root or figures_folder()
    _draw_files(_paths(folder, labels, groups), folder, on_progress)
    return list_figures(labels, groups, folder)


def draw_missing(paths: Iterable[Path], on_progress: OnProgress = ignore) -> None:
    """Draw missing files of the generated data set in the folder of data sets; other files are ignored.

    Raises:
        StopRequested: raised by on_progress; finished files are kept.
    """
    folder = figures_folder()
    entries = {entry: path for path in paths if (entry := _parse_path(folder, path))}
    if entries:
        _draw_files(entries, folder, on_progress)


def is_figures_clip(path: Path) -> bool:
    """Whether a path is of the generated data set in the folder of data sets; the file need not exist."""
    return _parse_path(figures_folder(), path) is not None


def figures_folder() -> Path:
    """The folder of this version."""
    return settings().datasets / f"figures-v{VERSION}"


def _clip_path(folder: Path, group: int, label: str, clip: int) -> Path:
    return folder / label / f"v_{label}_g{group:02}_c{clip:02}.mp4"


def _parse_path(folder: Path, path: Path) -> Entry | None:
    """None: the path is not of the set."""
    match = _NAME.fullmatch(path.stem)
    if match is None or match["label"] not in ACTIONS:
        return None
    group, label, clip = int(match["group"]), match["label"], int(match["clip"])
    return (group, label, clip) if _clip_path(folder, group, label, clip) == path else None


def _paths(folder: Path, labels: Iterable[str] | None, groups: Iterable[int]) -> dict[Entry, Path]:
    chosen = _known_labels(labels)
    return {
        (group, label, clip): _clip_path(folder, group, label, clip)
        for group in groups
        for label in chosen
        for clip in CLIPS
    }


def _draw_files(paths: Mapping[Entry, Path], folder: Path, on_progress: OnProgress) -> None:
    missing = {entry: path for entry, path in paths.items() if not path.exists()}
    done, total = len(paths) - len(missing), len(paths)
    on_progress(Progress(Stage.DRAW_CLIPS, done, total))
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    _remove_stale_folders(folder)
    with TemporaryDirectory(prefix=f"{_TEMPORARY}{os.getpid()}-", dir=folder) as temporary:

        def write(entry: Entry) -> None:
            _write(paths[entry], Path(temporary), *entry)

        map_files(write, list(missing), _WORKERS, Stage.DRAW_CLIPS, on_progress, done)


def _remove_stale_folders(folder: Path) -> None:
    """Remove what killed processes have left, after a while: another machine may share the disk."""
    for temporary in folder.glob(f"{_TEMPORARY}*"):
        with suppress(OSError, ValueError):
            pid = int(temporary.name.removeprefix(_TEMPORARY).partition("-")[0])
            if time.time() - temporary.stat().st_mtime > _STALE_SEC and not psutil.pid_exists(pid):
                shutil.rmtree(temporary, ignore_errors=True)


def _write(path: Path, temporary: Path, group: int, label: str, clip: int) -> None:
    """Another process may write the same file at the same time, in its own temporary folder."""
    unfinished = temporary / path.name
    write_video(unfinished, draw_clip(label, group, clip), Fraction(FPS))
    path.parent.mkdir(exist_ok=True)
    unfinished.replace(path)


def _known_labels(labels: Iterable[str] | None) -> list[str]:
    if labels is None:
        return list(ACTIONS)
    known = {normalise_label(action): action for action in ACTIONS}
    actions = {label: known.get(normalise_label(label)) for label in labels}
    unknown = [label for label, action in actions.items() if action is None]
    if unknown:
        raise LabelsError(
            f"The data set figures has no label {', '.join(unknown)}.",
            f"Its labels: {', '.join(ACTIONS)}.",
            "Choose from these.",
        )
    return [action for action in ACTIONS if action in actions.values()]
