"""Some cases of `stress.fuzz`, and whether it notices every kind of fault. For a full run see docs/hostile-input.md."""

import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from har.errors import OptionsError
from stress.fuzz.case import Case, Outcome, run_case
from stress.fuzz.tripwire import TOKEN, Tripwire
from tests.conftest import ROOT

pytestmark = pytest.mark.training  # networks run in most of these


@pytest.mark.promise("hostile", "Hostile files, URLs and queries give a result or an error, and leave nothing")
@pytest.mark.parametrize(("kinds", "count"), [("video archive classifier url", 20), ("query", 6)])
def test_hostile_input_gives_a_result_or_an_error_and_leaves_nothing(kinds: str, count: int) -> None:
    command = [sys.executable, "-m", "stress.fuzz", *kinds.split(), "--count", str(count)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    for kind in kinds.split():
        assert f"{kind}: {count} cases" in run.stdout


Target = Callable[[Path], object]


class OneCase:
    """A source of one case, with the given target."""

    def __init__(self, folder: Path, target: Target) -> None:
        self.tripwire = Tripwire(folder / "planted", b"video")
        self.target = target

    def make_case(self, index: int, folder: Path) -> Case:
        (folder / "a.mp4").write_bytes(b"x")
        return Case("one", lambda: self.target(folder), {"a.mp4"})


@pytest.fixture
def outcome_of(tmp_path: Path) -> Callable[[Target], Outcome]:
    def run(target: Target) -> Outcome:
        (tmp_path / "home").mkdir(exist_ok=True)
        source = OneCase(tmp_path, target)
        with source.tripwire:
            return run_case(source, 0, tmp_path / "home")

    return run


def raise_user_error(folder: Path) -> None:
    raise OptionsError("This was given.", "That was expected.", "Give that.")


def test_result_and_user_error_are_no_faults(outcome_of: Callable[[Target], Outcome]) -> None:
    assert outcome_of(lambda folder: "fine").faults == ()
    outcome = outcome_of(raise_user_error)
    assert (outcome.name, outcome.faults) == ("OptionsError", ())


def raise_bug(folder: Path) -> None:
    raise KeyError("clip")


def leave_a_file(folder: Path) -> None:
    (folder / "core").write_bytes(b"x")


def open_planted_file(folder: Path) -> None:
    subprocess.run(["cat", str(folder.parent.parent / "planted/secret.mp4")], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        (raise_bug, "KeyError"),
        (leave_a_file, "left in/core"),
        (open_planted_file, "a planted file was opened"),
        (lambda folder: TOKEN, "the planted text came out"),
    ],
)
def test_every_kind_of_fault_is_noticed(outcome_of: Callable[[Target], Outcome], target: Target, fault: str) -> None:
    assert any(fault in each for each in outcome_of(target).faults)


def test_process_that_is_left_behind_is_noticed(outcome_of: Callable[[Target], Outcome]) -> None:
    processes: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    outcome = outcome_of(lambda folder: processes.append(subprocess.Popen(command)))
    processes[0].kill()
    processes[0].wait()
    assert any("left a process" in fault for fault in outcome.faults)


def test_connection_to_the_planted_port_is_noticed(tmp_path: Path) -> None:
    with Tripwire(tmp_path, b"video") as tripwire:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", urlsplit(tripwire.url).port), 0.2).close()
        assert tripwire.triggered() == ["the planted port was connected to"]
        assert tripwire.triggered() == []
