"""What every scenario needs: clips, jobs, a way to kill workers, and checks of promises."""

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
from har.exports import FORMATS
from har.jobs import Jobs, JobStatus
from har.maintenance import Maintenance
from har.recipe import recipe_for
from har.results import LabelOptions
from har.runs import Plan, Run, new_run, open_run
from har.runs.scheduler import start_run
from har.settings import settings
from har.storage import quota
from har.video import write_video

_TIMEOUT_SEC = 300.0
_CLASSIFIER = "lrcn-figures"


@dataclass
class Checks:
    """Prints for each promise whether it is kept."""

    broken: int = 0

    def __call__(self, title: str, is_kept: bool, detail: object = "") -> None:
        """Check one promise."""
        self.broken += not is_kept
        why = "" if is_kept or not detail else f" ({detail})"
        print(f"{'kept  ' if is_kept else 'BROKEN'} {title}{why}", flush=True)


@dataclass
class Environment:
    """The jobs of a process, and the results that must not get lost."""

    jobs: Jobs
    check: Checks
    results: dict[Path, str] = field(default_factory=dict)  # folder of each, and a hash of its table

    # Annotations

    def start_annotation(self, video: Path) -> tuple[str, Path]:
        """Submit an annotation; return the job and its folder."""
        folder = settings().jobs / secrets.token_urlsafe(16)
        with quota.raising_disk_full():
            folder.mkdir(parents=True)
        rest = (folder, _CLASSIFIER, LabelOptions(), 0.5, True)
        job_id = self.jobs.submit(annotation.annotate_job, video, *rest, job_id=folder.name)
        return job_id, folder

    def annotate(self, video: Path) -> JobStatus:
        """Annotate and wait; the result must not get lost from then on."""
        job_id, folder = self.start_annotation(video)
        status = self.jobs.wait(job_id, _TIMEOUT_SEC)
        self.remember(folder)
        return status

    def remember(self, folder: Path) -> bool:
        """Whether a folder has a complete result, which must not get lost from then on."""
        complete = results.is_annotated(folder) and results.playable_file(folder) is not None
        if complete:
            self.results[folder] = _table_hash(folder)
        return complete

    def check_results(self) -> None:
        """Check that every finished result exists unchanged."""
        lost = [folder.name for folder, table in self.results.items() if not _is_unchanged(folder, table)]
        self.check(f"none of {len(self.results)} finished results is lost", bool(self.results) and not lost, lost)

    # Trainings

    def start_training(self, clips: Path, epochs: int = 3) -> Run:
        """Start a training."""
        run = new_run("o" * 22, plan(clips, epochs))
        start_run(self.jobs, run.id)
        return run

    def wait_for_run(self, run: Run) -> Run:
        """Wait until a run has ended, or the time is up."""
        wait_until(lambda: open_run(run.id).outcome is not None, _TIMEOUT_SEC)
        return open_run(run.id)

    # The workers

    def cluster(self) -> psutil.Process | None:
        """The process that runs the workers."""
        found = (child for child in psutil.Process().children() if "har.jobs.cluster" in _command(child))
        return next(found, None)

    def kill_workers(self) -> None:
        """Kill all workers."""
        cluster = self.cluster()
        for worker in [] if cluster is None else cluster.children():
            if "spawn_main" in _command(worker):
                os.kill(worker.pid, signal.SIGKILL)


@contextmanager
def environment(check: Checks) -> Iterator[Environment]:
    """The jobs of this process, and maintenance that resumes interrupted runs."""
    jobs = Jobs()
    background = Maintenance(jobs, every_sec=0.5)
    try:
        yield Environment(jobs, check)
    finally:
        background.close()
        jobs.close()


def wait_until(condition: Callable[[], bool], timeout_sec: float) -> bool:
    """Wait until a condition is true; return whether it was in time."""
    deadline = time.monotonic() + timeout_sec
    while not (reached := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return reached


def is_plain(error: BaseException | None) -> bool:
    """Whether an error is a message for users that does not contain folders of the machine."""
    message = str(error)
    return isinstance(error, HarError) and "Traceback" not in message and str(settings().home.parent) not in message


def make_clips(folder: Path) -> Path:
    """Ten clips with two labels that are easy to tell apart."""
    for label, light in (("bright", 220), ("dark", 30)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for group in range(5):
            write_video(folder / label / f"v_{label}_g{group:02}_c01.mp4", _frames(light, group), Fraction(10))
    return folder


def plan(clips: Path, epochs: int) -> Plan:
    """A very short training that goes through every stage."""
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    recipe = recipe_for("lrcn", spec=spec, epochs=epochs, batch_size=4, warmup_epochs=1, frame_steps=5)
    return Plan(str(clips), "Shades", ("bright", "dark"), recipe, time.time(), None)


def weights(run: Run) -> str:
    """A hash of all weights that a run has learned."""
    arrays = np.load(run.classifier / "weights.npz")
    return hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays.files))).hexdigest()


def _frames(light: int, group: int) -> Iterator[np.ndarray]:
    for step in range(40):
        frame = np.full((64, 64, 3), light, np.uint8)
        frame[: 5 + step, 10 * group : 10 * group + 8] = 128
        yield frame


def _table_hash(folder: Path) -> str:
    return hashlib.sha256((folder / FORMATS["csv"].file_name).read_bytes()).hexdigest()


def _is_unchanged(folder: Path, table: str) -> bool:
    try:
        results.open_annotation(folder)
        complete = (folder / results.ANNOTATED).stat().st_size > 0 and results.playable_file(folder) is not None
        return complete and _table_hash(folder) == table
    except (HarError, OSError):
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""
