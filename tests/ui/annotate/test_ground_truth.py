"""The truth on a result's page: brought, shown to all, removed by its owner."""

import pytest

from har import results, sharing
from har.timeline import EXAMPLE
from tests.pages.test_annotate import FakeJobs
from tests.pages.test_shared import open_own
from tests.ui.data_pages import buttons, press, ran, texts
from tests.ui.shared_pages import annotated, open_shared, packed

TRUTH = b"start_sec,end_sec,label\n0,1,Squat\n1,3,wave\n"


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def result():
    return annotated()


def bring(page, data):
    page.file_uploader(key="truth-0").set_value(("truth.csv", data, "text/csv"))
    return ran(page)


def test_a_table_that_is_brought_stands_above_the_timeline_with_its_numbers(result):
    page = open_own(result)
    assert packed(page)["truth"] is None
    assert "Against the truth" not in texts(page)
    page = bring(page, TRUTH)
    told = packed(page)
    assert [(start, end, told["labels"][at]) for start, end, at, _, _ in told["truth"]] == [
        (0, 1, "squat"),
        (1, 3, "wave"),
    ]
    assert 0.5 < told["right"] <= 1
    assert f"| Frames right | {told['right']:.1%} |" in texts(page)
    assert "Not among the labels" not in texts(page)


def test_everybody_with_the_link_sees_it_and_only_its_owner_changes_it(result):
    link = sharing.share(result)
    assert not open_shared(link).file_uploader
    results.keep_truth(result.folder, TRUTH, 3.0)
    page = open_shared(link)
    assert packed(page)["truth"]
    assert "Against the truth" in texts(page)
    assert not page.file_uploader
    assert "Remove the truth" not in buttons(page)
    page = press(open_own(result), "Remove the truth")
    assert packed(page)["truth"] is None


def test_a_wrong_table_says_its_line_and_changes_nothing(result):
    results.keep_truth(result.folder, TRUTH, 3.0)
    page = bring(open_own(result), b"start_sec,end_sec,label\n0,1,squat\n1,99,wave\n")
    assert "Line 3 is from 1 to 99 s" in page.error[0].value.replace("\\", "")
    assert packed(page)["truth"][0][:2] == [0, 1]


def test_labels_that_are_not_looked_for_are_told(result):
    page = bring(open_own(result), b"start_sec,end_sec,label\n0,1,squat\n1,3,*levitating*\n")
    assert "never right: \\*levitating\\*. The rest is measured" in texts(page)
    results.keep_truth(result.folder, b"start_sec,end_sec,label\n0,1,levitating\n", 3.0)
    page = open_own(result)
    assert "nothing can be measured" in texts(page)
    assert packed(page)["right"] is None


def test_an_example_is_there_to_take_away(result):
    assert "An example" in [button.proto.label for button in open_own(result).get("download_button")]
    assert EXAMPLE.startswith("start_sec,end_sec,label")
