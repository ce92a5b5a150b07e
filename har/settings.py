"""Limits and folders, each overridden by an environment variable `HAR_<NAME>` (or a Streamlit secret of that name)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import platformdirs
from pydantic import ByteSize, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting

from har.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parent
# Next to the package in a checkout, inside it where a wheel is installed.
_WEIGHTS = next(filter(Path.is_dir, (_PACKAGE.parent / "weights", _PACKAGE / "weights")), _PACKAGE / "weights")
MIB, GIB = 1 << 20, 1 << 30
_SECRETS = ("owner_key", "youtube_cookies_text")


class _Folder:
    """A folder in `home`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, settings: "Settings", owner: type["Settings"]) -> Path:
        return settings.home / self._name


def _setting(default: Any, description: str, **limits: Any) -> Any:
    """A setting. Descriptions are Markdown for `docs/settings.md`, which `python -m docs.settings` writes."""
    return Field(default, description=description, **limits)


class Settings(BaseSettings):
    """Every limit and folder of the project."""

    model_config = SettingsConfigDict(env_prefix="HAR_", frozen=True)

    # Folders
    home: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("har"),
        description="Folder for data sets, classifiers, jobs and caches.",
    )
    weights: Path = _setting(_WEIGHTS, "Folder of the shipped classifiers.")

    # Videos
    max_video_bytes: int = _setting(200 * MIB, "Maximum size of a video. See also `.streamlit/config.toml`.", gt=0)
    max_video_sec: float = _setting(15 * 60, "Maximum length of a video.", gt=0)
    max_frame_pixels: int = _setting(8192 * 4352, "Maximum number of pixels in a frame; the default allows 8K.", gt=0)
    probe_sec: float = _setting(60, "Maximum time to inspect a file.", gt=0)
    ffmpeg_stall_sec: float = _setting(120, "An ffmpeg process without any output for this long is stopped.", gt=0)
    ffmpeg_sec: float = _setting(
        2 * 3600, "Maximum processor time of one ffmpeg process, and maximum time to wait for it.", gt=0
    )
    ffmpeg_memory_bytes: int = _setting(
        2 * GIB, "Memory limit of one ffmpeg process. Writing 4K needs 1.3 GB, 8K 4 GB.", ge=64 * MIB
    )
    ffmpeg_output_bytes: int = _setting(1 * GIB, "Maximum size of a file that one ffmpeg process writes.", gt=0)

    # Data sets
    ucf101_url: str = _setting(
        "https://storage.googleapis.com/thumos14_files/UCF101_videos.zip", "Where UCF101 is downloaded from."
    )
    ucf50_url: str = _setting("https://www.crcv.ucf.edu/data/UCF50.rar", "Where UCF50 is downloaded from.")
    max_download_bytes: int = _setting(
        8 * GIB, "Maximum size of a single download of a data set or some of its classes.", gt=0
    )
    min_free_bytes: int = _setting(
        1 * GIB, "Disk space a download must leave free. With less, caches and old results are removed.", ge=0
    )
    max_archive_entries: int = _setting(20_000, "Maximum number of files in an archive. UCF101 has 13,320 clips.", gt=0)
    max_unpacked_bytes: int = _setting(8 * GIB, "Maximum total size of an unpacked archive.", gt=0)
    max_compression_ratio: float = _setting(
        100, "An archive entry with a higher ratio is refused: videos hardly compress.", gt=1
    )
    max_kept_clips: int = _setting(300, "Maximum number of training clips cut from one corrected result.", gt=0)

    # Published networks
    movinet_url: str = _setting(
        "https://raw.githubusercontent.com/tensorflow/flutter-tflite/7045e30722790910e5735b43d3f7e18a25008e6b/"
        "example/movinet/assets/movinet_int8.tflite",
        "Where MoViNet is downloaded from on its first use: an https address, or a path. The content is checked. "
        "Empty: nothing is downloaded.",
    )

    # YouTube
    youtube_hosts: tuple[str, ...] = _setting(
        (
            "youtube.com",
            "www.youtube.com",
            "m.youtube.com",
            "music.youtube.com",
            "youtu.be",
            "youtube-nocookie.com",
            "www.youtube-nocookie.com",
        ),
        "Hosts that yt-dlp may contact. Visitors may paste addresses of these and of their subdomains.",
    )
    youtube_api_hosts: tuple[str, ...] = _setting(
        ("youtubei.googleapis.com", "*.googlevideo.com"), "Other hosts that yt-dlp may contact."
    )
    youtube_media_hosts: tuple[str, ...] = _setting(
        ("*.googlevideo.com",), "Hosts that videos are downloaded from; `*.` means any subdomain."
    )
    youtube_media_http: bool = _setting(False, "Whether videos may come unencrypted and from any port; for tests only.")
    youtube_cookies: Path | None = _setting(
        None, "Cookie file in Netscape format. YouTube may ban the account it belongs to."
    )
    youtube_cookies_text: SecretStr | None = _setting(
        None, "Content of a cookie file, for servers where a secret cannot be a file."
    )
    youtube_short_side: int = _setting(
        480, "Maximum short side in pixels; the largest available size within it is downloaded.", ge=64
    )
    youtube_look_sec: float = _setting(60, "Maximum time to look up a video.", gt=0)
    max_youtube_looks: int = _setting(20, "Maximum number of lookups that wait or run.", ge=1)
    youtube_pause_sec: float = _setting(
        60, "After a refusal, YouTube is not contacted for this long; all lookups get the same refusal.", ge=0
    )
    youtube_fetch_sec: float = _setting(15 * 60, "Maximum time to download a section of a video.", gt=0)
    youtube_fetch_bytes: int = _setting(GIB, "Maximum bytes downloaded for a section, before it is re-encoded.", gt=0)
    youtube_stall_sec: float = _setting(30, "A download that receives nothing for this long is stopped.", gt=0)

    # Caches
    clip_cache_bytes: int = _setting(8 * GIB, "Maximum size of the cache of decoded clips.", ge=0)
    feature_cache_bytes: int = _setting(
        2 * GIB, "Maximum size of the cache of features from pretrained encoders.", ge=0
    )
    preview_cache_bytes: int = _setting(
        GIB, "Maximum size of the cache of thumbnails, small copies and statistics of videos for pages.", ge=0
    )

    graph_cache_bytes: int = _setting(
        GIB, "Maximum size of the cache of classifiers that were converted for LiteRT.", ge=0
    )

    # Written videos
    encoder: str = _setting("libx264", "ffmpeg's video encoder.")
    encoder_preset: str = _setting("veryfast", "Preset of the encoder.")
    encoder_crf: int = _setting(
        23, "Quality of the encoder (CRF): lower values give better quality and larger files.", ge=0, le=51
    )
    burn_in_sec: float = _setting(
        120, "Pages write labels into longer videos only on request, into others in the background.", ge=0
    )
    preview_short_side: int = _setting(480, "Short side in pixels of the small copy that pages play.", ge=64)
    max_played_bytes: int = _setting(
        32 * MIB, "For a larger video, pages play a small copy, since played videos are held in memory.", ge=0
    )
    max_film_sec: float = _setting(300, "Maximum length of a film of highlights, or of one side by side.", ge=10)
    max_wall_classes: int = _setting(60, "Maximum number of clips in a film of a data set's classes.", ge=1)

    # Jobs
    scheduler: str | None = _setting(
        None, "Address of a Dask scheduler. Without one, jobs run on workers next to the app."
    )
    worker_memory: ByteSize = _setting(
        ByteSize(2 * GIB),
        "Memory limit of an embedded worker, as `2GiB`. One that exceeds it is restarted.",
        gt=0,
    )
    idle_worker_sec: float = _setting(
        120, "An embedded worker that nothing has needed for so long ends; the next page or job starts it again.", gt=0
    )
    max_waiting_jobs: int = _setting(
        20, "Maximum number of jobs that wait in each lane: running networks, training, and files.", ge=1
    )
    max_jobs_per_session: int = _setting(
        3, "Maximum number of unfinished jobs of one visitor, of all kinds together.", ge=1
    )
    max_visitor_bytes: int = _setting(
        10 * GIB,
        "Maximum size of the uploads, results, data sets and runs of one visitor. When the disk is full, those who use "
        "most lose their oldest files first.",
        gt=0,
    )
    max_data_job_sec: float = _setting(
        3600, "Maximum time of a job that downloads, unpacks or reads files; what is finished by then is kept.", gt=0
    )
    ownerless_minutes: float = _setting(
        10,
        "A job whose page has been closed for this long is stopped; trainings, films of a result and training clips "
        "continue.",
        gt=0,
    )
    job_hours: float = _setting(24, "Uploads and results are removed after this many hours.", gt=0)
    draft_minutes: float = _setting(
        30,
        "Recordings of Teach and classifiers trained on them are removed this many minutes after the page was closed, "
        "unless they are kept.",
        gt=0,
    )
    run_days: float = _setting(14, "Training runs that have not been opened for this many days are removed.", gt=0)
    max_training_sec: float = _setting(3 * 3600, "A training with a longer estimated time is refused.", gt=0)
    max_runs: int = _setting(50, "Maximum number of training runs of one owner.", ge=1)
    max_imported_runs: int = _setting(
        200, "Maximum number of imported runs of all owners. Above it, those opened longest ago are removed.", ge=1
    )

    # Uploads
    max_session_upload_bytes: int = _setting(
        256 * MIB,
        "Maximum size of the uploads that are held on disk for one tab, including those being received, until they are "
        "used or the tab is closed. Each counts as at least 16 KiB. If the disk is full, they are held in memory.",
        gt=0,
    )
    max_upload_bytes: int = _setting(512 * MIB, "The same for all tabs together.", gt=0)
    max_uploads_at_once: int = _setting(
        32,
        "Maximum number of uploads that are received at the same time. At its end each is in memory for a moment, "
        "one after the other.",
        ge=1,
    )
    upload_return_sec: float = _setting(
        15, "Uploads of a closed tab are dropped after this long, unless it reconnects.", ge=0
    )
    upload_stall_sec: float = _setting(30, "An upload that receives no data for this long is aborted.", gt=0)

    # Live
    max_live_visitors: int = _setting(
        5, "Maximum number of visitors who try a classifier on their camera at the same time.", ge=1
    )

    # Operators
    content_security_policy: str = _setting(
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: wss: data: blob:; "
        "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'",
        "The Content-Security-Policy header: which sites may embed the app, and what pages may load. Empty: no header.",
    )
    owner_key: SecretStr | None = _setting(
        None, "Opens the private part of Status: `/status?owner=…`. At least 16 characters.", min_length=16
    )

    # Folders in `home`
    datasets: ClassVar = _Folder("datasets")  # generated and downloaded data sets
    own_datasets: ClassVar = _Folder("own-datasets")  # visitors' data sets, with secret names, kept for `job_hours`
    clips: ClassVar = _Folder("clips")  # cached decoded clips
    features: ClassVar = _Folder("features")  # cached features of clips
    previews: ClassVar = _Folder("previews")  # cached small pictures, copies and facts of videos
    training_times: ClassVar = _Folder("training-times.json")  # a file: how long trainings took on this machine
    graphs: ClassVar = _Folder("graphs")  # cached classifiers that were converted for LiteRT
    published: ClassVar = _Folder("published")  # networks of others, downloaded once
    classifiers: ClassVar = _Folder("classifiers")  # trained on this machine
    runs: ClassVar = _Folder("runs")  # training runs, one folder each
    jobs: ClassVar = _Folder("jobs")  # uploads and results, one folder per job
    uploads: ClassVar = _Folder("uploads")  # of open tabs, until a job takes them
    owners: ClassVar = _Folder("owners")  # who owns each folder of jobs and visitors' data sets, one file each
    links: ClassVar = _Folder("links")  # shared links, one file each
    youtube: ClassVar = _Folder("youtube")  # yt-dlp's cache of YouTube's player code


_override: Settings | None = None


def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: an environment variable with an invalid value.
    """
    return _override or _read()


def reload_settings() -> None:
    """Read the environment again at the next call of `settings`."""
    _read.cache_clear()


@contextmanager
def override_settings(**changes: object) -> Iterator[Settings]:
    """Change settings of this process, by name, until the block ends: for tests."""
    global _override
    before, _override = _override, settings().model_copy(update=changes)
    try:
        yield _override
    finally:
        _override = before


@cache
def _read() -> Settings:
    try:
        return Settings()
    except UnreadableSetting as error:
        name = "HAR_" + str(error).split('"')[1].upper()  # the message names the field, and no attribute does
        raise SettingsError(
            f"{name} cannot be read.", 'It must be a list in JSON, such as ["a", "b"].', "Correct or unset it."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = "HAR_" + "_".join(str(part) for part in first["loc"]).upper()
        value = "a secret value" if first["loc"][0] in _SECRETS else repr(first["input"])
        raise SettingsError(
            f"{name} is set to {value}.", f"It cannot be used: {first['msg']}.", "Correct or unset it."
        ) from error
