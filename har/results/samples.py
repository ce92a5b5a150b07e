"""The generated samples: drawn on first use. Their ground truth is known."""

from pathlib import Path

from har.datasets import figures
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings
from har.timeline import Timeline


def ensure_sample(name: str, on_progress: OnProgress = ignore) -> Path:
    """A sample's file, drawn if it does not exist.

    Raises:
        OptionsError: no sample with that name.
    """
    path = sample_path(name)
    if not path.exists():
        if name in figures.SAMPLES:
            on_progress(Progress(Stage.DRAW_SAMPLE, subject=figures.SAMPLES[name].title))
            path.parent.mkdir(parents=True, exist_ok=True)
        figures.make_sample(path, name)
    return path


def sample_path(name: str) -> Path:
    """Where a sample's file is, or will be once drawn."""
    return _folder() / f"{name}.mp4"


def sample_ground_truth(video: Path) -> Timeline | None:
    """The ground truth of a sample; None for any other video."""
    if video.parent != _folder().absolute() or video.stem not in figures.SAMPLES:
        return None
    return Timeline(tuple(figures.true_segments(figures.SAMPLES[video.stem].actions)))


def _folder() -> Path:
    return settings().home / "samples" / f"v{figures.VERSION}"
