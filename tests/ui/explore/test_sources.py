"""What 'Get data' shows and starts. Real downloads: tests/datasets/sources. A real browser: tests/browser."""

import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import Skipped
from har.datasets.sources import Downloading, ucf101, user
from har.errors import DownloadFailed
from har.jobs import JobState, JobStatus, Lane
from har.settings import MIB, Settings, settings
from tests.pages.test_annotate import FakeJobs as Known

JOB = "b" * 22
CLASSES = tuple(
    ucf101.ClassEntry(label, 100 + number, (50 + number) * MIB, ready=False)
    for number, label in enumerate(("WalkingWithDog", "TaiChi", "Swing", "HorseRace", "Archery"))
)


class FakeJobs(Known):
    """Also keeps the lane."""

    def submit(self, function, *args, job_id=None, lane=Lane.COMPUTE, **ways):
        assert lane is Lane.DATA
        return super().submit(function, *args, job_id=job_id or JOB)


@pytest.fixture
def jobs(monkeypatch, tmp_path, use_jobs):
    jobs = use_jobs(FakeJobs())
    mine = settings().model_copy(update={"home": tmp_path})
    for module in ("ui.explore.sources", "har.datasets", "har.datasets.sources.user"):
        monkeypatch.setattr(f"{module}.settings", lambda: mine)
    monkeypatch.setattr(ucf101, "classes", lambda: CLASSES)
    return jobs


def open_page(**query):
    page = AppTest.from_string("from ui.explore import sources\nsources.show()", default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = value
    page = page.run()
    assert not page.exception
    return page


def texts(page):
    kinds = ("error", "warning", "info", "success", "caption", "markdown", "header", "subheader")
    return "\n".join(element.value for kind in kinds for element in page.get(kind) if hasattr(element, "value"))


def press(page, name):
    next(button for button in page.button if button.label == name).click()
    page = page.run()
    assert not page.exception
    return page


def settled(jobs, state, result=None, error=None):
    jobs.known[JOB] = JobStatus(JOB, state, 0, (), 1.0, result, error)


def test_every_source_is_described_before_anything_is_fetched(jobs):
    page = open_page()
    told = texts(page)
    for words in ("UCF101", "UCF50", "GB", "licence"):
        assert words.lower() in told.lower()
    assert jobs.submitted == []


def test_the_tutorials_four_are_chosen_and_weighed(jobs):
    page = press(open_page(), "Show its classes and what they weigh")
    assert set(page.multiselect[0].value) == {"WalkingWithDog", "TaiChi", "Swing", "HorseRace"}
    page = press(page, "Fetch 206 MB")  # 50 + 51 + 52 + 53
    [(function, (labels,))] = jobs.submitted
    assert function == "fetch"
    assert set(labels) == {"WalkingWithDog", "TaiChi", "Swing", "HorseRace"}
    assert page.query_params["get"] in (JOB, [JOB])


def test_what_is_here_is_not_weighed_again(jobs, tmp_path):
    (tmp_path / "datasets/ucf101/TaiChi").mkdir(parents=True)
    page = press(open_page(), "Show its classes and what they weigh")
    assert "Fetch 155 MB" in [button.label for button in page.button]


def test_more_than_may_be_fetched_is_told(jobs, monkeypatch):
    monkeypatch.setattr("ui.explore.sources.settings", lambda: Settings(max_download_bytes=100 * MIB))
    page = press(open_page(), "Show its classes and what they weigh")
    assert "at most 100 MB" in texts(page)
    assert not [button for button in page.button if button.label.startswith("Fetch 2")]


def test_a_server_that_does_not_answer_is_told(jobs, monkeypatch):
    def fail():
        raise DownloadFailed("Nobody answered.", "A server was expected.", "Try later.")

    monkeypatch.setattr(ucf101, "classes", fail)
    assert "Try later" in texts(press(open_page(), "Show its classes and what they weigh"))


def test_a_finished_job_leads_to_its_data_set(jobs, tmp_path):
    settled(jobs, JobState.DONE, tmp_path / "datasets/ucf101")
    page = press(open_page(get=JOB), "Look at it")
    assert page.query_params["dataset"] in ("ucf101", ["ucf101"])


def test_what_was_left_out_is_listed(jobs, tmp_path):
    name = user.new_name()
    user.folder_of(name).mkdir(parents=True)
    settled(jobs, JobState.DONE, (Skipped("a.avi", "not a video"),))
    page = open_page(get=JOB, dataset=name)
    assert "1 file left out" in texts(page)
    assert page.dataframe[0].value["reason"].tolist() == ["not a video"]


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (JobState.STOPPED, None, "Cancelled"),
        (JobState.FAILED, DownloadFailed("It broke.", "Not so.", "Press again."), "Press again"),
        (JobState.FAILED, ZeroDivisionError("secret"), "on our side"),
    ],
)
def test_other_ends_are_told(jobs, state, error, words):
    settled(jobs, state, None, error)
    told = texts(open_page(get=JOB))
    assert words in told
    assert "secret" not in told


@pytest.mark.parametrize("dataset", ["own-../../etc", "own-", "/etc", "own-" + "x" * 400, "figures"])
def test_only_a_well_formed_name_of_ones_own_is_looked_up(jobs, dataset):
    assert "So far" not in texts(open_page(dataset=dataset))


def test_progress_tells_bytes_and_speed():
    from ui.explore.sources import _describe

    status = JobStatus(JOB, JobState.RUNNING, 0, (Downloading(50 * MIB, 200 * MIB, "TaiChi"),), 10.0)
    assert _describe(status) == (0.25, "Fetching TaiChi\\: 50 of 200 MB, 5\\.0 MB/s")
