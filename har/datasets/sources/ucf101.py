"""UCF101 class by class: parts of one large zip on a public server, fetched by HTTP range requests.

Soomro, Zamir, Shah: UCF101, a dataset of 101 human actions classes from videos in the wild (CRCV-TR-12-01,
2012, https://arxiv.org/abs/1212.0402).
"""

import re
import time
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from remotezip import RemoteZip

from har.datasets.archives.entries import safe_parts, zip_entry
from har.datasets.archives.remote_zip import RemoteArchive
from har.datasets.dataset import normalise_label
from har.datasets.source import Preset, Source, SourceClass
from har.downloads.http import RequestRefused, open_session, raising_download_failed
from har.downloads.limits import check_download_size, single_download
from har.downloads.one_file import DownloadMeter
from har.errors import DownloadDamaged, DownloadFailed, HarError, LabelsError
from har.progress import OnProgress, ignore
from har.settings import MIB, settings
from har.storage import atomic
from har.video import probe

LICENCE = (
    "The clips are parts of YouTube videos and belong to their uploaders. The authors share them for research and "
    "state no licence."
)
# As Reddy & Shah 2013 list them, in UCF101's spelling.
_UCF50_LABELS = (
    "BaseballPitch", "Basketball", "BenchPress", "Biking", "Billiards", "BreastStroke", "CleanAndJerk", "Diving",
    "Drumming", "Fencing", "GolfSwing", "HighJump", "HorseRace", "HorseRiding", "HulaHoop", "JavelinThrow",
    "JugglingBalls", "JumpingJack", "JumpRope", "Kayaking", "Lunges", "MilitaryParade", "Mixing", "Nunchucks",
    "PizzaTossing", "PlayingGuitar", "PlayingPiano", "PlayingTabla", "PlayingViolin", "PoleVault", "PommelHorse",
    "PullUps", "Punch", "PushUps", "RockClimbingIndoor", "RopeClimbing", "Rowing", "SalsaSpin", "SkateBoarding",
    "Skiing", "Skijet", "SoccerJuggling", "Swing", "TaiChi", "TennisSwing", "ThrowDiscus", "TrampolineJumping",
    "VolleyballSpiking", "WalkingWithDog", "YoYo",
)  # fmt: skip

_ENTRY = re.compile(r"(?:[^/]+/)*(v_([A-Za-z][A-Za-z0-9]{0,59})_g\d\d_c\d\d\.avi)")
_DIRECTORY_BYTES = 2 * MIB  # read at once: the directory of 13,320 entries has 1.3
_ATTEMPTS = 3
_PAUSE_SEC = 1.0
_REMEDY = "Finished clips are kept: try again later, or add the videos as an archive."


@dataclass(frozen=True)
class _Clip:
    name: str  # in the zip
    label: str
    size_bytes: int
    packed_bytes: int

    @property
    def path(self) -> Path:
        """Where it waits until its class is complete."""
        return _unfinished_folder(self.label) / self.name.rsplit("/", 1)[-1]

    @property
    def is_complete(self) -> bool:
        return self.path.is_file() and self.path.stat().st_size == self.size_bytes


@dataclass(frozen=True)
class _Listing:
    url: str
    clips: tuple[_Clip, ...]


_LISTING = TypeAdapter(_Listing)


def list_classes() -> tuple[SourceClass, ...]:
    """The classes in the directory of the zip, which is downloaded once and kept.

    Raises:
        DownloadFailed: the server does not answer, or does not send parts of files.
        DownloadDamaged: the response is not a zip of such clips.
    """
    clips: dict[str, list[_Clip]] = {}
    for clip in _listing().clips:
        clips.setdefault(clip.label, []).append(clip)
    return tuple(
        SourceClass(label, len(of_label), sum(clip.packed_bytes for clip in of_label), _folder(label).is_dir())
        for label, of_label in sorted(clips.items())
    )


def fetch(classes: Sequence[str] = (), on_progress: OnProgress = ignore) -> Path:
    """Fetch classes, in any spelling, or all. A class appears in the data set when all its clips are complete.

    `StopRequested` raised out of `on_progress` ends the work; finished clips are kept, hidden, for the next call.

    Returns:
        The folder of the data set.

    Raises:
        LabelsError: there is no such class.
        DownloadFailed: no response, a connection that keeps breaking, a download too large, or no disk space.
        DownloadDamaged: clips that do not match the directory of the zip.
        DownloadBusy: another download is running.
    """
    listing = _listing()
    labels = [label for label in _known_labels(classes, listing) if not _folder(label).is_dir()]
    missing = [clip for clip in listing.clips if clip.label in labels and not clip.is_complete]
    size_bytes = sum(clip.packed_bytes for clip in missing)
    with single_download():
        check_download_size(size_bytes, settings().datasets, "This choice")
        meter = DownloadMeter(size_bytes, on_progress)
        with open_session() as session, closing(RemoteArchive(listing.url, session, _DIRECTORY_BYTES)) as archive:
            for label in labels:
                for clip in missing:
                    if clip.label == label:
                        _fetch_with_retries(archive, clip, meter)
                for part in _unfinished_folder(label).glob(".*"):  # of a process that was killed
                    part.unlink()
                _folder(label).parent.mkdir(parents=True, exist_ok=True)
                _unfinished_folder(label).replace(_folder(label))
    return settings().datasets / SOURCE.name


class _NotAVideo(DownloadDamaged):
    """The clip matches the directory of the zip but is not a video."""


