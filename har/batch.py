"""Annotating many videos, each on any free worker, with a manifest of what is done and what failed."""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path

from har.annotation import annotate
from har.classifier import folder_of, read_card
from har.clips import stride_samples
from har.errors import ClassifierDamaged, LocationError, StopRequested, VideoMissing
from har.exports import FORMATS
from har.jobs import TaskResult
from har.jobs.manifest import Manifest, Row
from har.progress import OnProgress, ignore
from har.results.corrections import set_aside
from har.results.options import LabelOptions
from har.results.store import ANNOTATED, free_folder, other_video
from har.storage import remote
from har.video.checks import check_size

MANIFEST = "manifest.jsonl"
_MAX_NAME_LENGTH = 80  # of a folder, without its ending
_INVALID_IN_NAMES = re.compile(r"[^\w.() -]")


@dataclass(frozen=True)
class BatchOptions:
    """What all videos share."""

    classifier: str | Path
    labels: LabelOptions = field(default_factory=LabelOptions)
    stride_sec: float | None = None
    burn_in: bool = True  # also write the labelled videos


@dataclass(frozen=True)
class BatchResult:
    """How many videos are in which state."""

    done: int  # now
    earlier: int  # done by an earlier call with the same classifier and options
    failed: int
    numbered: tuple[tuple[str, str], ...] = ()  # videos with a number in their folder's name, as another has the name


def annotate_many(
    videos: Sequence[str], out: str, options: BatchOptions, workers: int = 1, on_progress: OnProgress = ignore
) -> BatchResult:
    """Annotate videos into one folder each, and record in `MANIFEST` which are done, which failed, and why.

    Videos that the manifest lists as done with the same classifier and options are skipped.

    Args:
        videos: paths and URLs.
        out: path or URL of the folder for the results' folders; on a cluster, one that all workers can reach.
        options: what all videos share.
        workers: as for `har.jobs.run_tasks`.
        on_progress: called for every video. `StopRequested` raised out of it ends the work; the manifest is complete.

    Raises:
        VideoMissing: a folder among the videos.
        LocationError: a location cannot be reached, or has no room for the manifest.
        ClassifierError, LabelsError, OptionsError: as `annotate`, before anything is written.
        JobError: as `har.jobs.run_tasks`.
        StopRequested: raised out of `on_progress`.
    """
    locations = list(dict.fromkeys(map(_absolute, videos)))
    out = _absolute(out, folder=True)
    shared = _prepare(options)
    remote.make_folder(out)
    with Manifest(remote.join(out, MANIFEST), "video") as manifest:
        existing = remote.list_names(out)
        folders = {video: str(row["folder"]) for video, row in manifest.rows.items() if "folder" in row}
        pending = [video for video in locations if not _is_done(manifest.rows.get(video), shared.digest, existing)]
        chosen = list(_result_folders(pending, folders, out))
        tasks = [(video, remote.join(out, folder), shared) for video, folder, _ in chosen]
        earlier = len(locations) - len(pending)
        counts = manifest.run_pending(
            annotate_one, tasks, lambda each: _to_row(each, shared.digest), workers, earlier, "videos", on_progress
        )
        manifest.put_first(locations)
    numbered = tuple((video, folder) for video, folder, is_numbered in chosen if is_numbered)
    return BatchResult(counts["done"], earlier, counts["failed"], numbered)


@dataclass(frozen=True)
class SharedOptions:
    """The options with digests that identify the classifier's files, and these with the options."""

    options: BatchOptions
    classifier_digest: str
    digest: str


def annotate_one(video: str, target: str, shared: SharedOptions, on_progress: OnProgress = ignore) -> dict[str, object]:
    """Fetch a video if it is remote, annotate it, and upload the results into the folder `target`.

    Returns:
        Facts for the manifest.

    Raises:
        HarError: as `annotate`; or this worker's classifier is another one.
        LocationError: the video cannot be fetched, or the results cannot be written.
        StopRequested: raised out of `on_progress`; nothing is left.
    """
    options = shared.options
    if classifier_digest(options.classifier) != shared.classifier_digest:
        raise ClassifierDamaged(
            f"The classifier {options.classifier} on this worker differs from the one requested.",
            "All machines must have the same weights and card.",
            "Update its folder, or use a shared folder.",
        )
    with tempfile.TemporaryDirectory(prefix="har-many-") as name:
        path = remote.local_path(video)
        if path is None:
            check_size(remote.file_name(video), remote.size_bytes(video))
            path = remote.fetch(video, Path(name))
        file_state = _file_state(path)
        folder = Path(name) / "results"
        result = annotate(
            path,
            folder,
            options.classifier,
            options.labels,
            options.stride_sec,
            burn_in=options.burn_in,
            on_progress=on_progress,
        )
        if result.scored.stopped:
            raise StopRequested
        if (earlier := remote.local_path(target)) is not None:
            set_aside(earlier)
        remote.upload_folder(folder, target)
    if not options.burn_in:
        remote.remove(remote.join(target, ANNOTATED))  # of an earlier call: it shows other labels
    return {
        "seen": file_state if not remote.is_url(video) else None,
        "duration_sec": round(result.scored.duration_sec, 6),
        "warning": " ".join(result.info.notices(result.scored.warning)) or None,
    }


