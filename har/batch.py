"""Annotating many videos: each by itself, on whichever worker is free, with a list of what is done and what failed."""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from har.annotation import annotate
from har.classifier import folder_of, read_card
from har.clips import stride_samples
from har.errors import ClassifierDamaged, PlaceError, StopRequested, VideoMissing
from har.jobs import Ended, Tally
from har.jobs.manifest import Ledger, Row, file_in
from har.results.options import LabelOptions
from har.results.store import ANNOTATED, JSON
from har.storage import remote
from har.video.checks import check_size

MANIFEST = "manifest.jsonl"
_LONGEST_NAME = 80  # letters of a folder
_NOT_IN_NAMES = re.compile(r"[^\w.() -]")


@dataclass(frozen=True)
class ManyOptions:
    """What all the videos share."""

    classifier: str | Path
    labels: LabelOptions = field(default_factory=LabelOptions)
    stride_sec: float | None = None
    with_video: bool = True  # also write the labelled copy


@dataclass(frozen=True)
class ManyDone:
    """What came of it."""

    done: int  # now
    before: int  # by an earlier call, with the same classifier and options
    failed: int


def annotate_many(
    videos: Sequence[str],
    out: str,
    options: ManyOptions,
    workers: int = 1,
    on_event: Callable[[Tally], None] = lambda event: None,
) -> ManyDone:
    """Annotate videos into a folder each, and note in `MANIFEST` which are done, which failed, and why.

    What the manifest tells to be done with the same classifier and options is left as it is; all else is done (again).

    Args:
        videos: paths and URLs.
        out: a folder, by path or URL, for the folders of results; on a cluster, one that all workers reach so.
        options: what all the videos share.
        workers: as `har.jobs.farm_out`.
        on_event: told of every video. `StopRequested` raised out of it ends the work; the manifest is whole.

    Raises:
        VideoMissing: a folder among the videos.
        PlaceError: a place that cannot be reached, or no room for the manifest.
        ClassifierError, LabelsError, OptionsError: as `annotate`, before anything is done.
        JobError: as `har.jobs.farm_out`.
        StopRequested: raised out of `on_event`.
    """
    wanted = list(dict.fromkeys(map(_absolute, videos)))
    out = _absolute(out, folder=True)
    shared = _shared(options)
    remote.make_folder(out)
    with Ledger(file_in(out, MANIFEST), "video") as manifest:
        there = remote.names(out)
        folders = {video: str(row["folder"]) for video, row in manifest.rows.items() if "folder" in row}
        left = [video for video in wanted if not _is_done(manifest.rows.get(video), shared.mark, there)]
        tasks = [(video, file_in(out, folder), shared) for video, folder in _named(left, folders)]
        before = len(wanted) - len(left)
        counts = manifest.work_off(annotate_one, tasks, lambda each: _row(each, shared.mark), workers, before, on_event)
        manifest.keep_order(wanted)
    return ManyDone(counts["done"], before, counts["failed"])


@dataclass(frozen=True)
class Shared:
    """The options with what tells them, and the classifier's files, from others."""

    options: ManyOptions
    classifier_mark: str
    mark: str


def annotate_one(
    video: str, target: str, shared: Shared, on_event: Callable[[Any], None] = lambda event: None
) -> dict[str, Any]:
    """Fetch a video if it is elsewhere, annotate it, and put the results where they belong.

    Args:
        video: a path or URL.
        target: the folder for its results, by path or URL.
        shared: what all the videos share.
        on_event: told of progress. `StopRequested` raised out of it leaves nothing.

    Returns:
        Facts for the manifest.

    Raises:
        HarError: as `annotate`; or the classifier here is not the one that was asked for.
        PlaceError: the video cannot be had, or the results not be put there.
        StopRequested: raised out of `on_event`.
    """
    options = shared.options
    if mark_of_classifier(options.classifier) != shared.classifier_mark:
        raise ClassifierDamaged(
            f"The classifier {options.classifier} of this worker is another one.",
            "The same weights and card were expected on all machines.",
            "Bring its folder up to date, or share one.",
        )
    with tempfile.TemporaryDirectory(prefix="har-many-") as name:
        path = remote.local_path(video)
        if path is None:
            check_size(remote.name_of(video), remote.size_bytes(video))
            path = remote.fetch(video, Path(name))
        seen = _seen(path)
        folder = Path(name) / "results"
        result = annotate(
            path,
            folder,
            options.classifier,
            options.labels,
            options.stride_sec,
            with_video=options.with_video,
            on_event=on_event,
        )
        if result.scored.stopped:
            raise StopRequested
        remote.put(folder, target)
    if not options.with_video:
        remote.remove(file_in(target, ANNOTATED))  # of an earlier time: it would not show these labels
    return {
        "seen": seen if not remote.is_url(video) else None,
        "duration_sec": round(result.scored.duration_sec, 6),
        "warning": result.scored.warning or result.info.warning,
    }


