"""What every chapter needs: clips, jobs, somebody who kills the worker, and a list of what was kept and broken."""

import hashlib
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil

from har import annotation, results
from har.clips import ClipSpec
from har.errors import HarError
from har.jobs import Jobs, JobStatus
from har.maintenance import Housekeeper
from har.recipe import recipe_for
from har.results import LabelOptions
from har.runs import Plan, Run, new_run, open_run
from har.runs.scheduler import begin
from har.settings import settings
from har.storage import quota
from har.video import write_video

_LONGEST_SEC = 300.0
_CLASSIFIER = "lrcn-figures"


@dataclass
class Checks:
    """Prints each promise as it is kept or broken."""

    broken: int = 0

    def __call__(self, what: str, is_kept: bool, detail: object = "") -> None:
        """One promise."""
        self.broken += not is_kept
        why = "" if is_kept or not detail else f" ({detail})"
        print(f"{'kept  ' if is_kept else 'BROKEN'} {what}{why}", flush=True)


@dataclass
class World:
    """The jobs of a process, and the results that must not get lost."""

    jobs: Jobs
    check: Checks
    results: dict[Path, str] = field(default_factory=dict)  # folders, and what their table was

    # Annotations

    def begin_annotating(self, video: Path) -> tuple[str, Path]:
        """A job and its folder."""
        folder = settings().jobs / secrets.token_urlsafe(16)
        with quota.telling():
            folder.mkdir(parents=True)
        rest = (folder, _CLASSIFIER, LabelOptions(), 0.5)
        job_id = self.jobs.submit(annotation.annotate_for_page, video, *rest, job_id=folder.name)
        return job_id, folder

    def annotate(self, video: Path) -> JobStatus:
        """Annotate to the end; a result from then on must not get lost."""
        job_id, folder = self.begin_annotating(video)
        status = self.jobs.wait(job_id, _LONGEST_SEC)
        self.note(folder)
        return status

    def note(self, folder: Path) -> bool:
        """Whether there is a whole result in a folder, which must not get lost then."""
        there = results.is_annotated(folder) and results.to_play(folder) is not None
        if there:
            self.results[folder] = _table(folder)
        return there

    def check_results(self) -> None:
        """Every finished result is there, and the same."""
        lost = [folder.name for folder, table in self.results.items() if not _same(folder, table)]
        self.check(f"none of {len(self.results)} finished results is lost", bool(self.results) and not lost, lost)

    # Trainings

    def begin_training(self, clips: Path, epochs: int = 3) -> Run:
        """A run in the queue."""
        run = new_run("o" * 22, plan(clips, epochs))
        begin(self.jobs, run.id)
        return run

    def finish(self, run: Run) -> Run:
        """A run when it is through, or when there is no more hope."""
        until(lambda: open_run(run.id).outcome is not None, _LONGEST_SEC)
        return open_run(run.id)

    # The workers

    def cluster(self) -> psutil.Process | None:
        """The process beside this one that starts and watches the workers."""
        found = (child for child in psutil.Process().children() if "har.jobs.cluster" in _command(child))
        return next(found, None)

    def kill_workers(self) -> None:
        """All that are there at this moment."""
        cluster = self.cluster()
        for worker in [] if cluster is None else cluster.children():
            if "spawn_main" in _command(worker):
                os.kill(worker.pid, signal.SIGKILL)


@contextmanager
def world(check: Checks) -> Iterator[World]:
    """The jobs of this process, with somebody who looks after runs that were cut off."""
    jobs = Jobs()
    keeper = Housekeeper(jobs, every_sec=0.5)
    try:
        yield World(jobs, check)
    finally:
        keeper.close()
        jobs.close()


def until(found: Callable[[], bool], timeout_sec: float) -> bool:
    """Whether something came true in time."""
    deadline = time.monotonic() + timeout_sec
    while not (reached := found()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return reached


def plain(error: BaseException | None) -> bool:
    """Whether an error is a message to a visitor, and tells nothing of the machine's folders."""
    told = str(error)
    return isinstance(error, HarError) and "Traceback" not in told and str(settings().home.parent) not in told


def make_clips(folder: Path) -> Path:
    """Ten clips of two labels that are told apart at a glance; the first of them is annotated too."""
    for label, light in (("bright", 220), ("dark", 30)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for group in range(5):
            write_video(folder / label / f"v_{label}_g{group:02}_c01.mp4", _growing(light, group), Fraction(10))
    return folder


def plan(clips: Path, epochs: int) -> Plan:
    """So short that next to nothing is learnt, but everything happens."""
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    recipe = recipe_for("lrcn", spec=spec, epochs=epochs, batch_size=4, warmup_epochs=1, frame_steps=5)
    return Plan(str(clips), "Shades", ("bright", "dark"), recipe, time.time(), None)


def weights(run: Run) -> str:
    """A mark of everything that a run has learnt."""
    found = np.load(run.classifier / "weights.npz")
    return hashlib.sha256(b"".join(found[name].tobytes() for name in sorted(found.files))).hexdigest()


def _growing(light: int, group: int) -> Iterator[np.ndarray]:
    for step in range(40):
        frame = np.full((64, 64, 3), light, np.uint8)
        frame[: 5 + step, 10 * group : 10 * group + 8] = 128
        yield frame


def _table(folder: Path) -> str:
    return hashlib.sha256((folder / results.CSV).read_bytes()).hexdigest()


def _same(folder: Path, table: str) -> bool:
    try:
        results.open_annotation(folder)
        whole = (folder / results.ANNOTATED).stat().st_size > 0 and results.to_play(folder) is not None
        return whole and _table(folder) == table
    except (HarError, OSError):
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""
