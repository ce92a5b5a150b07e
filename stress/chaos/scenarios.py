"""The scenarios, each run in a process and folders of its own."""

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
from stress.chaos.environment import Checks, Environment, environment, is_plain, make_clips, wait_until, weights

_DAY_SEC = 24 * 3600.0


def kills(check: Checks, count: int, seed: int) -> None:
    """The worker is killed at random moments of annotations and trainings."""
    rng = random.Random(seed)  # noqa: S311
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    with environment(check) as env:
        begun = time.monotonic()
        check("an undisturbed annotation succeeds", env.annotate(video).state is JobState.DONE)
        longest_sec = time.monotonic() - begun
        expected = weights(env.wait_for_run(env.start_training(clips)))
        for number in range(1, count + 1):
            moment_sec = rng.uniform(0, longest_sec)
            title = f"kill {number} of {count}, after {moment_sec:.1f} s of"
            if number % 2:
                _kill_annotation(env, video, moment_sec, f"{title} an annotation")
            else:
                _kill_training(env, clips, moment_sec, f"{title} a training", expected)
        env.check_results()


def _kill_annotation(env: Environment, video: Path, moment_sec: float, title: str) -> None:
    job_id, folder = env.start_annotation(video)
    time.sleep(moment_sec)
    env.kill_workers()
    status = env.jobs.wait(job_id, 120)
    has_message = isinstance(status.error, WorkerDied) and is_plain(status.error)
    done = status.state is JobState.DONE and env.remember(folder)
    env.check(f"{title}: a plain message, or it was already done", has_message or done, status)
    env.check(f"{title}: the next job works", env.annotate(video).state is JobState.DONE)


def _kill_training(env: Environment, clips: Path, moment_sec: float, title: str, expected: str) -> None:
    run = env.start_training(clips)
    time.sleep(moment_sec)
    env.kill_workers()
    done = env.wait_for_run(run)
    same = done.outcome is not None and weights(done) == expected
    env.check(f"{title}: it resumes by itself and learns the same", same, done.outcome)


def disk(check: Checks) -> None:
    """`HAR_HOME` is a small disk that fills up."""
    home = settings().home
    clips = make_clips(home.parent / "clips-of-chaos")  # on another disk
    video = next(clips.rglob("*.mp4"))
    with environment(check) as env:
        check("with room an annotation succeeds", env.annotate(video).state is JobState.DONE)
        run = env.start_training(clips, epochs=60)
        wait_until(lambda: len(open_run(run.id).history) > 1, 240)
        filler = home / "filler"
        _fill(filler)
        full = wait_until(lambda: env.jobs.status(run.id).state.finished, 240)
        error = env.jobs.status(run.id).error
        check("the training ends with a plain message", full and is_plain(error), error)
        check("its epochs are kept", len(open_run(run.id).history) > 1)
        check("an annotation ends with a plain message", *_is_refused(env, lambda: env.annotate(video)))
        check("a training is refused with a plain message", *_is_refused(env, lambda: env.start_training(clips)))
        env.check_results()
        filler.unlink()
        check("with room again the next job works", env.annotate(video).state is JobState.DONE)
        before = len(open_run(run.id).history)
        start_run(env.jobs, run.id)
        check("and the training resumes", wait_until(lambda: len(open_run(run.id).history) > before, 240))
        stop_run(env.jobs, run.id)
        check("and ends with a result", env.wait_for_run(run).outcome is not None)
        env.check_results()


def _fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def _is_refused(env: Environment, work: Callable[[], object]) -> tuple[bool, object]:
    """Whether something fails with a plain message, at once or in its job; and the error."""
    try:
        done = work()
    except HarError as error:
        return is_plain(error), error
    except OSError as error:
        return False, error
    job_error = done.error if isinstance(done, JobStatus) else None
    return is_plain(job_error), job_error or done


