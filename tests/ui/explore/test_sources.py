"""What Get data shows and starts. Real downloads: tests/datasets/sources. A real browser: tests/browser."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import Skipped, user_sets
from har.datasets.source import Preset, Source, SourceClass
from har.datasets.sources import SOURCES
from har.datasets.user_sets import Added
from har.errors import DownloadFailed
from har.jobs import JobState, Lane
from har.settings import MIB
from tests.ui.data_pages import buttons, press, ran, texts

JOB = "b" * 22
TUTORIAL = ("WalkingWithDog", "TaiChi", "Swing", "HorseRace")


def classes(downloaded=()):
    return tuple(
        SourceClass(label, 100 + number, (50 + number) * MIB, label in downloaded)
        for number, label in enumerate((*TUTORIAL, "Archery"))
    )


@pytest.fixture(autouse=True)
def home(override, tmp_path):
    override(home=tmp_path)
    return tmp_path


@pytest.fixture
def list_classes(monkeypatch):
    """Sets the function that lists the classes of UCF101."""

    def set_function(function):
        monkeypatch.setitem(SOURCES, "ucf101", replace(SOURCES["ucf101"], list_classes=function))

    set_function(classes)
    return set_function


def open_page(**query):
    page = AppTest.from_string("from ui.explore import sources\nsources.show()", default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def test_all_sources_are_described_before_anything_is_downloaded(jobs):
    text = texts(open_page())
    for source in SOURCES.values():
        assert source.title in text
        assert source.description in text
        assert source.licence in text
    assert jobs.submitted == []


def test_preset_of_classes_is_downloaded(jobs, list_classes):
    page = press(open_page(), "Show classes and sizes")
    assert set(page.multiselect[0].value) == set(TUTORIAL)
    page = press(page, "Download 206 MB")  # 50 + 51 + 52 + 53
    assert jobs.submitted == [("fetch", (TUTORIAL,))]
    assert [page.query_params["get"]] in (list(jobs.known), [list(jobs.known)])
    assert (jobs.options["lane"], jobs.options["detached"]) == (Lane.DATA, False)  # it ends when its tab is closed
    assert jobs.options["visitor"].id


def test_size_does_not_include_downloaded_classes(jobs, list_classes):
    list_classes(lambda: classes(downloaded=("TaiChi",)))
    page = press(open_page(), "Show classes and sizes")
    assert "Download 155 MB" in buttons(page)


def test_too_large_download_is_refused(jobs, list_classes, override):
    override(max_download_bytes=100 * MIB)
    page = press(open_page(), "Show classes and sizes")
    assert "up to 100 MB" in texts(page)
    assert not [name for name in buttons(page) if name.startswith("Download 2")]


def test_unreachable_server_is_reported(jobs, list_classes):
    def fail():
        raise DownloadFailed("The server did not answer.", "A list was expected.", "Try later.")

    list_classes(fail)
    assert "Try later" in texts(press(open_page(), "Show classes and sizes"))


def fetch_added(classes=(), on_progress=None):
    raise AssertionError("the fake jobs run nothing")


def test_added_source_can_be_downloaded_as_a_whole(jobs, monkeypatch):
    source = Source("added", "Added source", "Described here.", "Its licence.", "9 clips", fetch=fetch_added)
    monkeypatch.setitem(SOURCES, "added", source)
    page = open_page()
    for text in ("Added source", "Described here.", "Its licence.", "9 clips"):
        assert text in texts(page)
    press(page, "Download all of Added source")
    assert jobs.submitted == [("fetch_added", ())]


def test_added_source_can_be_downloaded_by_classes(jobs, monkeypatch):
    source = Source(
        "added",
        "Added source",
        "Described here.",
        "Its licence.",
        "9 clips",
        fetch=fetch_added,
        list_classes=lambda: (SourceClass("Hop", 4, 12 * MIB, False), SourceClass("Skip", 5, 20 * MIB, False)),
        presets={"few": Preset("A few", ("Skip",))},
    )
    monkeypatch.setitem(SOURCES, "added", source)
    page = open_page()
    page.button(key="list-added").click()
    press(ran(page), "Download 20 MB")
    assert jobs.submitted == [("fetch_added", (("Skip",),))]


def test_finished_download_leads_to_its_data_set(jobs, home):
    jobs.set_status(JobState.DONE, job_id=JOB, result=home / "datasets/ucf101")
    page = press(open_page(get=JOB), "Open it")
    assert page.query_params["dataset"] in ("ucf101", ["ucf101"])


def test_skipped_files_are_listed(jobs):
    name = user_sets.new_name()
    user_sets.dataset_folder(name).mkdir(parents=True)
    added = Added({"run": 20, "jump": 4}, (Skipped("a.avi", "not a video"),))
    jobs.set_status(JobState.DONE, job_id=JOB, result=added)
    page = open_page(get=JOB, dataset=name)
    assert page.success[0].value == "Added 24 clips of 2 classes; 1 file skipped."
    assert page.dataframe[0].value["reason"].tolist() == ["not a video"]


def test_an_upload_without_clips_is_no_success(jobs):
    jobs.set_status(JobState.DONE, job_id=JOB, result=Added({}, (Skipped("a.avi", "not a video"),)))
    page = open_page(get=JOB)
    assert "No clip was added" in page.warning[0].value
    assert not page.success


def test_a_job_is_shown_where_it_was_started(jobs, list_classes):
    page = press(press(open_page(), "Show classes and sizes"), "Download 206 MB")
    jobs.set_status(JobState.FAILED, error=DownloadFailed("It broke.", "It should not.", "Press again."))
    page = ran(page)
    order = [str(getattr(element, "value", "")) for element in page.main]
    title, failure = order.index(SOURCES["ucf101"].title), order.index(page.error[0].value)
    later = [order.index(source.title) for source in SOURCES.values() if order.index(source.title) > title]
    assert title < failure < min(later, default=len(order))


@pytest.mark.parametrize(
    ("state", "error", "text"),
    [
        (JobState.STOPPED, None, "Cancelled"),
        (JobState.FAILED, DownloadFailed("It broke.", "It should not.", "Press again."), "Press again"),
        (JobState.FAILED, ZeroDivisionError("secret"), ""),
    ],
)
def test_unsuccessful_job_is_reported(jobs, state, error, text):
    jobs.set_status(state, job_id=JOB, error=error)
    page = open_page(get=JOB)
    assert bool(page.error) == (state is JobState.FAILED)
    assert text in texts(page)
    assert "secret" not in texts(page)


@pytest.mark.parametrize("dataset", ["own-../../etc", "own-", "/etc", "own-" + "x" * 400, "figures"])
def test_malformed_name_of_an_own_data_set_is_ignored(jobs, dataset):
    assert "So far" not in texts(open_page(dataset=dataset))
