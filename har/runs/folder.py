"""Where runs lie: a folder each, under an id that only its owner knows."""

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.errors import OptionsError, RunMissing, TooManyRuns
from har.networks import NETWORKS
from har.recipe import preset_for
from har.runs.plan import Outcome, Plan
from har.settings import settings
from har.storage import atomic, quota
from har.training import EpochDone
from har.training.checkpoint import read_history

_ID = re.compile(r"[\w-]{22}")
_PLAN, _OUTCOME, _CHECKPOINT, _OWNER, _OPENED = "plan.json", "outcome.json", "checkpoint.npz", "owner.txt", "opened"
_DAY_SEC = 24 * 3600
_plans = TypeAdapter(Plan)
_outcomes = TypeAdapter(Outcome)


@dataclass(frozen=True)
class Run:
    """A training that was asked for, whatever has become of it."""

    id: str  # who knows it may open the run
    plan: Plan
    outcome: Outcome | None  # once it is over

    @property
    def folder(self) -> Path:
        """Where all of it lies."""
        return settings().runs / self.id

    @property
    def classifier(self) -> Path:
        """Folder of the classifier, which is there once there is an outcome."""
        return self.folder / "classifier"

    @property
    def checkpoint(self) -> Path:
        """Where training keeps how far it is."""
        return self.folder / _CHECKPOINT

    @cached_property
    def history(self) -> tuple[EpochDone, ...]:
        """Epochs that are over."""
        return self.outcome.history if self.outcome else read_history(self.checkpoint)

    @property
    def name(self) -> str:
        """In a few words, for people."""
        recipe = self.plan.recipe
        usual = recipe.preset == preset_for(recipe.network, self.plan.dataset)
        preset = "" if usual else f", {recipe.preset}"
        split = "" if recipe.split == "grouped" else f", {recipe.split} split"
        return f"{NETWORKS[recipe.network].title} on {self.plan.title}{preset}{split}, seed {recipe.seed}"


@quota.telling()
def new_run(owner: str, plan: Plan) -> Run:
    """Make a run's folder; nothing is trained yet.

    Args:
        owner: a secret of 22 characters that tells whose it is.
        plan: what is to be trained.

    Raises:
        TooManyRuns: the owner keeps as many as they may.
        OptionsError: an owner that cannot be one.
        DiskFull: there is no room for it.
    """
    _checked_owner(owner)
    sweep()
    limit = settings().max_runs
    if sum(1 for _ in _folders_of(owner)) >= limit:
        raise TooManyRuns(f"You keep {limit} runs already.", "There is room for no more.", "Delete some of them.")
    run = Run(secrets.token_urlsafe(16), plan, None)
    run.folder.mkdir(parents=True)
    atomic.write_text(run.folder / _OWNER, owner)
    write_plan(run)
    return run


def write_plan(run: Run) -> None:
    """Keep a run's plan; a folder that has one is a run."""
    atomic.write_text(run.folder / _PLAN, _plans.dump_json(run.plan, indent=1).decode())


def write_outcome(run: Run, outcome: Outcome) -> None:
    """Keep what came of a run. What resuming needed goes."""
    atomic.write_text(run.folder / _OUTCOME, _outcomes.dump_json(outcome).decode())
    run.checkpoint.unlink(missing_ok=True)


def open_run(run_id: str) -> Run:
    """A run by its id.

    Raises:
        RunMissing: there is none, or it cannot be read.
    """
    run = look_at(run_id)
    with suppress(OSError):  # no room for the mark; or it is being deleted, which the next one finds out
        (run.folder / _OPENED).touch()
    return run


def look_at(run_id: str) -> Run:
    """The same for somebody who was only shown the run: it does not count as opened.

    Raises:
        RunMissing: there is none, or it cannot be read.
    """
    try:
        return read_run(settings().runs / (run_id if _ID.fullmatch(run_id) else "none"))
    except (OSError, ValidationError, OptionsError) as error:
        raise _missing() from error


def list_runs(owner: str) -> list[Run]:
    """An owner's runs, the newest first. Damaged ones are left out."""
    runs = []
    for folder in _folders_of(owner):
        try:
            runs.append(read_run(folder))
        except (OSError, ValidationError, OptionsError):
            continue
    return sorted(runs, key=lambda run: -run.plan.created)


def delete_run(run_id: str) -> None:
    """Remove a run with its classifier.

    Raises:
        RunMissing: there is none.
    """
    shutil.rmtree(open_run(run_id).folder, ignore_errors=True)


def ends_at(folder: Path) -> float:
    """When the time of a run's folder is up unless it is opened before, in seconds since 1970.

    Raises:
        OSError: it is not there.
    """
    marks = [path for path in (folder / _OPENED, folder / _OUTCOME, folder / _PLAN) if path.exists()]
    return max(path.stat().st_mtime for path in marks or [folder]) + settings().run_days * _DAY_SEC


def sweep() -> None:
    """Remove runs that nobody has opened for so long that their time is up."""
    for folder in settings().runs.glob("*"):
        with suppress(FileNotFoundError):  # somebody else has just removed it
            if ends_at(folder) < time.time():
                shutil.rmtree(folder, ignore_errors=True)


def read_run(folder: Path) -> Run:
    """The run in a folder; that counts as nobody's opening it.

    Raises:
        OSError, ValidationError, OptionsError: it cannot be read.
    """
    plan = _plans.validate_json((folder / _PLAN).read_bytes())
    if plan.recipe.network not in NETWORKS:
        raise OptionsError(f"There is no network {plan.recipe.network!r} any more.", "It was expected.", "Train again.")
    path = folder / _OUTCOME
    return Run(folder.name, plan, _outcomes.validate_json(path.read_bytes()) if path.exists() else None)


def _missing() -> RunMissing:
    return RunMissing(
        "There is no training run under this address.",
        f"Runs are kept for {settings().run_days:g} days after they were last opened.",
        "Train again.",
    )


def _folders_of(owner: str) -> Iterator[Path]:
    for path in settings().runs.glob(f"*/{_OWNER}"):
        try:
            theirs = path.read_text(encoding="utf-8") == owner
        except OSError:
            continue
        if theirs:
            yield path.parent


def _checked_owner(owner: str) -> None:
    if not _ID.fullmatch(owner):
        raise OptionsError("Nobody can be told as the owner.", "A secret of 22 characters was expected.", "Try again.")
