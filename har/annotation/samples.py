"""The generated samples: drawn when they are first asked for, and the only videos of which the truth is known."""

from pathlib import Path

from har.annotation.events import DrawingSample, OnEvent
from har.annotation.result import Annotation
from har.datasets import figures, normal_label
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


def true_timeline(result: Annotation) -> Timeline | None:
    """What truly happens in an annotated sample, spelt as the classifier spells it where it knows the action.

    None for every other video.
    """
    path = result.info.path
    if path.parent != _folder().absolute() or path.stem not in figures.SAMPLES:
        return None
    spelling = {normal_label(label): label for label in result.scored.scores.labels}
    parts = figures.truth(figures.SAMPLES[path.stem].actions)
    names = [spelling.get(normal_label(part.label), part.label) for part in parts]
    return Timeline(
        tuple(Segment(part.start_sec, part.end_sec, name, 1.0, 0) for part, name in zip(parts, names, strict=True))
    )


def _folder() -> Path:
    return settings().home / "samples" / f"v{figures.VERSION}"
