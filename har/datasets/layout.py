"""Which of the folders around a video is its label.

Usually it is the folder that holds the video. Data sets also have folders inside those of their labels: for recordings
or people (`Diving/001/a.avi`, `walk/person03/a.avi`), for parts of a split (`walk/train/a.avi`), or for each kind of
file (`walk/rgb/a.avi`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

from har.datasets import naming
from har.datasets.dataset import Note, normalise_label

Folders = tuple[str, ...]  # names from the top folder down; (): the top folder itself

_SPLIT_PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval"}
_FILE_KINDS = {
    *("video", "videos", "clip", "clips", "rgb", "depth", "raw", "original", "mp4", "avi", "mov", "webm", "mkv"),
}
_PART = re.compile(r"(?:.*\bpart|fold|split|train|val|test|set)[ _.-]*\d+", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:(?:subject|subj|person|actor|participant|user|volunteer|performer|player|patient|child|session|scene|sequence"
    r"|seq|recording|record|rec|video|vid|clip|sample|take|trial|group|camera|cam|view|shot)(?:[ _.-]+[a-z]|[ _.-]*\d+)"
    r"|[spg][ _.-]*\d+|\d+)(?:[ _.-]+\d+)*",
    re.IGNORECASE,
)
_SERIES = re.compile(r"(?P<name>.*?)(?:[ _.-]+\d+|\d\d+)")  # walk_1, walk_2; a01, a02; not wave1, wave2
_ACTION = re.compile(  # recognises labels next to names of people and places
    r"\b(?:(?:walk|run|jog|jump|hop|skip|box|punch|kick|wave|clap|bend|turn|squat|lunge|stretch|push ?up|pull ?up|press"
    r"|sit|stand|lie|fall|climb|crawl|dance|dive|swim|ride|row|ski|skate|surf|golf|throw|catch|hit|swing|shoot|lift"
    r"|carry|push|pull|eat|drink|cook|cut|chop|clean|wash|brush|open|close|write|read|type|talk|play|juggle|fight|hug"
    r"|shake)(?:e?s|e?d)?|\w{3,}ing)\b"
)
_MIN_GROUPS = 3  # of a label: with fewer, no split is possible
_NAMED = 5  # folders in a note


class Video(NamedTuple):
    """Where a video is, and its file name without suffix."""

    folders: Folders
    stem: str


class Place(NamedTuple):
    """What the folders around a video say about it."""

    label: str | None  # None: there is none in their names
    recording: str | None = None  # the folder inside that of the label that is its group
    is_certain: bool = True  # False: a group in the file name outranks the recording


def arrange(videos: Sequence[Video]) -> tuple[list[Place], list[Note]]:
    """The label and recording of each video, and what is not certain about them."""
    tree = _Tree(videos)
    found = [tree.find_label(video) for video in videos]
    places = [
        Place(folders[-1] if folders else naming.parse_label(video.stem), recording, is_certain)
        for video, (folders, recording, is_certain) in zip(videos, found, strict=True)
    ]
    notes = []
    uncertain: dict[str | None, set[str]] = defaultdict(set)
    for place in places:
        if place.recording and not place.is_certain:
            uncertain[place.label].add(place.recording)
    if uncertain:
        reason = "taken for recordings or people, not labels: the folders around them have other names"
        notes.append(Note(_listed(set().union(*uncertain.values())), reason))
    if any(len(recordings) < _MIN_GROUPS for recordings in uncertain.values()):
        places = [place if place.is_certain else Place(place.label) for place in places]
    return places, [*notes, *_ambiguous({folders for folders, _, _ in found})]


def _ambiguous(labels: Collection[Folders]) -> list[Note]:
    """A note if the folders around those of the labels could be the labels just as well.

    They could if they contain the same folders, or if they are named like actions and the others are not.
    """
    names = {folders[-1] for folders in labels if len(folders) > 1}
    parents = {folders[-2] for folders in labels if len(folders) > 1 and _can_be_label(folders[-2])}
    if not _could_be_labels(parents, names):
        repeated = _repeated(labels)
        names, parents = set(repeated), set().union(*repeated.values())
        if not names or _could_be_labels(names, parents):
            return []
    reason = (
        f"not labels, because each holds folders that are: {_listed(names)}; if it is the other way round, swap them"
    )
    return [Note(_listed(parents), reason)]


@dataclass(frozen=True)
class _Tree:
    videos: Sequence[Video]

    def find_label(self, video: Video) -> tuple[Folders, str | None, bool]:
        """The folders down to that of the label, the recording inside it, and whether that is certain."""
        folders, recording = video.folders, None
        if folders and naming.is_recording_folder(folders[-1], video.stem):
            folders, recording = folders[:-1], folders[-1]
        in_name = naming.parse_label(video.stem)
        for depth in range(len(folders), 0, -1):
            if _names_label(video.stem, in_name, folders[depth - 1]):
                return folders[:depth], recording, True
        label, outermost = self._without_inner(folders)
        if outermost is not None and recording is None:
            return label, outermost, False
        return label, recording, True

    def _without_inner(self, folders: Folders) -> tuple[Folders, str | None]:
        """The folders down to that of the label, and the outermost recording inside it; the same for all its videos."""
        if folders not in self._found:
            label, recording = folders, None
            while label:
                if self._is_recording(label):
                    recording = label[-1]
                elif not self._is_split_or_kind(label):
                    break
                label = label[:-1]
            self._found[folders] = label, recording
        return self._found[folders]

    def _is_split_or_kind(self, folders: Folders) -> bool:
        """Whether a folder, like all others next to it, is a part of a split or holds one kind of files.

        In the top folder that must be several parts of a split: a single 'test' may be a label.
        """
        siblings = {name.lower() for name in self._subfolders[folders[:-1]]}
        if len(folders) == 1:
            return len(siblings) > 1 and siblings <= _SPLIT_PARTS
        return siblings <= _SPLIT_PARTS | _FILE_KINDS

    def _is_recording(self, folders: Folders) -> bool:
        """Whether a folder, like all others next to it, has the name of a recording, in a folder that can be a label.

        It can be a label if there are several such folders, or if it holds videos itself.
        """
        label = self._around(folders)
        if label is None or folders not in self._inner:
            return False
        return len(self._labels_around) > 1 or label in self._holding

    @cached_property
    def _found(self) -> dict[Folders, tuple[Folders, str | None]]:
        return {}

    @cached_property
    def _subfolders(self) -> Mapping[Folders, set[str]]:
        """The names of the folders in each folder; only of those with videos somewhere in them."""
        subfolders: dict[Folders, set[str]] = defaultdict(set)
        for folders in self._holding:
            for depth, name in enumerate(folders):
                subfolders[folders[:depth]].add(name)
        return subfolders

    @cached_property
    def _inner(self) -> set[Folders]:
        """Folders that have, like all others next to them, a number or the beginning of their videos' names."""
        stems: dict[Folders, list[str]] = defaultdict(list)
        for video in self.videos:
            stems[video.folders].append(video.stem)
        occurrences = Counter(folders[-1] for folders in stems if folders)

        def begin_names(parent: Folders, names: set[str]) -> bool:
            if any(occurrences[name] != 1 for name in names):
                return False
            if all(stem == name for name in names for stem in stems[*parent, name]):
                return True
            begun = all(stem.startswith(name) for name in names for stem in stems[*parent, name])
            identifiers = sum(any(character.isdigit() for character in name) for name in names)  # not words
            return begun and 2 * identifiers > len(names)

        inner = {
            (*parent, name)
            for parent, names in self._subfolders.items()
            if parent and (_are_numbered(names) or begin_names(parent, names))
            for name in names
        }
        return inner | _people(map(partial(_without, inner), self._holding))

    def _around(self, folders: Folders) -> Folders | None:
        """The nearest folder around one with the name of a recording that has another kind of name."""
        folders = _without(self._inner, folders)
        return folders if folders and _can_be_label(folders[-1]) else None

    @cached_property
    def _labels_around(self) -> set[str]:
        return {normalise_label(label[-1]) for label in map(self._around, self._inner) if label}

    @cached_property
    def _holding(self) -> set[Folders]:
        return {video.folders for video in self.videos}


