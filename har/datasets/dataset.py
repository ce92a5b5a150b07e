"""Labelled videos: what training learns from and evaluation is measured on."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from har.errors import LabelsError
from har.video import VideoInfo


@dataclass(frozen=True)
class LabelledVideo:
    """One short video of one action."""

    path: Path
    label: str
    group: str | None = None  # the recording, or actor, it was cut from; None: not known
    info: VideoInfo | None = None  # size, frame rate, duration; None: `probe_all` has not looked at it

    @cached_property
    def content(self) -> str:
        """`content_hash` of the file: tells whether a classifier has seen it under another name."""
        return content_hash(self.path)


@dataclass(frozen=True)
class Skipped:
    """A file that was left out."""

    name: str  # as the folder or archive has it
    reason: str  # a clause: 'not a video', 'leads outside'


@dataclass(frozen=True)
class Dataset:
    """Videos with one label each."""

    name: str  # for cards and the command line
    title: str  # for people
    videos: tuple[LabelledVideo, ...]
    licence: str = "Not stated: ask whoever made the videos before passing on what was trained on them."
    guessed_groups: bool = False  # some groups were guessed from likeness (`with_guessed_groups`)
    skipped: tuple[Skipped, ...] = ()  # files that are in the folder, but not in the set

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that has a video, sorted."""
        return tuple(sorted({video.label for video in self.videos}))

    @property
    def groups(self) -> tuple[str, ...]:
        """Every known group, sorted."""
        return tuple(sorted({video.group for video in self.videos if video.group is not None}))

    def only(self, labels: Iterable[str]) -> "Dataset":
        """The videos of some labels.

        Raises:
            LabelsError: a label that no video has.
        """
        wanted = {normalise_label(label) for label in labels}
        unknown = wanted - {normalise_label(label) for label in self.labels}
        if unknown:
            raise LabelsError(
                f"No video of {self.title} is labelled {', '.join(sorted(unknown))}.",
                f"It has: {', '.join(self.labels)}.",
                "Choose among these.",
            )
        return replace(self, videos=tuple(video for video in self.videos if normalise_label(video.label) in wanted))

    def without_groups(self, groups: Iterable[str]) -> "Dataset":
        """The videos that belong to none of some groups."""
        unwanted = set(groups)
        return replace(self, videos=tuple(video for video in self.videos if video.group not in unwanted))


def content_hash(path: Path) -> str:
    """A file's bytes in 32 hexadecimal digits: equal for equal files, whatever their names."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def normalise_label(label: str) -> str:
    """A label as it is compared: 'BenchPress', 'bench_press' and 'Bench press' are all 'bench press'."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+", " ", label)
    return " ".join(spaced.lower().split())
