"""Labelled videos, for training and evaluation."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from har.errors import LabelsError
from har.labels import join_labels
from har.video import VideoInfo


@dataclass(frozen=True)
class LabelledVideo:
    """One short video of one action."""

    path: Path
    label: str
    group: str | None = None  # the recording or actor that it is from; None: not known
    info: VideoInfo | None = None  # None: not probed yet

    @cached_property
    def content(self) -> str:
        """`content_hash` of the file: recognises it under another name."""
        return content_hash(self.path)


@dataclass(frozen=True)
class Skipped:
    """A file that was skipped."""

    name: str  # as in the folder or archive
    reason: str  # a clause: 'not a video', 'leads outside'


@dataclass(frozen=True)
class Note:
    """A file or folder that is used, but maybe not as its owner expects."""

    name: str  # as in the folder or archive
    reason: str  # a clause: 'its clips have the label Run, which differs only in spelling'


@dataclass(frozen=True)
class Dataset:
    """Videos with one label each."""

    name: str  # on cards and the command line
    title: str  # for users
    videos: tuple[LabelledVideo, ...]
    licence: str = "Not stated: ask the authors of the videos before you share a model trained on them."
    guessed_groups: bool = False  # some groups were guessed (`with_guessed_groups`)
    skipped: tuple[Skipped, ...] = ()  # files in the folder that are not part of the set
    notes: tuple[Note, ...] = ()  # what its owner should check

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that has a video, sorted."""
        return tuple(sorted({video.label for video in self.videos}))

    @property
    def groups(self) -> tuple[str, ...]:
        """Every known group, sorted."""
        return tuple(sorted({video.group for video in self.videos if video.group is not None}))

    def select_labels(self, labels: Iterable[str]) -> "Dataset":
        """The videos of some labels.

        Raises:
            LabelsError: a label that no video has.
        """
        selected = {normalise_label(label) for label in labels}
        unknown = selected - {normalise_label(label) for label in self.labels}
        if unknown:
            raise LabelsError(
                f"{self.title} has no label {join_labels(sorted(unknown))}.",
                f"Its labels: {join_labels(self.labels)}.",
                "Choose from these.",
            )
        return replace(self, videos=tuple(video for video in self.videos if normalise_label(video.label) in selected))


def one_per_class(videos: Iterable[LabelledVideo], limit: int | None = None, seed: int = 0) -> list[LabelledVideo]:
    """A random video of each class, of at most `limit` random classes; the same for the same seed."""
    random = np.random.default_rng(seed)
    by_label: dict[str, list[LabelledVideo]] = {}
    for video in videos:
        by_label.setdefault(video.label, []).append(video)
    labels = random.permutation(sorted(by_label))[:limit]
    return [by_label[label][random.integers(len(by_label[label]))] for label in labels.tolist()]


def content_hash(path: Path) -> str:
    """BLAKE2b of a file, 32 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


@lru_cache(10_000)
def normalise_label(label: str) -> str:
    """A label for comparison: 'BenchPress', 'bench_press' and 'Bench press' all become 'bench press'.

    Composed and decomposed letters are the same. Only spaces and punctuation separate words: vowel signs, as in Hindi
    or Thai, and emoji distinguish labels.
    """
    composed = unicodedata.normalize("NFC", label)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", composed)
    words = "".join(" " if unicodedata.category(character)[0] in "PZC" else character for character in words)
    return " ".join(words.lower().split()) or composed
