"""Fixtures that every test may use. Nothing here touches the user's own folders."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("untimed", deadline=None)  # no test fails because a machine is slow
hypothesis.settings.load_profile("untimed")

# Before any import of har: settings are read once, and the worker processes of tests inherit the environment.
os.environ["HAR_HOME"] = tempfile.mkdtemp(prefix="har-tests-")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from har.settings import Settings, override_settings, settings  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _main() -> Iterator[None]:
    """`AppTest` leaves its page as `__main__`, which processes started later would run, and end."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="module", autouse=True)
def _no_data_of_others() -> None:
    """No file of tests finds the data sets that another one has left; the generated clips stay, for they take time."""
    for path in (*settings().datasets.glob("*"), *settings().own_datasets.glob("*")):
        if path.is_dir() and not path.name.startswith("figures"):
            shutil.rmtree(path)


@pytest.fixture
def use_jobs() -> Iterator[Callable[[Any], Any]]:
    """Puts jobs in the place of the app's until the test ends, and returns them."""
    from ui.jobs import override_jobs

    with ExitStack() as stack:
        yield lambda jobs: (stack.enter_context(override_jobs(jobs)), jobs)[1]


@pytest.fixture
def override() -> Iterator[Callable[..., Settings]]:
    """Changes settings, by their names, until the test ends."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(override_settings(**changes))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real clips for development, beside the checkout; tests that need them skip where they are not."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("no real clips beside this checkout")
    return folder
