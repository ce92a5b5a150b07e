"""What annotating tells on its way, besides `har.recognition.Scoring`."""

from collections.abc import Callable
from dataclasses import dataclass

from har.recognition import Scoring


@dataclass(frozen=True)
class DrawingSample:
    """A sample video is drawn, the first time somebody asks for it."""

    title: str


@dataclass(frozen=True)
class LoadingClassifier:
    """The network is being built."""

    title: str


@dataclass(frozen=True)
class BurningIn:
    """A share of the video has been written with its labels."""

    done: float  # 0 to 1


@dataclass(frozen=True)
class MakingProxy:
    """A share of what the page plays has been written."""

    done: float  # 0 to 1


@dataclass(frozen=True)
class Cutting:
    """So many clips of so many have been cut out of a corrected video."""

    done: int
    total: int


AnnotationEvent = DrawingSample | LoadingClassifier | Scoring | BurningIn | MakingProxy
OnEvent = Callable[[AnnotationEvent], None]


def ignore(event: object) -> None:
    """What happens to events nobody asked for."""
