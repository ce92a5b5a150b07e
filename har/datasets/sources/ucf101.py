"""UCF101 class by class: parts of one large zip on a public server, fetched by HTTP range requests.

Soomro, Zamir, Shah: UCF101, a dataset of 101 human actions classes from videos in the wild (CRCV-TR-12-01,
2012, https://arxiv.org/abs/1212.0402).
"""

import re
import time
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from remotezip import RemoteZip

from har.datasets.dataset import normalise_label
from har.datasets.fetching.archive_entries import safe_parts, zip_entry
from har.datasets.fetching.http import Refused, session, told
from har.datasets.fetching.limits import Downloading, OnEvent, check_room, ignore, only_download
from har.datasets.fetching.remote_zip import Server
from har.errors import DownloadDamaged, DownloadFailed, HarError, LabelsError
from har.settings import MIB, settings
from har.video import probe, under_another_name

NAME = "ucf101"
PRESETS: dict[str, tuple[str, ...] | None] = {
    "The tutorial's four": ("WalkingWithDog", "TaiChi", "Swing", "HorseRace"),
    # As Reddy & Shah 2013 list them, in UCF101's spelling.
    "The 50 of UCF50": (
        "BaseballPitch", "Basketball", "BenchPress", "Biking", "Billiards", "BreastStroke", "CleanAndJerk", "Diving",
        "Drumming", "Fencing", "GolfSwing", "HighJump", "HorseRace", "HorseRiding", "HulaHoop", "JavelinThrow",
        "JugglingBalls", "JumpingJack", "JumpRope", "Kayaking", "Lunges", "MilitaryParade", "Mixing", "Nunchucks",
        "PizzaTossing", "PlayingGuitar", "PlayingPiano", "PlayingTabla", "PlayingViolin", "PoleVault", "PommelHorse",
        "PullUps", "Punch", "PushUps", "RockClimbingIndoor", "RopeClimbing", "Rowing", "SalsaSpin", "SkateBoarding",
        "Skiing", "Skijet", "SoccerJuggling", "Swing", "TaiChi", "TennisSwing", "ThrowDiscus", "TrampolineJumping",
        "VolleyballSpiking", "WalkingWithDog", "YoYo",
    ),
    "All": None,
}  # fmt: skip

_ENTRY = re.compile(r"(?:[^/]+/)*(v_([A-Za-z][A-Za-z0-9]{0,59})_g\d\d_c\d\d\.avi)")
_DIRECTORY_BYTES = 2 * MIB  # read at once: the directory of 13,320 entries has 1.3
_TRIES = 3
_PAUSE_SEC = 1.0
_TOLD_SEC = 0.1
_WAY_OUT = "What has come is kept: try again later, or bring the videos as an archive."


@dataclass(frozen=True)
class ClassEntry:
    """A class on the server."""

    label: str
    clip_count: int
    size_bytes: int  # to be fetched
    ready: bool  # it is here already


@dataclass(frozen=True)
class _Clip:
    name: str  # in the zip
    label: str
    size_bytes: int
    packed_bytes: int


@dataclass(frozen=True)
class _Listing:
    url: str
    clips: tuple[_Clip, ...]


_LISTING = TypeAdapter(_Listing)


def classes() -> tuple[ClassEntry, ...]:
    """The classes of the zip's own directory, which is read once and kept.

    Raises:
        DownloadFailed: the server does not answer, or does not send parts of files.
        DownloadDamaged: what it sends is no zip of such clips.
    """
    clips = _listing().clips
    return tuple(
        ClassEntry(label, len(of_label), sum(clip.packed_bytes for clip in of_label), _folder(label).is_dir())
        for label in sorted({clip.label for clip in clips})
        if (of_label := [clip for clip in clips if clip.label == label])
    )


def fetch(labels: Iterable[str], on_event: OnEvent = ignore) -> Path:
    """Fetch whole classes. A class appears when all its clips are there; until then they wait out of sight.

    Args:
        labels: of these classes, in any spelling.
        on_event: told of every byte, more or less. `StopRequested` raised out of it ends the work; whole clips stay
            for the next time.

    Returns:
        The data set's folder.

    Raises:
        LabelsError: a class that is not there.
        DownloadFailed: no answer, a connection that keeps breaking, too much at once, or too little room.
        DownloadDamaged: clips that do not agree with the zip's directory.
        DownloadBusy: another fetch is under way.
    """
    listing = _listing()
    chosen = [label for label in _known(labels, listing) if not _folder(label).is_dir()]
    clips = [clip for clip in listing.clips if clip.label in chosen]
    missing = [clip for clip in clips if not _is_whole(clip)]
    size_bytes = sum(clip.packed_bytes for clip in missing)
    with only_download():
        check_room(size_bytes, settings().datasets, "What was chosen")
        meter = _Meter(size_bytes, on_event)
        with session() as web, closing(Server(listing.url, web, _DIRECTORY_BYTES)) as server:
            for label in chosen:
                _fetch(server, [clip for clip in missing if clip.label == label], meter)
                _folder(label).parent.mkdir(parents=True, exist_ok=True)
                _waiting_folder(label).replace(_folder(label))
    return settings().datasets / NAME


class _NoVideo(DownloadDamaged):
    """It is as it was sent, and no video."""


class _Meter:
    """Tells bytes as they come, but not more often than anybody can read."""

    def __init__(self, total_bytes: int, on_event: OnEvent) -> None:
        self.done_bytes = 0
        self._total_bytes = total_bytes
        self._on_event = on_event
        self._told_at = 0.0

    def add(self, size_bytes: int, label: str) -> None:
        """So many bytes more (or, where something is begun again, less)."""
        self.done_bytes += size_bytes
        if time.monotonic() - self._told_at > _TOLD_SEC:
            self._told_at = time.monotonic()
            self._on_event(Downloading(self.done_bytes, self._total_bytes, label))