def scheduler(check: Checks) -> None:
    """The scheduler goes away while it is used; then its address does not answer."""
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    with environment(check) as env:
        check("an annotation succeeds", env.annotate(video).state is JobState.DONE)
        run = env.start_training(clips, epochs=40)
        wait_until(lambda: len(open_run(run.id).history) > 0, 240)
        if (cluster := env.cluster()) is None:
            raise RuntimeError("there is no cluster to kill")
        cluster.kill()
        check("the cluster restarts for the next job", env.annotate(video).state is JobState.DONE)
        before = len(open_run(run.id).history)
        check("the training resumes by itself", wait_until(lambda: len(open_run(run.id).history) > before, 240))
        env.check_results()
    script = "from stress.chaos.scenarios import without_scheduler as w; w()"
    variables = os.environ | {"HAR_SCHEDULER": "tcp://127.0.0.1:9"}
    run_script = subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=False
    )
    check(
        "an address without a scheduler is named in a plain message",
        run_script.returncode == 0,
        run_script.stderr[-500:],
    )


def without_scheduler() -> None:
    """Raise unless a plain message says that there is no scheduler."""
    try:
        Jobs()
    except SchedulerUnreachable as error:
        if is_plain(error) and "127.0.0.1:9" in str(error):
            return
        raise
    raise RuntimeError("a scheduler answered")


def clock(check: Checks) -> None:
    """The clock jumps by a day, forward and back, for all processes at once, while work goes on."""
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    for days in (1.1, -1.1):
        with environment(check) as env:
            env.annotate(video)
            run = env.start_training(clips, epochs=30)
            waiting, folder = env.start_annotation(video)
            wait_until(partial(_has_started, run), 240)
            with _shifted_clock(days):
                env.check_results()  # this opens them, as a page does
                maintenance.remove_expired(env.jobs)
                with mock.patch("har.storage.quota.free_bytes", return_value=0):
                    maintenance.make_room(env.jobs)
                env.check_results()
                check(f"{days:+} days: a waiting job keeps its folder", folder.is_dir())
                env.kill_workers()
                done = env.wait_for_run(run)
                check(f"{days:+} days: the training resumes and ends", done.outcome is not None)
                status = env.jobs.wait(waiting, 240)
                check(f"{days:+} days: the waiting job is done", status.state is JobState.DONE, status)
                check(f"{days:+} days: the next job works", env.annotate(video).state is JobState.DONE)
                env.check_results()


@contextmanager
def _shifted_clock(days: float) -> Iterator[None]:
    """Shift the clock of these processes."""
    before, file = time.time(), Path(os.environ["CHAOS_CLOCK"])
    file.write_text(str(days * _DAY_SEC), "ascii")
    if abs(time.time() - before - days * _DAY_SEC) > _DAY_SEC / 100:
        raise RuntimeError("the clock cannot be shifted")
    yield
    file.write_text("0", "ascii")


def _has_started(run: Run) -> bool:
    return len(open_run(run.id).history) > 0


def ffmpeg(check: Checks) -> None:
    """The ffmpeg program is missing."""
    clips = make_clips(settings().home / "clips-of-chaos")
    video = next(clips.rglob("*.mp4"))
    with environment(check) as env:
        check("with ffmpeg an annotation succeeds", env.annotate(video).state is JobState.DONE)
        results = env.results
    with mock.patch.dict(os.environ, {"IMAGEIO_FFMPEG_EXE": "/nowhere/ffmpeg"}), environment(check) as env:
        error = env.annotate(video).error
        check("without it there is a plain message", isinstance(error, FfmpegMissing) and is_plain(error), error)
        run = env.start_training(clips)
        error = env.jobs.wait(run.id, 240).error
        check("and for a training too", isinstance(error, FfmpegMissing) and is_plain(error), error)
        env.results.update(results)
        env.check_results()
    with environment(check) as env:
        check("with it the next job works", env.annotate(video).state is JobState.DONE)
