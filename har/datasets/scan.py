"""Looking through a whole data set, as a job: what pages show of it takes a look at every file."""

from collections.abc import Callable
from dataclasses import dataclass

from har.datasets import Dataset, open_dataset
from har.datasets.facts import probe_all
from har.datasets.similarity_groups import with_guessed_groups


@dataclass(frozen=True)
class Drawing:
    """Clips of the generated set are being drawn."""

    done: int
    total: int


@dataclass(frozen=True)
class Looking:
    """Each file is looked at."""

    done: int
    total: int


OnEvent = Callable[[Drawing | Looking], None]


def scan_dataset(name: str, on_event: OnEvent) -> Dataset:
    """A data set with the `info` of every video; files of the generated set are drawn where they are missing.

    Args:
        name: as `open_dataset` takes it.
        on_event: told of progress. `StopRequested` raised out of it ends the work; what was found is kept.

    Raises:
        DatasetMissing, DatasetError: as `open_dataset`.
    """
    dataset = open_dataset(name, on_progress=lambda done, total: on_event(Drawing(done, total)))
    return probe_all(dataset, lambda done, total: on_event(Looking(done, total)))


def guess_groups(name: str, on_event: OnEvent) -> Dataset:
    """A data set in which videos of no known group have one guessed from likeness.

    Args:
        name: as `open_dataset` takes it.
        on_event: told of progress. `StopRequested` raised out of it ends the work; what was found is kept.

    Raises:
        DatasetMissing, DatasetError: as `open_dataset`.
        VideoError: a video that cannot be read.
    """
    dataset = open_dataset(name, on_progress=lambda done, total: on_event(Drawing(done, total)))
    return with_guessed_groups(dataset, lambda done, total: on_event(Looking(done, total)))
