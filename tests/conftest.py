"""Fixtures for all tests. Nothing here touches the user's own folders."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Without a deadline: no test fails because a machine is slow.
hypothesis.settings.register_profile("untimed", deadline=None, max_examples=60)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=10)
hypothesis.settings.load_profile("untimed")

# Before any import of har: settings are read once, and the worker processes of tests inherit the environment.
os.environ["HAR_HOME"] = tempfile.mkdtemp(prefix="har-tests-")
os.environ["HAR_MAX_RUNS"] = "1000"  # of one owner, by all tests of a process
os.environ["HAR_MOVINET_URL"] = ""  # nothing is downloaded unless a test says from where
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from har.settings import Settings, override_settings, settings  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
_WITHOUT_TRAINING = "not training"
_LANES = ("browser", "cluster", "training", "media")  # files with longer tests first


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with long tests first, so that no worker is left with one when the others have ended.

    Every second one drives a browser, which often waits: so it has the machine with one that computes.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    in_lanes = [[tests for tests in files.values() if _lane_of(tests) == lane] for lane in (*_LANES, None)]
    in_turn = zip_longest(in_lanes[0], chain(*in_lanes[1:]), fillvalue=[])
    items[:] = [item for pair in in_turn for tests in pair for item in tests]


def _lane_of(tests: list[pytest.Item]) -> str | None:
    """The lane of a file's longest tests."""
    return next((lane for lane in _LANES if any(test.get_closest_marker(lane) for test in tests)), None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of which no test will run: they import TensorFlow."""
    left_out = _WITHOUT_TRAINING in config.option.markexpr and collection_path.suffix == ".py"
    return True if left_out and "\npytestmark = pytest.mark.training" in collection_path.read_text("utf-8") else None


def pytest_unconfigure() -> None:
    """Leave no files behind."""
    shutil.rmtree(os.environ["HAR_HOME"], ignore_errors=True)


@pytest.fixture(autouse=True)
def _main() -> Iterator[None]:
    """Restore `__main__`: `AppTest` leaves its page there, which processes started later would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def _tensorflow_only_where_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where tests marked `training` are left out, no other test imports TensorFlow."""
    yield
    if _WITHOUT_TRAINING in request.config.option.markexpr:
        assert "tensorflow" not in sys.modules, "mark this test as training"


@pytest.fixture(scope="module", autouse=True)
def _nothing_fetched() -> None:
    """Remove data sets and networks that other test files have left, except generated clips, which take time."""
    shutil.rmtree(settings().published, ignore_errors=True)
    for path in (*settings().datasets.glob("*"), *settings().own_datasets.glob("*")):
        if path.is_dir() and not path.name.startswith("figures"):
            shutil.rmtree(path)


@pytest.fixture
def use_jobs() -> Iterator[Callable[[Any], Any]]:
    """Replaces the app's jobs until the test ends, and returns the replacement."""
    from ui.jobs import override_jobs

    with ExitStack() as stack:
        yield lambda jobs: (stack.enter_context(override_jobs(jobs)), jobs)[1]


@pytest.fixture
def override() -> Iterator[Callable[..., Settings]]:
    """Changes settings by name until the test ends."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(override_settings(**changes))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real clips for development, next to the checkout; tests that need them are skipped without."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("no real clips next to this checkout")
    return folder
