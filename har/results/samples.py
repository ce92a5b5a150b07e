"""The generated samples: drawn when they are first asked for. What truly happens in them is known."""

from pathlib import Path

from har.datasets import figures
from har.results.events import DrawingSample, OnEvent
from har.settings import settings
from har.timeline import Segment, Timeline


def drawn_sample(name: str, on_event: OnEvent) -> Path:
    """A sample's file.

    Raises:
        OptionsError: no sample of that name.
    """
    path = sample_path(name)
    if not path.exists():
        if name in figures.SAMPLES:
            on_event(DrawingSample(figures.SAMPLES[name].title))
            path.parent.mkdir(parents=True, exist_ok=True)
        figures.make_sample(path, name)
    return path


def sample_path(name: str) -> Path:
    """Where a sample's file lies, or will lie once it is drawn."""
    return _folder() / f"{name}.mp4"


def true_timeline(video: Path) -> Timeline | None:
    """What truly happens in a sample; None for every other video."""
    if video.parent != _folder().absolute() or video.stem not in figures.SAMPLES:
        return None
    parts = figures.truth(figures.SAMPLES[video.stem].actions)
    return Timeline(tuple(Segment(part.start_sec, part.end_sec, part.label, 1.0, 0) for part in parts))


def _folder() -> Path:
    return settings().home / "samples" / f"v{figures.VERSION}"
