from collections.abc import Callable
from pathlib import Path

import pytest

from har.runs.estimate import record_time, slowdown
from har.settings import Settings, settings


@pytest.fixture(autouse=True)
def _home(override: Callable[..., Settings], tmp_path: Path) -> None:
    override(home=tmp_path / "home")


def test_times_are_predicted_by_the_cost_until_something_was_trained() -> None:
    assert slowdown("lrcn") == 1


def test_the_last_trainings_of_the_network_count() -> None:
    record_time("lrcn", 100, 900)
    for actual_sec in (200, 300, 250, 400, 350):
        record_time("lrcn", 100, actual_sec)
    assert slowdown("lrcn") == 3
    assert slowdown("convlstm") == 3  # nothing else is known
    record_time("convlstm", 10, 50)
    assert (slowdown("lrcn"), slowdown("convlstm")) == (3, 5)


def test_a_training_with_cached_clips_makes_no_estimate_shorter() -> None:
    record_time("lrcn", 100, 10)
    assert slowdown("lrcn") == 1


def test_a_damaged_file_is_ignored() -> None:
    record_time("lrcn", 100, 300)
    settings().training_times.write_text("{")
    assert slowdown("lrcn") == 1
    record_time("lrcn", 100, 200)
    assert slowdown("lrcn") == 2
