"""Statistics before, during and after a scan. Their values: tests/datasets/test_facts.py."""

import csv
import io
from dataclasses import replace

import pytest

from har.datasets import open_dataset
from har.datasets.facts import probe_all
from har.errors import DatasetMissing, QueueFull
from har.jobs import JobState
from tests.ui.data_pages import buttons, open_page, press, ran, texts, write_clip
from ui.explore import facts


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts") / "set"
    for number, name in enumerate(("Run/v_Run_g01_c01.mp4", "Run/v_Run_g02_c01.mp4", "Jump/v_Jump_g01_c01.mp4")):
        write_clip(folder / name, number, count=10 + 10 * number)
    (folder / "Jump" / "empty.mp4").touch()
    return folder


def table(page):
    rows = page.table[0].value
    return dict(zip(rows.index, rows.iloc[:, 0], strict=True))


def test_counts_are_shown_at_once_and_a_scan_completes_the_table_for_all_visitors(jobs, folder):
    page = open_page("facts", folder)
    assert table(page) == {
        "classes": "2",
        "clips": "4",
        "mean clips per class": "2.0",
        "groups (recordings)": "2",
        "groups per class": "1 to 2",
    }
    assert jobs.submitted == [("scan_dataset", ("test",))]  # few files are scanned at once
    assert "Cancel" in buttons(page)
    jobs.set_status(JobState.DONE, result=probe_all(open_dataset(str(folder))))
    page = ran(page)
    rows = table(page)
    assert rows["clips"] == "3"  # one more cannot be read
    assert rows["mean frames per clip"] == "20.0"
    assert (rows["width × height"], rows["frames per second"]) == ("64 × 48", "10")
    assert rows["mean duration"] == "2.00 s"
    assert rows["shortest and longest"] == "1.00 s and 3.00 s"
    assert rows["total"].startswith("0.1 minutes, ")
    assert len(page.get("plotly_chart")) == 2
    assert [block.label for block in page.expander] == ["1 file skipped"]
    assert page.dataframe[0].value["file"].tolist() == ["Jump/empty.mp4"]
    assert page.dataframe[0].value["reason"].tolist()[0]
    assert table(open_page("facts", folder)) == rows
    assert len(jobs.submitted) == 1
    assert list(csv.reader(io.StringIO(facts._csv(rows)))) == [["what", "value"], *map(list, rows.items())]


def test_notes_on_the_data_set_are_shown(jobs, folder, tmp_path):
    for name in ("Run", "run"):
        write_clip(tmp_path / "set" / name / "a.mp4", 1, count=1)
    [warning] = open_page("facts", tmp_path / "set").warning
    assert warning.value.replace("\\", "").startswith("run: the same label as 'Run'")


def test_many_files_are_scanned_on_request(jobs, folder, monkeypatch):
    monkeypatch.setattr(facts, "_MAX_UNASKED", 2)
    page = open_page("facts", folder)
    assert not jobs.submitted
    page = press(page, "Scan all files")
    assert jobs.submitted == [("scan_dataset", ("test",))]
    assert "Scan all files" not in buttons(page)
    assert "Scan all files" not in buttons(open_page("facts", folder))  # running for the next visitor too
    jobs.set_status(JobState.STOPPED)
    page = ran(ran(page))
    assert "Cancelled" in texts(page)
    assert len(jobs.submitted) == 1
    press(page, "Resume")
    assert len(jobs.submitted) == 2


def test_cancelled_scan_does_not_restart_by_itself(jobs, folder):
    page = open_page("facts", folder)
    jobs.set_status(JobState.STOPPED)
    assert "Cancelled" in texts(ran(ran(page)))
    assert len(jobs.submitted) == 1


def test_a_refused_or_failed_scan_is_explained_and_counts_stay(jobs, folder):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = open_page("facts", folder)
    assert "Come back" in page.error[0].value
    assert table(page)["clips"] == "4"
    jobs.refusal = None
    page = ran(page)
    jobs.set_status(JobState.FAILED, error=DatasetMissing("It is gone.", "It was there.", "Upload it again."))
    page = ran(page)
    assert "Upload it again" in page.error[0].value
    assert table(page)["clips"] == "4"
    press(page, "Try again")
    assert len(jobs.submitted) == 2


def test_data_set_without_readable_files_has_its_counts(jobs, folder):
    page = open_page("facts", folder)
    jobs.set_status(JobState.DONE, result=replace(open_dataset(str(folder)), videos=()))
    page = ran(page)
    assert table(page)["clips"] == "4"
    assert len(page.get("plotly_chart")) == 1
