"""The chapters: each in a process of its own, with folders of its own."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

from har import maintenance
from har.errors import FfmpegMissing, HarError, SchedulerUnreachable, WorkerDied
from har.jobs import Jobs, JobState, JobStatus
from har.runs import Run, open_run
from har.runs.scheduler import start_run, stop_run
from har.settings import settings
from stress.chaos.world import Checks, World, make_clips, plain, until, weights, world

_DAY_SEC = 24 * 3600.0


def kills(check: Checks, count: int, seed: int) -> None:
    """The worker is killed at random moments of annotations and of trainings."""
    chance = random.Random(seed)  # noqa: S311
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    with world(check) as here:
        begun = time.monotonic()
        check("an annotation without trouble ends well", here.annotate(video).state is JobState.DONE)
        longest_sec = time.monotonic() - begun
        expected = weights(here.finish(here.begin_training(clips)))
        for number in range(1, count + 1):
            moment_sec = chance.uniform(0, longest_sec)
            what = f"kill {number} of {count}, after {moment_sec:.1f} s of"
            if number % 2:
                _kill_annotation(here, video, moment_sec, f"{what} an annotation")
            else:
                _kill_training(here, clips, moment_sec, f"{what} a training", expected)
        here.check_results()


def _kill_annotation(here: World, video: Path, moment_sec: float, what: str) -> None:
    job_id, folder = here.begin_annotating(video)
    time.sleep(moment_sec)
    here.kill_workers()
    status = here.jobs.wait(job_id, 120)
    told = isinstance(status.error, WorkerDied) and plain(status.error)
    whole = status.state is JobState.DONE and here.note(folder)
    here.check(f"{what}: a plain message, or it was through", told or whole, status)
    here.check(f"{what}: the next job works", here.annotate(video).state is JobState.DONE)


def _kill_training(here: World, clips: Path, moment_sec: float, what: str, expected: str) -> None:
    run = here.begin_training(clips)
    time.sleep(moment_sec)
    here.kill_workers()
    done = here.finish(run)
    learnt = done.outcome is not None and weights(done) == expected
    here.check(f"{what}: it goes on by itself, and learns the same", learnt, done.outcome)


def disk(check: Checks) -> None:
    """`HAR_HOME` is a small disk, and it is full."""
    home = settings().home
    clips = make_clips(home.parent / "clips-of-chaos")  # on another disk
    video = next(clips.rglob("*.mp4"))
    with world(check) as here:
        check("with room an annotation ends well", here.annotate(video).state is JobState.DONE)
        run = here.begin_training(clips, epochs=60)
        until(lambda: len(open_run(run.id).history) > 1, 240)
        filler = home / "filler"
        _fill(filler)
        full = until(lambda: here.jobs.status(run.id).state.finished, 240)
        error = here.jobs.status(run.id).error
        check("the training ends with a plain message", full and plain(error), error)
        check("its epochs are kept", len(open_run(run.id).history) > 1)
        check("an annotation ends with a plain message", *_refused(here, lambda: here.annotate(video)))
        check("a training is refused with a plain message", *_refused(here, lambda: here.begin_training(clips)))
        here.check_results()
        filler.unlink()
        check("with room again the next job works", here.annotate(video).state is JobState.DONE)
        kept = len(open_run(run.id).history)
        start_run(here.jobs, run.id)
        check("and the training goes on", until(lambda: len(open_run(run.id).history) > kept, 240))
        stop_run(here.jobs, run.id)
        check("and ends with a result", here.finish(run).outcome is not None)
        here.check_results()


def _fill(path: Path) -> None:
    """Until nothing more goes in."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def _refused(here: World, work: Callable[[], object]) -> tuple[bool, object]:
    """Whether something was refused in plain words, at once or by its job."""
    try:
        done = work()
    except HarError as error:
        return plain(error), error
    except OSError as error:
        return False, error
    why = done.error if isinstance(done, JobStatus) else None
    return plain(why), why or done


def scheduler(check: Checks) -> None:
    """Nobody answers at the scheduler's address; then it goes away while it is used."""
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    with world(check) as here:
        check("an annotation ends well", here.annotate(video).state is JobState.DONE)
        run = here.begin_training(clips, epochs=40)
        until(lambda: len(open_run(run.id).history) > 0, 240)
        if (cluster := here.cluster()) is None:
            raise RuntimeError("there is no cluster to kill")
        cluster.kill()
        check("the cluster is started again for the next job", here.annotate(video).state is JobState.DONE)
        kept = len(open_run(run.id).history)
        check("the training goes on by itself", until(lambda: len(open_run(run.id).history) > kept, 240))
        here.check_results()
    script = "from stress.chaos.chapters import without_scheduler as w; w()"
    environment = os.environ | {"HAR_SCHEDULER": "tcp://127.0.0.1:9"}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    check("an address where nobody answers is named in a plain message", told.returncode == 0, told.stderr[-500:])


def without_scheduler() -> None:
    """Raises unless asking for jobs says plainly that nobody is there."""
    try:
        Jobs()
    except SchedulerUnreachable as error:
        if plain(error) and "127.0.0.1:9" in str(error):
            return
        raise
    raise RuntimeError("somebody answered")


def clock(check: Checks) -> None:
    """The clock jumps by a day, forward and back, for all processes at once, while work goes on."""
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    for days in (1.1, -1.1):
        with world(check) as here:
            here.annotate(video)
            run = here.begin_training(clips, epochs=30)
            waiting, folder = here.begin_annotating(video)
            until(partial(_begun, run), 240)
            with _moved(days):
                here.check_results()  # which is looking at them, as a page does
                maintenance.remove_expired(here.jobs)
                with mock.patch("har.storage.quota.free_bytes", return_value=0):
                    maintenance.make_room(here.jobs)
                here.check_results()
                check(f"{days:+} days: what waits keeps its folder", folder.is_dir())
                here.kill_workers()
                done = here.finish(run)
                check(f"{days:+} days: the training goes on and ends", done.outcome is not None)
                status = here.jobs.wait(waiting, 240)
                check(f"{days:+} days: what waited is done", status.state is JobState.DONE, status)
                check(f"{days:+} days: the next job works", here.annotate(video).state is JobState.DONE)
                here.check_results()


@contextmanager
def _moved(days: float) -> Iterator[None]:
    """Meanwhile the clock of these processes is moved."""
    before, file = time.time(), Path(os.environ["CHAOS_CLOCK"])
    file.write_text(str(days * _DAY_SEC), "ascii")
    if abs(time.time() - before - days * _DAY_SEC) > _DAY_SEC / 100:
        raise RuntimeError("the clock cannot be moved")
    yield
    file.write_text("0", "ascii")


def _begun(run: Run) -> bool:
    return len(open_run(run.id).history) > 0


def ffmpeg(check: Checks) -> None:
    """The program that reads videos is not there."""
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    with world(check) as here:
        check("with it an annotation ends well", here.annotate(video).state is JobState.DONE)
        results = here.results
    with mock.patch.dict(os.environ, {"IMAGEIO_FFMPEG_EXE": "/nowhere/ffmpeg"}), world(check) as here:
        error = here.annotate(video).error
        check("without it a plain message says so", isinstance(error, FfmpegMissing) and plain(error), error)
        run = here.begin_training(clips)
        error = here.jobs.wait(run.id, 240).error
        check("and for a training", isinstance(error, FfmpegMissing) and plain(error), error)
        here.results.update(results)
        here.check_results()
    with world(check) as here:
        check("with it the next job works", here.annotate(video).state is JobState.DONE)
