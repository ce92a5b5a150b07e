"""Training runs on disk: a folder each, under an id that only its owner knows."""

import math
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.errors import OptionsError, RunMissing, TooManyRuns
from har.networks import NETWORKS
from har.recipe import Recipe
from har.settings import settings
from har.storage import atomic, owners, quota
from har.training import EpochRecord, Outcome
from har.training.checkpoint import read_history
from har.training.outcome import OUTCOME, read_outcome, training_title

_ID = re.compile(r"[\w-]{22}")
_PLAN, _CHECKPOINT, _OWNER, _OPENED = "plan.json", "checkpoint.npz", owners.IN_FOLDER, "opened"
_IMPORTED = quota.REPLACEABLE  # its owner still has the file it came from
_DAY_SEC = 24 * 3600


@dataclass(frozen=True)
class Plan:
    """What a run trains."""

    dataset: str  # as `har.datasets.open_dataset` takes it
    title: str  # of the data set, as users see it
    labels: tuple[str, ...]
    recipe: Recipe
    created: float  # seconds since 1970
    pair: str | None = None  # id of the run with the same recipe on the other kind of split
    cost_sec: float = 0.0  # as estimated before the training; 0: not known
    name: str = ""  # that its owner gave the run; empty: `training_title`


_plans = TypeAdapter(Plan)


@dataclass(frozen=True)
class Run:
    """A training run, finished or not."""

    id: str  # gives access to the run
    plan: Plan
    outcome: Outcome | None  # None: not finished

    @property
    def folder(self) -> Path:
        """All of its files."""
        return settings().runs / self.id

    @property
    def classifier(self) -> Path:
        """Folder of the classifier, which exists once there is an outcome."""
        return self.folder / "classifier"

    @property
    def checkpoint(self) -> Path:
        """File from which an interrupted training resumes."""
        return self.folder / _CHECKPOINT

    @cached_property
    def history(self) -> tuple[EpochRecord, ...]:
        """Epochs that are done."""
        return self.outcome.history if self.outcome else read_history(self.checkpoint)

    @property
    def name(self) -> str:
        """The name that its owner gave it, or labels, network and unusual choices."""
        return self.plan.name or training_title(self.plan.recipe, self.plan.labels, self.plan.dataset)


@quota.raising_disk_full()
def new_run(owner: str, plan: Plan, *, imported: bool = False) -> Run:
    """Create the folder of a run; training starts later.

    An owner is a secret of 22 characters. An imported run may be removed to make room on the disk or for other imports.

    Raises:
        TooManyRuns: the owner has as many as allowed, or all owners together have imported as many.
        OptionsError: not an owner's secret.
        DiskFull: there is no room for it.
    """
    if not _ID.fullmatch(owner):
        raise OptionsError("The owner of the run is unknown.", "A secret of 22 characters was expected.", "Try again.")
    delete_expired_runs()
    limit = settings().max_runs
    if sum(1 for _ in _folders_of(owner)) >= limit:
        raise TooManyRuns(f"You have {limit} runs.", "That is the maximum.", "Delete some of them.")
    if imported:
        _make_room_for_import()
    run = Run(secrets.token_urlsafe(16), plan, None)
    run.folder.mkdir(parents=True)
    if imported:
        (run.folder / _IMPORTED).touch()
    atomic.write_text(run.folder / _OWNER, owner)
    write_plan(run)
    return run


def write_plan(run: Run) -> None:
    """Write a run's plan; a folder with one is a run."""
    atomic.write_bytes(run.folder / _PLAN, _plans.dump_json(run.plan, indent=1))


def open_run(run_id: str) -> Run:
    """A run by its id; that extends the time it is kept.

    Raises:
        RunMissing: there is none, or it cannot be read.
    """
    run = read_run(run_id)
    with suppress(OSError):  # the disk is full; or the run is being deleted, which the next call finds out
        (run.folder / _OPENED).touch()
    return run


def read_run(run_id: str) -> Run:
    """A run by its id, for readers other than its owner: the time it is kept stays the same.

    Raises:
        RunMissing: there is none, or it cannot be read.
    """
    try:
        return read_run_folder(settings().runs / (run_id if _ID.fullmatch(run_id) else "none"))
    except (OSError, ValidationError, OptionsError) as error:
        raise RunMissing(
            "There is no training run at this address.",
            f"Runs are kept for {settings().run_days:g} days after they were last opened.",
            "Train again.",
        ) from error


def read_run_folder(folder: Path) -> Run:
    """The run in a folder.

    Raises:
        OSError, ValidationError, OptionsError: it cannot be read.
    """
    plan = _plans.validate_json((folder / _PLAN).read_bytes())
    if plan.recipe.network not in NETWORKS:
        raise OptionsError(
            f"There is no network {plan.recipe.network!r}.", f"Networks: {', '.join(NETWORKS)}.", "Train again."
        )
    return Run(folder.name, plan, read_outcome(folder))


def list_runs(owner: str) -> list[Run]:
    """An owner's runs, the newest first. Damaged ones are left out."""
    runs = []
    for folder in _folders_of(owner):
        with suppress(OSError, ValidationError, OptionsError):
            runs.append(read_run_folder(folder))
    return sorted(runs, key=lambda run: -run.plan.created)


def delete_run(run_id: str) -> None:
    """Delete a run with its classifier.

    Raises:
        RunMissing: there is none.
    """
    shutil.rmtree(open_run(run_id).folder, ignore_errors=True)


@contextmanager
def removed_if_deleted(run: Run) -> Iterator[None]:
    """If a run is deleted while a job works on it, what the job has written is removed as well."""
    try:
        yield
    finally:
        if not (run.folder / _PLAN).exists():
            shutil.rmtree(run.folder, ignore_errors=True)


def expires_at(folder: Path) -> float:
    """When a run's folder is deleted unless the run is opened before, in seconds since 1970.

    Raises:
        OSError: there is no such folder.
    """
    if (folder / OUTCOME).exists() and (until := quota.draft_until(folder)) is not None:
        return until
    files = [path for path in (folder / _OPENED, folder / OUTCOME, folder / _PLAN) if path.exists()]
    return max(path.stat().st_mtime for path in files or [folder]) + settings().run_days * _DAY_SEC


def delete_expired_runs() -> None:
    """Delete runs that have not been opened for `run_days`."""
    for folder in settings().runs.glob("*"):
        with suppress(FileNotFoundError):  # another process has just deleted it
            if expires_at(folder) < time.time():
                shutil.rmtree(folder, ignore_errors=True)


def _make_room_for_import() -> None:
    """Delete imported runs above the limit, those opened longest ago first."""
    limit = settings().max_imported_runs
    imported = [path.parent for path in settings().runs.glob(f"*/{_IMPORTED}")]
    for folder in sorted(imported, key=expires_at)[: max(0, len(imported) + 1 - limit)]:
        if expires_at(folder) - settings().run_days * _DAY_SEC > time.time() - quota.RECENT_SEC:
            raise TooManyRuns(
                f"{limit} runs were imported here a short time ago.",
                "That is the maximum for all visitors together.",
                f"Try again in {math.ceil(quota.RECENT_SEC / 60)} minutes.",
            )
        shutil.rmtree(folder, ignore_errors=True)


def _folders_of(owner: str) -> Iterator[Path]:
    for path in settings().runs.glob(f"*/{_OWNER}"):
        with suppress(OSError):
            if path.read_text(encoding="utf-8") == owner:
                yield path.parent
