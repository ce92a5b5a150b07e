"""Reading every file of a data set, as a job for pages."""

from har.datasets.catalog import open_dataset
from har.datasets.dataset import Dataset
from har.datasets.facts import probe_all, readable
from har.datasets.similarity_groups import with_guessed_groups
from har.progress import OnProgress, ignore


def scan_dataset(name: str, on_progress: OnProgress = ignore) -> Dataset:
    """A data set, by name, with the `info` of every video. Missing clips of the generated set are drawn.

    `StopRequested` raised out of `on_progress` ends the work; what was found so far stays cached.

    Raises:
        DatasetMissing, DatasetError: as `open_dataset`.
    """
    return probe_all(open_dataset(name, on_progress=on_progress), on_progress)


def guess_groups(name: str, on_progress: OnProgress = ignore) -> Dataset:
    """A data set in which videos of unknown groups have guessed ones; see `with_guessed_groups`, and `scan_dataset`.

    Raises:
        DatasetMissing, DatasetError: as `open_dataset`; or no video can be read.
        VideoError: a video can be read in part only.
    """
    return with_guessed_groups(readable(open_dataset(name, on_progress=on_progress), on_progress), on_progress)