def _without(inner: set[Folders], folders: Folders) -> Folders:
    """The folders without those of recordings at the end."""
    while folders in inner:
        folders = folders[:-1]
    return folders


def _can_be_label(name: str) -> bool:
    return not (name.lower() in _SPLIT_PARTS | _FILE_KINDS or _PART.fullmatch(name) or _NUMBERED.fullmatch(name))


def _are_numbered(names: set[str]) -> bool:
    """Whether all names are numbers (`001`, `person3`), or numbers after the same name (`shooting_01`)."""
    series = {match["name"] for match in map(_SERIES.fullmatch, names) if match}
    return all(_NUMBERED.fullmatch(name) for name in names) or (
        len(series) == 1 and all(_SERIES.fullmatch(name) for name in names)
    )


def _repeated(leaves: Iterable[Folders]) -> dict[str, set[str]]:
    """The folders that several folders contain, with the names of those: either could be the labels."""
    around: dict[str, set[str]] = defaultdict(set)
    for folders in leaves:
        if len(folders) > 1 and _can_be_label(folders[-2]):
            around[folders[-1]].add(folders[-2])
    repeated = {name: parents for name, parents in around.items() if len(parents) > 1}
    return repeated if len(repeated) > 1 else {}


def _people(leaves: Iterable[Folders]) -> set[Folders]:
    """Folders that several folders contain, if the names of those are actions and theirs are not."""
    leaves = set(leaves)
    repeated = _repeated(leaves)
    parents = set().union(*repeated.values())
    if not _could_be_labels(parents, repeated):
        return set()
    return {folders for folders in leaves if len(folders) > 1 and folders[-2] in parents}


def _could_be_labels(names: Collection[str], others: Collection[str]) -> bool:
    """Whether some names are those of actions, and others are not."""
    return len(names) > 1 and _action_share(names) > 0.6 and _action_share(others) < 0.2


def _action_share(names: Collection[str]) -> float:
    return sum(_ACTION.search(normalise_label(name)) is not None for name in names) / max(len(names), 1)


def _names_label(stem: str, in_name: str | None, folder: str) -> bool:
    """Whether a folder has the label in a video's file name: `in_name`, or that of HMDB51."""
    if in_name is not None:
        return normalise_label(in_name) == normalise_label(folder)
    return naming.parse_hmdb_film(stem, folder) is not None


def _listed(names: Iterable[str]) -> str:
    """A few of the names, sorted."""
    distinct = sorted(set(names))
    return ", ".join(distinct[:_NAMED]) + (f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else "")
