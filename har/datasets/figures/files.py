"""The generated data set as files and folders like UCF101's, made when they are first asked for."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from har.datasets.base import Dataset, LabelledVideo, normal_label
from har.datasets.figures.motion import ACTIONS
from har.datasets.figures.shots import FPS, draw_clip
from har.errors import LabelsError
from har.settings import settings
from har.video import write_video

VERSION = 5  # raise it when frames change: files of another version lie in another folder
TITLE = f"figures (version {VERSION})"  # cards tell it
GROUPS = range(1, 26)
CLIPS = range(1, 5)  # of each label and group
_WORKERS = 3  # one draws while ffmpeg writes the others' clips

Entry = tuple[int, str, int]  # group, label, clip
OnProgress = Callable[[int, int], None]  # clips there, clips in all


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
    return write_figures(root or settings().datasets / f"figures-v{VERSION}", labels, groups, on_progress)


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
    chosen = _known(labels)
    paths = {
        (group, label, clip): clip_path(folder, group, label, clip)
        for group in groups
        for label in chosen
        for clip in CLIPS
    }
    _make({entry: path for entry, path in paths.items() if not path.exists()}, folder, len(paths), on_progress)
    videos = [LabelledVideo(path, label, f"g{group:02}") for (group, label, _), path in paths.items()]
    return Dataset("figures", TITLE, tuple(sorted(videos, key=lambda video: video.path)))


def _make(missing: Mapping[Entry, Path], folder: Path, total: int, on_progress: OnProgress | None) -> None:
    """Draws and writes the files that are not there yet; reports how many of all are."""
    done = total - len(missing)
    if on_progress:
        on_progress(done, total)
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".making-", dir=folder) as unfinished:
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


def clip_path(folder: Path, group: int, label: str, clip: int) -> Path:
    """Where a clip lies."""
    return folder / label / f"v_{label}_g{group:02}_c{clip:02}.mp4"


def _write(path: Path, unfinished: Path, group: int, label: str, clip: int) -> None:
    """The file appears whole or not at all; who else makes it at this moment has a folder of their own."""
    beside = unfinished / path.name
    write_video(beside, draw_clip(label, group, clip), Fraction(FPS))
    path.parent.mkdir(exist_ok=True)
    beside.replace(path)


def _known(labels: Iterable[str] | None) -> list[str]:
    if labels is None:
        return list(ACTIONS)
    known = {normal_label(action): action for action in ACTIONS}
    asked = {label: known.get(normal_label(label)) for label in labels}
    unknown = [label for label, action in asked.items() if action is None]
    if unknown:
        raise LabelsError(
            f"Figures does not show {', '.join(unknown)}.", f"It shows: {', '.join(ACTIONS)}.", "Choose among these."
        )
    return [action for action in ACTIONS if action in asked.values()]
