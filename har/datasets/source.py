"""What is known of a source of labelled videos before anything is fetched, and how to fetch it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from har.settings import settings

# `fetch(classes: Sequence[str] = (), on_progress: OnProgress = ignore)` downloads or generates what is not here yet, of
# all classes or those given, and returns the folder of the data set. `StopRequested` raised out of `on_progress` ends
# the work; finished parts are kept for the next call.
Fetch = Callable[..., Path]


@dataclass(frozen=True)
class SourceClass:
    """A class that can be fetched by itself."""

    label: str
    clip_count: int
    size_bytes: int  # of its download
    downloaded: bool


@dataclass(frozen=True)
class Preset:
    """A named choice of classes."""

    title: str
    labels: tuple[str, ...] | None = None  # None: all


@dataclass(frozen=True)
class Source:
    """An entry of the registry `har.datasets.sources.SOURCES`."""

    name: str  # on the command line, and of the folder in the folder of data sets
    title: str
    description: str
    licence: str
    size: str
    fetch: Fetch | None = None  # None: users upload their clips
    list_classes: Callable[[], Sequence[SourceClass]] | None = None  # None: it is fetched as a whole
    presets: Mapping[str, Preset] = field(default_factory=dict)  # by their names on the command line
    on_demand: bool = False  # its clips are made when they are first needed: nothing has to be fetched

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to fetch, as far as that is known without asking a server."""
        return self.on_demand or (self.list_classes is None and (settings().datasets / self.name).is_dir())
