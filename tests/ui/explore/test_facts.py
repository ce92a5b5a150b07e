"""What Facts shows before, while and after files are looked into. The numbers: tests/datasets/test_facts.py."""

import csv
import io
from dataclasses import replace

import pytest

from har.datasets import open_dataset
from har.datasets.facts import probed
from har.datasets.scan import Drawing, Looking
from har.errors import DatasetMissing, QueueFull
from har.jobs import JobState, JobStatus
from tests.ui.data_pages import FakeJobs, buttons, open_page, press, ran, texts, write_clip
from ui import looking
from ui.explore import facts


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts") / "set"
    for number, name in enumerate(("Run/v_Run_g01_c01.mp4", "Run/v_Run_g02_c01.mp4", "Jump/v_Jump_g01_c01.mp4")):
        write_clip(folder / name, number, count=10 + 10 * number)
    (folder / "Jump" / "empty.mp4").touch()
    return folder


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    looking._looks.clear()
    yield jobs
    looking._looks.clear()


def settle(jobs, state, result=None, error=None, events=()):
    job_id = list(jobs.known)[-1]
    jobs.known[job_id] = JobStatus(job_id, state, 0, events, 1.0, result, error)


def table(page):
    shown = page.table[0].value
    return dict(zip(shown.index, shown.iloc[:, 0], strict=True))


def test_what_names_tell_is_there_at_once(jobs, folder):
    page = open_page("facts", folder)
    assert table(page) == {
        "classes": "2",
        "clips": "4",
        "clips per class, on average": "2.0",
        "groups (recordings)": "2",
        "groups per class": "1 to 2",
    }
    assert jobs.submitted == [("measure", ("mine",))]  # few files: looked into without being asked
    assert "Cancel" in buttons(page)


def test_when_every_file_was_looked_into_all_numbers_are_there(jobs, folder):
    page = open_page("facts", folder)
    settle(jobs, JobState.DONE, probed(open_dataset(str(folder))))
    page = ran(page)
    shown = table(page)
    assert shown["clips"] == "3"  # one more cannot be read
    assert shown["frames per clip, on average"] == "20.0"
    assert (shown["width × height"], shown["frames a second"]) == ("64 × 48", "10")
    assert shown["duration, on average"] == "2.00 s"
    assert shown["shortest and longest"] == "1.00 s and 3.00 s"
    assert shown["all together"].startswith("0.1 minutes, ")
    assert len(page.get("plotly_chart")) == 2


def test_what_was_found_is_there_at_once_for_the_next_visitor(jobs, folder):
    page = open_page("facts", folder)
    settle(jobs, JobState.DONE, probed(open_dataset(str(folder))))
    ran(page)
    assert "duration, on average" in table(open_page("facts", folder))
    assert len(jobs.submitted) == 1


def test_files_left_out_are_named_with_the_reason(jobs, folder):
    page = open_page("facts", folder)
    settle(jobs, JobState.DONE, probed(open_dataset(str(folder))))
    page = ran(page)
    assert [block.label for block in page.expander] == ["1 file was left out"]
    assert page.dataframe[0].value["file"].tolist() == ["Jump/empty.mp4"]
    assert page.dataframe[0].value["reason"].tolist()[0]


def test_the_table_that_is_taken_away_is_the_one_shown(jobs, folder):
    rows = facts._counted(open_dataset(str(folder)))
    assert list(csv.reader(io.StringIO(facts._csv(rows)))) == [["what", "value"], *map(list, rows.items())]


def test_many_files_are_looked_into_when_somebody_asks(jobs, folder, monkeypatch):
    monkeypatch.setattr(facts, "_AT_ONCE", 2)
    page = open_page("facts", folder)
    assert not jobs.submitted
    page = press(page, "Look into every file")
    assert jobs.submitted == [("measure", ("mine",))]
    assert "Look into every file" not in buttons(page)
    assert "Look into every file" not in buttons(open_page("facts", folder))  # under way for the next visitor too


@pytest.mark.parametrize("at_once", [2, 2000])
def test_what_was_cancelled_does_not_begin_again_by_itself(jobs, folder, monkeypatch, at_once):
    monkeypatch.setattr(facts, "_AT_ONCE", at_once)
    page = open_page("facts", folder)
    if at_once == 2:
        page = press(page, "Look into every file")
    settle(jobs, JobState.STOPPED)
    page = ran(ran(page))
    assert "Cancelled" in texts(page)
    assert len(jobs.submitted) == 1
    press(page, "Go on")
    assert len(jobs.submitted) == 2


def test_a_failure_is_told_and_what_was_known_stays(jobs, folder):
    page = open_page("facts", folder)
    settle(jobs, JobState.FAILED, error=DatasetMissing("It is gone.", "It was there.", "Bring it again."))
    page = ran(page)
    assert "Bring it again" in page.error[0].value
    assert table(page)["clips"] == "4"
    press(page, "Try again")
    assert len(jobs.submitted) == 2


def test_a_full_queue_is_told_and_what_is_known_stays(jobs, folder):
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = open_page("facts", folder)
    assert "Come back" in page.error[0].value
    assert table(page)["clips"] == "4"


def test_a_set_in_which_nothing_can_be_read_still_has_its_counts(jobs, folder):
    page = open_page("facts", folder)
    settle(jobs, JobState.DONE, replace(open_dataset(str(folder)), videos=()))
    page = ran(page)
    assert table(page)["clips"] == "4"
    assert len(page.get("plotly_chart")) == 1


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((), (0.0, "Beginning")),
        ((Drawing(1, 4),), (0.25, "Drawing: 1 of 4 clips")),
        ((Drawing(4, 4), Looking(1, 2)), (0.5, "Looking into 1 of 2 clips")),
        ((Looking(0, 0),), (0.0, "Looking into 0 of 0 clips")),
    ],
)
def test_progress_is_told_in_words(events, said):
    assert looking._describe(JobStatus("a", JobState.RUNNING, 0, events, 1.0)) == said
