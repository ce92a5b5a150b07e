"""A slice of `stress.fuzz`, and that it notices what it is there to notice. In full: docs/hostile-input.md."""

import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from har.errors import OptionsError
from stress.fuzz.canary import TOKEN, Canary
from stress.fuzz.case import Case, Outcome, examine
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("kind", "count"), [("video", 40), ("archive", 80), ("classifier", 40), ("url", 500), ("query", 12)]
)
def test_hostile_input_gives_a_result_or_is_refused_and_leaves_nothing(kind: str, count: int) -> None:
    command = [sys.executable, "-m", "stress.fuzz", kind, "--count", str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kind}: {count} cases" in done.stdout


class One:
    """A kind of one case, which does what it is told to."""

    def __init__(self, folder: Path, road: Callable[[Path], object]) -> None:
        self.canary = Canary(folder / "planted", b"video")
        self.road = road

    def run(self, index: int, folder: Path) -> Case:
        (folder / "a.mp4").write_bytes(b"x")
        return Case("one", lambda: self.road(folder), {"a.mp4"})


@pytest.fixture
def examined(tmp_path: Path) -> Callable[[Callable[[Path], object]], Outcome]:
    def run(road: Callable[[Path], object]) -> Outcome:
        (tmp_path / "home").mkdir()
        kind = One(tmp_path, road)
        with kind.canary:
            return examine(kind, 0, tmp_path / "home")

    return run


Examined = Callable[[Callable[[Path], object]], Outcome]


def refuse(folder: Path) -> None:
    raise OptionsError("This came.", "That was due.", "Do so.")


def test_a_result_and_a_refusal_are_no_faults(examined: Examined, tmp_path: Path) -> None:
    assert examined(lambda folder: "fine").faults == ()
    (tmp_path / "home").rmdir()
    outcome = examined(refuse)
    assert (outcome.name, outcome.faults) == ("OptionsError", ())


def fail(folder: Path) -> None:
    raise KeyError("clip")


def leave_a_file(folder: Path) -> None:
    (folder / "core").write_bytes(b"x")


def open_the_planted(folder: Path) -> None:
    subprocess.run(["cat", str(folder.parent.parent / "planted/secret.mp4")], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("road", "said"),
    [
        (fail, "KeyError"),
        (leave_a_file, "left in/core"),
        (open_the_planted, "a planted file was opened"),
        (lambda folder: TOKEN, "the planted text came out"),
    ],
)
def test_every_fault_is_noticed(examined: Examined, road: Callable[[Path], object], said: str) -> None:
    assert any(said in fault for fault in examined(road).faults)


def test_a_process_that_stays_is_noticed(examined: Examined) -> None:
    processes: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    outcome = examined(lambda folder: processes.append(subprocess.Popen(command)))
    processes[0].kill()
    processes[0].wait()
    assert any("left a process" in fault for fault in outcome.faults)


def test_whoever_asks_at_the_planted_address_is_noticed(tmp_path: Path) -> None:
    with Canary(tmp_path, b"video") as canary:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", urlsplit(canary.url).port), 0.2).close()
        assert canary.touched() == ["a planted address was asked"]
        assert canary.touched() == []
