"""Limits and folders, each overridden by an environment variable `HAR_<NAME>` (or a Streamlit secret of that name)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from har.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parent
# Beside the package in a checkout, inside it where a wheel was installed.
_SHIPPED = next(filter(Path.is_dir, (_PACKAGE.parent / "weights", _PACKAGE / "weights")), _PACKAGE / "weights")
MIB, GIB = 1 << 20, 1 << 30
_SECRETS = ("owner_key", "youtube_cookies_text")


class Settings(BaseSettings):
    """Every limit and folder of the project."""

    model_config = SettingsConfigDict(env_prefix="HAR_", frozen=True)

    # Folders
    home: Path = Field(default_factory=lambda: platformdirs.user_cache_path("har"))  # data sets, classifiers, jobs
    weights: Path = _SHIPPED  # classifiers that come with the project

    # What a video may be
    max_video_bytes: int = Field(200 * MIB, gt=0)  # as .streamlit/config.toml allows for an upload
    max_video_sec: float = Field(15 * 60, gt=0)
    max_frame_pixels: int = Field(8192 * 4352, gt=0)  # an 8K frame
    ffmpeg_stall_sec: float = Field(120, gt=0)  # an ffmpeg that prints nothing for so long is ended
    probe_sec: float = Field(60, gt=0)  # longest time to look at a file
    ffmpeg_sec: float = Field(2 * 3600, gt=0)  # of the processor for one ffmpeg, and of waiting for it in all
    ffmpeg_memory_bytes: int = Field(2 * GIB, ge=64 * MIB)  # of one ffmpeg: 4K takes 1.3 GB to write, 8K 4 GB
    ffmpeg_output_bytes: int = Field(1 * GIB, gt=0)  # of a file that one ffmpeg writes

    # Data sets from elsewhere
    ucf101_url: str = "https://storage.googleapis.com/thumos14_files/UCF101_videos.zip"
    ucf50_url: str = "https://www.crcv.ucf.edu/data/UCF50.rar"
    max_download_bytes: int = Field(8 * GIB, gt=0)  # of one data set, or of some of its classes
    min_free_bytes: int = Field(1 * GIB, ge=0)  # what a download must leave free; below it caches and old results go
    max_archive_entries: int = Field(20_000, gt=0)  # UCF101 has 13,320 clips
    max_unpacked_bytes: int = Field(8 * GIB, gt=0)
    max_kept_clips: int = Field(300, gt=0)  # cut out of one corrected result, to train on
    max_compression_ratio: float = Field(100, gt=1)  # videos hardly shrink; what shrinks more is a trap

    # YouTube
    youtube_hosts: tuple[str, ...] = (  # addresses that a visitor may paste, and whom yt-dlp may ask
        "youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be",
        "youtube-nocookie.com", "www.youtube-nocookie.com",
    )  # fmt: skip
    youtube_api_hosts: tuple[str, ...] = ("youtubei.googleapis.com", "*.googlevideo.com")  # whom yt-dlp may ask too
    youtube_media_hosts: tuple[str, ...] = ("*.googlevideo.com",)  # where videos come from; *. is any beginning
    youtube_media_http: bool = False  # also without encryption and from any port, for tests
    youtube_cookies: Path | None = None  # the owner's, in Netscape's format; whoever signs in so may be banned for it
    youtube_cookies_text: SecretStr | None = None  # the same as text, for places where a secret cannot be a file
    youtube_short_side: int = Field(480, ge=64)  # pixels: of the sizes on offer the largest that is no larger
    youtube_look_sec: float = Field(60, gt=0)  # to find out what is behind an address
    youtube_fetch_sec: float = Field(15 * 60, gt=0)  # to fetch a stretch of it
    youtube_fetch_bytes: int = Field(GIB, gt=0)  # that may come for it, before it is made smaller
    youtube_stall_sec: float = Field(30, gt=0)  # a fetch that brings nothing for so long is ended

    # What can be made again
    clip_cache_bytes: int = Field(8 * GIB, ge=0)  # decoded clips
    feature_cache_bytes: int = Field(2 * GIB, ge=0)  # what pretrained encoders gave for them
    preview_cache_bytes: int = Field(GIB, ge=0)  # small pictures and copies for pages; what is known of videos

    # How videos are written
    encoder: str = "libx264"
    encoder_preset: str = "veryfast"
    encoder_crf: int = Field(23, ge=0, le=51)
    burn_in_sec: float = Field(120, ge=0)  # pages burn labels into longer videos only when asked to
    preview_short_side: int = Field(480, ge=64)  # of the small copy that a page plays
    max_played_bytes: int = Field(32 * MIB, ge=0)  # of a larger video, pages play a small copy: it is kept in memory

    # Long work
    scheduler: str | None = None  # address of a Dask scheduler; none: one worker beside the app
    worker_memory: str = "2GiB"  # the embedded worker is ended above it
    max_waiting_jobs: int = Field(20, ge=1)
    max_jobs_per_session: int = Field(3, ge=1)  # of one visitor that wait or run, annotations and trainings together
    ownerless_minutes: float = Field(10, gt=0)  # an annotation about which nobody asked for so long is stopped
    job_hours: float = Field(24, gt=0)  # uploads and results go after that time
    run_days: float = Field(14, gt=0)  # training runs go after that time without anybody opening them
    max_training_sec: float = Field(3 * 3600, gt=0)  # as estimated: what takes longer is not begun
    max_runs: int = Field(50, ge=1)  # of one owner

    # Who runs the app
    owner_key: SecretStr | None = Field(None, min_length=16)  # opens the inner part of Status: /status?owner=…

    @property
    def datasets(self) -> Path:
        """Generated and downloaded videos."""
        return self.home / "datasets"

    @property
    def own_datasets(self) -> Path:
        """Videos that visitors brought: a folder each under a name that nobody can guess, kept for `job_hours`."""
        return self.home / "own-datasets"

    @property
    def clips(self) -> Path:
        """Decoded clips."""
        return self.home / "clips"

    @property
    def features(self) -> Path:
        """What pretrained encoders gave for decoded clips."""
        return self.home / "features"

    @property
    def runs(self) -> Path:
        """One folder a training run: its plan, where it stands, what came of it."""
        return self.home / "runs"

    @property
    def previews(self) -> Path:
        """Small pictures and copies of videos, and what is known of them."""
        return self.home / "previews"

    @property
    def classifiers(self) -> Path:
        """Classifiers trained on this machine."""
        return self.home / "classifiers"

    @property
    def youtube(self) -> Path:
        """What yt-dlp keeps of YouTube's own player, so that it need not be worked out for every video."""
        return self.home / "youtube"

    @property
    def links(self) -> Path:
        """One file a shared link: to which result it leads."""
        return self.home / "links"

    @property
    def jobs(self) -> Path:
        """One folder a job: what was uploaded and what came of it."""
        return self.home / "jobs"


_override: Settings | None = None


def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: an environment variable that cannot be understood.
    """
    return _override or _read()


def reload_settings() -> None:
    """Read the environment again at the next call of `settings`."""
    _read.cache_clear()


@contextmanager
def override_settings(**changes: object) -> Iterator[Settings]:
    """Other values in this process until the block ends, by the names of the settings: for tests."""
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
    except ValidationError as error:
        first = error.errors()[0]
        name = "HAR_" + "_".join(str(part) for part in first["loc"]).upper()
        given = "what nobody should see here" if first["loc"][0] in _SECRETS else repr(first["input"])
        raise SettingsError(
            f"{name} is {given}.", f"It cannot be used: {first['msg']}.", "Correct or unset it."
        ) from error