@lru_cache(maxsize=4)
def _hashed(folder: Path, changed_ns: tuple[int, ...]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name in ("card.json", "weights.npz"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def mark_of_classifier(classifier: str | Path) -> str:
    """Tells a classifier's files from any others.

    Raises:
        ClassifierMissing: there is none.
    """
    folder = folder_of(classifier)
    changed_ns = tuple((folder / name).stat().st_mtime_ns for name in ("card.json", "weights.npz"))
    return _hashed(folder, changed_ns)


def _shared(options: ManyOptions) -> Shared:
    """Refuses what no video could be annotated with."""
    card = read_card(options.classifier)
    labels = options.labels.spelt_as(card.labels)
    if options.stride_sec is not None:
        stride_samples(card.spec, options.stride_sec)
    classifier = options.classifier.resolve() if isinstance(options.classifier, Path) else options.classifier
    options = ManyOptions(classifier, labels, options.stride_sec, options.with_video)
    classifier_mark = mark_of_classifier(options.classifier)
    stride_sec = options.stride_sec if options.stride_sec is not None else card.stride_sec
    told = json.dumps([classifier_mark, asdict(labels), stride_sec, options.with_video])
    return Shared(options, classifier_mark, hashlib.blake2b(told.encode(), digest_size=8).hexdigest())


def _absolute(place: str, *, folder: bool = False) -> str:
    """The same from whatever folder it is asked; a folder instead of a video is refused."""
    remote.check(place)
    path = remote.local_path(place)
    if path is None:
        return place
    if path.is_dir() and not folder:
        raise VideoMissing(f"{path} is a folder.", "Video files are expected.", "Name the files in it.")
    return str(path.absolute())


def _seen(path: Path) -> list[int] | None:
    """Size and time of the last change of a file on this machine; None: it cannot be seen from here."""
    with suppress(OSError):
        facts = path.stat()
        return [facts.st_size, facts.st_mtime_ns]
    return None


def _is_done(row: Row | None, mark: str, there: frozenset[str]) -> bool:
    """Whether a row tells of results that are still there, under these options, of the file as it is now."""
    if row is None or row.get("state") != "done" or row.get("mark") != mark or row.get("folder") not in there:
        return False
    now = None if remote.is_url(row["video"]) else _seen(Path(row["video"]))
    return now is None or now == row.get("seen")


def _named(videos: Iterable[str], known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A folder for each video, called after it; the second of a name has a few signs more, the same each time."""
    taken = {folder.casefold() for folder in known.values()} | {MANIFEST}
    for video in videos:
        if (folder := known.get(video)) is None:
            stem = _NOT_IN_NAMES.sub("_", Path(remote.name_of(video)).stem).strip(". ")[:_LONGEST_NAME] or "video"
            folder = f"{stem}-annotated"
            if folder.casefold() in taken:
                folder = f"{stem}-{hashlib.blake2b(video.encode(errors='surrogateescape'), digest_size=6).hexdigest()}"
            taken.add(folder.casefold())
        yield video, folder


def _row(ended: Ended, mark: str) -> Row:
    """A line of the manifest."""
    video, target, _ = ended.task
    row = {"video": video, "folder": Path(target).name, "mark": mark}
    path = remote.local_path(target)
    if ended.error is None and path is not None and not (path / JSON).exists():
        error = PlaceError(
            "The worker has put the results on its own disk.",
            "A folder was expected that all machines share under one name.",
            "Give such a folder, or a URL.",
        )
        ended = replace(ended, error=error)
    if ended.error is not None:
        return row | {"state": "failed"} | ended.failure
    facts: Row = ended.result
    return row | {"state": "done"} | facts