@lru_cache(maxsize=4)
def _file_digest(paths: tuple[Path, ...], changed_ns: tuple[int, ...]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def classifier_digest(classifier: str | Path) -> str:
    """A digest of a classifier's files. The card of a network that is published whole, without weights, names its hash.

    Raises:
        ClassifierMissing: no such classifier.
    """
    folder = folder_of(classifier)
    paths = tuple(path for name in ("card.json", "weights.npz") if (path := folder / name).exists())
    return _file_digest(paths, tuple(path.stat().st_mtime_ns for path in paths))


def _prepare(options: BatchOptions) -> SharedOptions:
    card = read_card(options.classifier)
    labels = options.labels.canonicalize(card.labels)
    if options.stride_sec is not None:
        stride_samples(card.spec, options.stride_sec)
    classifier = options.classifier.resolve() if isinstance(options.classifier, Path) else options.classifier
    files = classifier_digest(classifier)
    stride_sec = options.stride_sec if options.stride_sec is not None else card.stride_sec
    content = json.dumps([files, asdict(labels), stride_sec, options.burn_in])
    digest = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
    return SharedOptions(replace(options, classifier=classifier, labels=labels), files, digest)


def _absolute(place: str, *, folder: bool = False) -> str:
    """An absolute path, or a URL; a folder is refused unless it is expected."""
    remote.check(place)
    path = remote.local_path(place)
    if path is None:
        return place
    if path.is_dir() and not folder:
        raise VideoMissing(f"{path} is a folder.", "Video files were expected.", "List the files in it instead.")
    return str(path.absolute())


def _file_state(path: Path) -> list[int] | None:
    """Size and modification time of a local file; None: it cannot be read from this machine."""
    with suppress(OSError):
        stat = path.stat()
        return [stat.st_size, stat.st_mtime_ns]
    return None


def _is_done(row: Row | None, digest: str, existing: frozenset[str]) -> bool:
    """Whether a row's results still exist, are of the same options, and of the file as it is now."""
    if row is None or row.get("state") != "done" or row.get("mark") != digest or row.get("folder") not in existing:
        return False
    state = None if remote.is_url(row["video"]) else _file_state(Path(row["video"]))
    return state is None or state == row.get("seen")


def _result_folders(videos: Iterable[str], known: dict[str, str], out: str) -> Iterator[tuple[str, str, bool]]:
    """For each video a folder with its name, the same each time, and whether it has a number."""
    taken = {folder.casefold() for folder in known.values()} | {MANIFEST}

    def is_free(folder: str, video: str) -> bool:
        if folder.casefold() in taken:
            return False
        path, video_path = remote.local_path(remote.join(out, folder)), remote.local_path(video)
        return path is None or video_path is None or other_video(path, video_path) is None

    for video in videos:
        name = _INVALID_IN_NAMES.sub("_", Path(remote.file_name(video)).stem).strip(". ")
        stem = name[:_MAX_NAME_LENGTH] or "video"
        folder = known.get(video) or free_folder(stem, partial(is_free, video=video))
        taken.add(folder.casefold())
        yield video, folder, folder != f"{stem}-annotated"


def _to_row(result: TaskResult, digest: str) -> Row:
    video, target, _ = result.task
    row = {"video": video, "folder": Path(target).name, "mark": digest}
    path = remote.local_path(target)
    if result.error is None and path is not None and not (path / FORMATS["json"].file_name).exists():
        error = LocationError(
            "The worker wrote the results to its own disk.",
            "The results folder must be shared by all machines, under the same path.",
            "Set --out to such a folder, or to a URL.",
        )
        result = replace(result, error=error)
    if result.error is not None:
        return row | {"state": "failed"} | result.failure
    facts: Row = result.result
    return row | {"state": "done"} | facts
