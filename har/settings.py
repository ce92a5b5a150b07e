"""Limits and folders, each overridden by an environment variable `HAR_<NAME>` (or a Streamlit secret of that name)."""

from functools import cache
from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from har.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parent
# Beside the package in a checkout, inside it where a wheel was installed.
_SHIPPED = next(filter(Path.is_dir, (_PACKAGE.parent / "weights", _PACKAGE / "weights")), _PACKAGE / "weights")
MIB = 1 << 20


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

    # How videos are written
    encoder: str = "libx264"
    encoder_preset: str = "veryfast"
    encoder_crf: int = Field(23, ge=0, le=51)
    preview_short_side: int = Field(480, ge=64)  # of the small copy that a page plays

    # Long work
    scheduler: str | None = None  # address of a Dask scheduler; none: one worker beside the app
    worker_memory: str = "2GiB"  # the embedded worker is ended above it
    max_waiting_jobs: int = Field(20, ge=1)
    job_hours: float = Field(24, gt=0)  # uploads and results go after that time

    @property
    def datasets(self) -> Path:
        """Generated and downloaded videos."""
        return self.home / "datasets"

    @property
    def classifiers(self) -> Path:
        """Classifiers trained on this machine."""
        return self.home / "classifiers"

    @property
    def jobs(self) -> Path:
        """One folder a job: what was uploaded and what came of it."""
        return self.home / "jobs"


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: an environment variable that cannot be understood.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "HAR_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"{name} is {first['input']!r}.", f"It cannot be used: {first['msg']}.", "Correct or unset it."
        ) from error
