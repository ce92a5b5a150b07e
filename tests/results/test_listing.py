"""The results of a visitor."""

import os

import pytest

from har.results import list_results, open_annotation, write_exports
from har.settings import settings
from har.storage import owners
from tests.browser.made import make_result

ME, OTHER = "m" * 22, "o" * 22


@pytest.fixture(autouse=True)
def _home(tmp_path, override):
    override(home=tmp_path)


def result(plan, owner, written_sec=1000.0):
    """A result, and when it was written."""
    folder = make_result(settings().home, plan).folder
    write_exports(open_annotation(folder))
    owners.record(folder.name, owner)
    os.utime(folder / "timeline.json", (written_sec, written_sec))
    return folder


def test_a_visitors_own_results_are_listed_the_newest_first():
    old, new = result([0] * 8, ME, 1000.0), result([1] * 8, ME, 2000.0)
    result([0] * 8, OTHER)
    (settings().jobs / "unfinished").mkdir()
    owners.record("unfinished", ME)
    assert [(each.folder, each.created) for each in list_results(ME)] == [(new, 2000.0), (old, 1000.0)]


def test_labels_are_in_the_order_of_their_time_and_none_where_all_is_unsure():
    result([1] * 8 + [None] * 4 + [0] * 5, ME, 1000.0)
    result([None] * 8, ME, 2000.0)
    assert [each.labels for each in list_results(ME)] == [(), ("wave", "squat")]


def test_a_damaged_timeline_hides_no_other_result():
    damaged, whole = result([0] * 8, ME), result([1] * 8, ME)
    (damaged / "timeline.json").write_text("{}")
    assert [each.folder for each in list_results(ME)] == [whole]
