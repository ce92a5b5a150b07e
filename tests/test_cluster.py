"""Videos on a real scheduler with two worker processes, one of which is killed meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from fractions import Fraction

import numpy as np
import pytest

from har.annotation import annotate
from har.batch import MANIFEST
from har.video import write_video
from tests.conftest import ROOT

COUNT, WORKERS = 12, 2
LOOPBACK = ["--host", "127.0.0.1", "--no-dashboard"]


def start(stack, *arguments, **environment):
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    stack.callback(process.communicate)
    stack.callback(process.kill)
    return process


def wait_for(condition, process, name, timeout_sec=900):
    deadline = time.monotonic() + timeout_sec
    while not condition():
        assert process.poll() is None, f"it ended before {name}"
        assert time.monotonic() < deadline, f"waited too long for {name}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for number in range(COUNT):
        noise = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        write_video(folder / f"{number:02}.mp4", (np.roll(noise, step, 1) for step in range(12)), Fraction(10))
    return folder


@pytest.mark.cluster
@pytest.mark.promise("jobs", "A cluster gives the same results as one machine, even if a worker leaves")
def test_results_equal_those_of_one_machine_although_a_worker_is_killed(videos, tmp_path):
    out, address_file, names = tmp_path / "out", tmp_path / "scheduler.json", tmp_path / "videos.txt"
    names.write_text("".join(f"{path}\n" for path in sorted(videos.iterdir())))
    manifest = out / MANIFEST
    with ExitStack() as stack:
        scheduler = start(
            stack, "-m", "distributed.cli.dask_scheduler", *LOOPBACK, "--port", 0, "--scheduler-file", address_file
        )
        wait_for(address_file.exists, scheduler, "its address")
        options = ["--scheduler-file", address_file, "--nthreads", 1, "--no-nanny", "--memory-limit", 0]
        workers = [
            start(stack, "-m", "distributed.cli.dask_worker", *LOOPBACK, *options, "--name", name)
            for name in range(WORKERS)
        ]
        address = json.loads(address_file.read_text())["address"]
        command = ["-m", "har", "annotate", "--list", names, "--out", out, "--classifier", "lrcn-figures", "--no-video"]
        run = start(stack, *command, HAR_SCHEDULER=address)
        wait_for(lambda: manifest.exists() and manifest.read_bytes().count(b"\n") >= COUNT // 4, run, "some results")
        workers[0].send_signal(signal.SIGKILL)
        done_before = manifest.read_bytes().count(b"\n")
        output, _ = run.communicate(timeout=900)
        assert done_before < COUNT
        assert [worker.poll() for worker in workers] == [-signal.SIGKILL, None]
    assert run.returncode == 0
    assert output.startswith(f"{COUNT} done, 0 done before, 0 failed")
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert [(row["video"], row["state"]) for row in rows] == [(str(path), "done") for path in sorted(videos.iterdir())]
    for row in rows:
        annotate(videos / f"{row['folder'][:2]}.mp4", tmp_path / "alone", "lrcn-figures", burn_in=False)
        for name in ("timeline.csv", "timeline.json", "captions.vtt", "captions.srt"):
            assert (out / row["folder"] / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