def _fetch(server: Server, clips: Sequence[_Clip], meter: _Meter) -> None:
    for clip in clips:
        for tries_left in reversed(range(_TRIES)):
            before = meter.done_bytes
            try:
                with told(settings().ucf101_url, _WAY_OUT):
                    _fetch_clip(server, clip, meter)
                break
            except (Refused, _NoVideo):  # it would be the same again
                raise
            except (DownloadFailed, DownloadDamaged) as error:
                server.close()
                if not tries_left:
                    if isinstance(
                        error, DownloadDamaged
                    ):  # perhaps the list is of another file: next time, read it anew
                        _listing_path().unlink(missing_ok=True)
                    raise
                meter.done_bytes = before
                time.sleep(_PAUSE_SEC)


def _fetch_clip(server: Server, clip: _Clip, meter: _Meter) -> None:
    """One clip, under a temporary name until its length and CRC have been found right."""
    path = _waiting(clip)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    start, size_bytes = meter.done_bytes, 0
    try:
        remote = server.zip()
        info = remote.getinfo(clip.name)
        if info.file_size != clip.size_bytes:
            raise KeyError(clip.name)
        with remote.open(info) as packed, part.open("wb") as file:
            while block := packed.read(1 << 16):
                size_bytes += len(block)
                if size_bytes > clip.size_bytes:
                    raise _damaged(clip, "is longer than announced")
                file.write(block)
                done = start + round(clip.packed_bytes * size_bytes / max(1, clip.size_bytes))
                meter.add(done - meter.done_bytes, clip.label)
        if size_bytes != clip.size_bytes:
            raise EOFError("cut off")
        _check_video(part, clip)
        part.replace(path)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise _damaged(clip, "did not arrive as it was sent, or the server has another file now") from error
    finally:
        part.unlink(missing_ok=True)


def _check_video(part: Path, clip: _Clip) -> None:
    try:
        probe(part)
    except HarError as error:
        raise _damaged(clip, "is not a video", _NoVideo) from error


def _listing() -> _Listing:
    url, path = settings().ucf101_url, _listing_path()
    try:
        kept = _LISTING.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        kept = None
    if kept is not None and kept.url == url:
        return kept
    with session() as web, told(url, "Try again later, or bring the videos as an archive."):
        try:
            with closing(Server(url, web, _DIRECTORY_BYTES)) as server:
                listing = _Listing(url, _clips(server.zip()))
        except zipfile.BadZipFile as error:
            raise _no_listing() from error
    path.parent.mkdir(parents=True, exist_ok=True)
    with under_another_name(path) as beside:
        beside.write_bytes(_LISTING.dump_json(listing))
    return listing


def _clips(remote: RemoteZip) -> tuple[_Clip, ...]:
    """The clips in the zip; what could be anything else is not among them."""
    if len(remote.infolist()) > settings().max_archive_entries:
        raise _no_listing()
    clips: dict[str, _Clip] = {}
    for info in remote.infolist():
        named, entry = _ENTRY.fullmatch(info.orig_filename), zip_entry(remote, info)
        small = 0 < info.file_size <= settings().max_video_bytes
        honest = info.file_size <= settings().max_compression_ratio * max(1, info.compress_size)
        safe = entry.kind == "file" and entry.problem is None and isinstance(safe_parts(entry.name), tuple)
        if named and small and honest and safe:
            clips[named[1]] = _Clip(info.filename, named[2], info.file_size, info.compress_size)
    if not clips:
        raise _no_listing()
    return tuple(clips[name] for name in sorted(clips))


def _no_listing() -> DownloadDamaged:
    return DownloadDamaged(
        f"What lies at {settings().ucf101_url} is not the zip of UCF101.",
        "A zip with entries like UCF101/v_TaiChi_g01_c01.avi was expected.",
        "HAR_UCF101_URL names another address.",
    )


def _known(labels: Iterable[str], listing: _Listing) -> list[str]:
    known = {normalise_label(clip.label): clip.label for clip in listing.clips}
    asked = {label: known.get(normalise_label(label)) for label in labels}
    if unknown := [label for label, found in asked.items() if found is None]:
        raise LabelsError(
            f"UCF101 has no class {', '.join(unknown)}.",
            f"It has {len(known)}, from {min(known.values())} to {max(known.values())}.",
            "Choose among these.",
        )
    return sorted({found for found in asked.values() if found is not None})


def _listing_path() -> Path:
    return settings().datasets / ".ucf101.json"


def _folder(label: str) -> Path:
    return settings().datasets / NAME / label


def _waiting_folder(label: str) -> Path:
    """Where a class waits until it is whole."""
    return settings().datasets / f".{NAME}-unfinished" / label


def _waiting(clip: _Clip) -> Path:
    return _waiting_folder(clip.label) / clip.name.rsplit("/", 1)[-1]


def _is_whole(clip: _Clip) -> bool:
    path = _waiting(clip)
    return path.is_file() and path.stat().st_size == clip.size_bytes


def _damaged(clip: _Clip, problem: str, kind: type[DownloadDamaged] = DownloadDamaged) -> DownloadDamaged:
    return kind(
        f"{clip.name.rsplit('/', 1)[-1]} {problem}.",
        "Length and checksum must be those in the zip's directory.",
        "What was right is kept: try again later.",
    )