def _fetch_with_retries(archive: RemoteArchive, clip: _Clip, meter: DownloadMeter) -> None:
    for attempts_left in reversed(range(_ATTEMPTS)):
        start_bytes = meter.done_bytes
        try:
            with raising_download_failed(settings().ucf101_url, _REMEDY):
                _fetch_clip(archive, clip, meter)
            return
        except (RequestRefused, _NotAVideo):  # another attempt would give the same
            raise
        except (DownloadFailed, DownloadDamaged) as error:
            archive.close()
            if not attempts_left:
                if isinstance(error, DownloadDamaged):  # the server may have another zip: list it again next time
                    _listing_path().unlink(missing_ok=True)
                raise
            meter.done_bytes = start_bytes
            time.sleep(_PAUSE_SEC)


def _fetch_clip(archive: RemoteArchive, clip: _Clip, meter: DownloadMeter) -> None:
    """The clip gets its name once its length and CRC are verified."""
    clip.path.parent.mkdir(parents=True, exist_ok=True)
    start_bytes, size_bytes = meter.done_bytes, 0
    try:
        remote = archive.zip()
        info = remote.getinfo(clip.name)
        if info.file_size != clip.size_bytes:
            raise KeyError(clip.name)
        with atomic.replacing(clip.path) as part:
            with remote.open(info) as packed, part.open("wb") as file:
                while block := packed.read(1 << 16):
                    size_bytes += len(block)
                    if size_bytes > clip.size_bytes:
                        raise _damaged(clip, "is larger than the server announced")
                    file.write(block)
                    done = start_bytes + round(clip.packed_bytes * size_bytes / max(1, clip.size_bytes))
                    meter.add(done - meter.done_bytes, clip.label)
            if size_bytes != clip.size_bytes:
                raise EOFError("incomplete")
            _check_video(part, clip)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise _damaged(clip, "was damaged during the download, or the file on the server has changed") from error


def _check_video(part: Path, clip: _Clip) -> None:
    try:
        probe(part)
    except HarError as error:
        raise _damaged(clip, "is not a video", _NotAVideo) from error


def _listing() -> _Listing:
    url, path = settings().ucf101_url, _listing_path()
    try:
        stored = _LISTING.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        stored = None
    if stored is not None and stored.url == url:
        return stored
    with open_session() as session, raising_download_failed(url, "Try again later, or add the videos as an archive."):
        try:
            with closing(RemoteArchive(url, session, _DIRECTORY_BYTES)) as archive:
                listing = _Listing(url, _list_clips(archive.zip()))
        except zipfile.BadZipFile as error:
            raise _not_ucf101() from error
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, _LISTING.dump_json(listing))
    return listing


def _list_clips(remote: RemoteZip) -> tuple[_Clip, ...]:
    """The clips in the zip; entries that could be anything else are skipped."""
    if len(remote.infolist()) > settings().max_archive_entries:
        raise _not_ucf101()
    clips: dict[str, _Clip] = {}
    for info in remote.infolist():
        match, entry = _ENTRY.fullmatch(info.orig_filename), zip_entry(remote, info)
        small = 0 < info.file_size <= settings().max_video_bytes
        plausible = info.file_size <= settings().max_compression_ratio * max(1, info.compress_size)
        safe = entry.kind == "file" and entry.problem is None and isinstance(safe_parts(entry.name), tuple)
        if match and small and plausible and safe:
            clips[match[1]] = _Clip(info.filename, match[2], info.file_size, info.compress_size)
    if not clips:
        raise _not_ucf101()
    return tuple(clips[name] for name in sorted(clips))


def _not_ucf101() -> DownloadDamaged:
    return DownloadDamaged(
        f"The file at {settings().ucf101_url} is not the zip file of UCF101.",
        "A zip file with entries like UCF101/v_TaiChi_g01_c01.avi was expected.",
        "Set HAR_UCF101_URL to another address.",
    )


def _known_labels(labels: Sequence[str], listing: _Listing) -> list[str]:
    known = {normalise_label(clip.label): clip.label for clip in listing.clips}
    if unknown := [label for label in labels if normalise_label(label) not in known]:
        raise LabelsError(
            f"UCF101 has no class {', '.join(unknown)}.",
            f"It has {len(known)}, from {min(known.values())} to {max(known.values())}.",
            "Choose from these.",
        )
    return sorted({known[normalise_label(label)] for label in labels} or known.values())


def _listing_path() -> Path:
    return settings().datasets / ".ucf101.json"


def _folder(label: str) -> Path:
    return settings().datasets / SOURCE.name / label


def _unfinished_folder(label: str) -> Path:
    return settings().datasets / f".{SOURCE.name}-unfinished" / label


def _damaged(clip: _Clip, problem: str, kind: type[DownloadDamaged] = DownloadDamaged) -> DownloadDamaged:
    return kind(
        f"{clip.path.name} {problem}.",
        "Length and checksum must be those in the directory of the zip.",
        "Finished clips are kept: try again later.",
    )


SOURCE = Source(
    name="ucf101",
    title="UCF101",
    description="101 actions filmed by many people: sports, music, everyday activities. Choose classes, and only their "
    "clips are downloaded. By Soomro, Zamir and Shah, University of Central Florida, 2012.",
    licence=LICENCE,
    size="13,320 clips, 6.5 GB in all; a class has 100 to 167 clips, about 65 MB",
    fetch=fetch,
    list_classes=list_classes,
    presets={
        "tutorial": Preset("Tutorial", ("WalkingWithDog", "TaiChi", "Swing", "HorseRace")),
        "ucf50": Preset("The 50 of UCF50", _UCF50_LABELS),
        "all": Preset("All"),
    },
)
