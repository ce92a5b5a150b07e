"""What Split shows for each kind of split. The splits themselves: tests/datasets/test_splits.py."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from har.datasets import open_dataset
from har.errors import NotAVideo
from har.jobs import JobState
from tests.ui.data_pages import open_page, press, ran, texts
from ui import dataset_cache


@pytest.fixture
def jobs(jobs):
    dataset_cache._split.clear()
    yield jobs
    dataset_cache._split.clear()


def folder_of(root: Path, names):
    for name in names:
        path = root / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"never opened")
    return root / "set"


@pytest.fixture
def grouped(tmp_path):
    labels, groups, clips = ("Run", "Jump"), range(1, 26), range(1, 5)
    return folder_of(tmp_path, [f"{x}/v_{x}_g{g:02}_c{c:02}.avi" for x in labels for g in groups for c in clips])


@pytest.fixture
def unknown(tmp_path):
    return folder_of(tmp_path / "unknown", [f"{label}/{n}.mp4" for label in ("run", "jump") for n in range(10)])


def kinds(page):
    return page.segmented_control[0].options


def choose(page, kind):
    page.segmented_control[0].set_value(kind)
    return ran(page)


def chart(page):
    return json.loads(page.get("plotly_chart")[0].proto.spec)


def guessed(folder):
    dataset = open_dataset(str(folder))
    videos = tuple(replace(video, group=f"likely {place // 2:03}") for place, video in enumerate(dataset.videos))
    return replace(dataset, videos=videos, guessed_groups=True)


def test_recordings_are_kept_together_by_default_and_a_random_split_shows_its_leaks(jobs, grouped):
    page = open_page("split", grouped)
    assert page.segmented_control[0].value == "grouped"
    assert "None of 40 test clips shares a recording with training." in texts(page)
    assert not page.error
    counts = {"class": ["Jump", "Run"], "train": [60, 60], "validation": [20, 20], "test": [20, 20]}
    assert page.dataframe[0].value.to_dict("list") == counts
    before = chart(page)["data"][0]
    page.number_input[0].set_value(5)  # the seed
    page = ran(page)
    assert chart(page)["data"][0]["z"] != before["z"]
    page.slider[1].set_value(40)
    page = ran(page)
    assert page.dataframe[0].value["test"].tolist() == [40, 40]
    page = choose(page, "random")
    assert "80 of 80 test clips share a recording with training." in page.error[0].value
    assert any("also in training" in trace.get("name", "") for trace in chart(page)["data"])


def test_lists_of_ucf101_are_offered_for_numbered_groups_of_ucf101_only(jobs, grouped, unknown):
    assert len(kinds(open_page("split", grouped))) == 2
    page = choose(open_page("split", grouped.rename(grouped.with_name("ucf101"))), "ucf101-1")
    assert page.dataframe[0].value["test"].tolist() == [28, 28]  # groups 1 to 7
    assert page.slider[1].disabled
    assert "UCF101's list names the clips for testing." in texts(page)
    assert len(kinds(open_page("split", unknown.rename(unknown.with_name("ucf101"))))) == 2


def test_too_few_groups_are_reported_and_the_choices_stay(jobs, tmp_path):
    folder = folder_of(tmp_path, [f"{x}/v_{x}_g{g:02}_c01.avi" for x in ("Run", "Jump") for g in (1, 2)])
    page = open_page("split", folder)
    assert "three groups" in page.error[0].value
    assert page.segmented_control
    assert not page.get("plotly_chart")


def test_unknown_groups_are_guessed_on_request_of_each_visitor(jobs, unknown):
    page = open_page("split", unknown)
    assert "20 of 20 clips" in texts(page)
    assert not page.success
    assert not jobs.submitted
    page = press(page, "Guess groups by similarity")
    assert jobs.submitted == [("guess_groups", ("test",))]
    assert page.get("plotly_chart")  # the page stays usable meanwhile
    jobs.set_status(JobState.DONE, result=guessed(unknown))
    page = ran(page)
    assert "Guessed by similarity: 10 groups" in texts(page)
    assert "shares a recording (guessed) with training" in page.success[0].value
    assert "Groups are guessed" in texts(page)
    page = choose(page, "random")
    assert "share a recording (guessed) with training" in page.error[0].value
    other = open_page("split", unknown)
    assert "Guessed" not in texts(other)
    assert "10 groups" in texts(press(other, "Guess groups by similarity"))
    assert len(jobs.submitted) == 1


def test_unfinished_guess_leaves_the_page_usable(jobs, unknown):
    page = press(open_page("split", unknown), "Guess groups by similarity")
    jobs.set_status(JobState.FAILED, error=NotAVideo("This is no video.", "One was needed.", "Remove it."))
    page = ran(ran(page))
    assert "Remove it" in texts(page)
    assert page.get("plotly_chart")
    assert len(jobs.submitted) == 1
