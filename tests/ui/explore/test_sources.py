"""What Get data shows and starts. Real downloads: tests/datasets/sources. A real browser: tests/browser."""

from dataclasses import replace

import pytest

from har.datasets import Skipped, user_sets
from har.datasets.source import Preset, Source, SourceClass
from har.datasets.sources import SOURCES
from har.datasets.user_sets import Added
from har.errors import DownloadFailed
from har.jobs import JobState, Lane
from har.settings import MIB
from tests.ui.data_pages import buttons, in_address, open_script, press, ran, texts

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
    return open_script("from ui.explore import sources\nsources.show()", **query)


def test_all_sources_are_described_before_anything_is_downloaded(jobs):
    text = texts(open_page())
    for source in SOURCES.values():
        assert source.title in text
        assert source.description in text
        assert source.licence in text
    assert jobs.submitted == []


def test_preset_of_classes_is_downloaded(jobs, list_classes):
    def fail():
        raise DownloadFailed("The server did not answer.", "A list was expected.", "Try later.")

    list_classes(fail)
    page = press(open_page(), "Show classes and sizes")
    assert "Try later" in texts(page)
    list_classes(classes)
    page = press(page, "Show classes and sizes")
    assert set(page.multiselect[0].value) == set(TUTORIAL)
    page = press(page, "Download 206 MB")  # 50 + 51 + 52 + 53
    assert jobs.submitted == [("fetch", (TUTORIAL,))]
    assert list(jobs.known) == [in_address(page, "get")]
    assert (jobs.options["lane"], jobs.options["detached"]) == (Lane.DATA, False)  # it ends when its tab is closed
    assert jobs.options["visitor"].id


def test_too_large_download_is_refused_and_downloaded_classes_do_not_count(list_classes, override):
    override(max_download_bytes=160 * MIB)
    page = press(open_page(), "Show classes and sizes")
    assert "up to 160 MB" in texts(page)
    assert not [name for name in buttons(page) if name.startswith("Download 2")]
    list_classes(lambda: classes(downloaded=("TaiChi",)))
    assert "Download 155 MB" in buttons(press(open_page(), "Show classes and sizes"))


def test_added_source_can_be_downloaded_as_a_whole_or_by_classes(jobs, monkeypatch):
    def fetch_added(classes=(), on_progress=None):
        raise AssertionError("the fake jobs run nothing")

    source = Source("added", "Added source", "Described here.", "Its licence.", "9 clips", fetch=fetch_added)
    monkeypatch.setitem(SOURCES, "added", source)
    page = open_page()
    for text in ("Added source", "Described here.", "Its licence.", "9 clips"):
        assert text in texts(page)
    press(page, "Download all of Added source")
    listed = (SourceClass("Hop", 4, 12 * MIB, False), SourceClass("Skip", 5, 20 * MIB, False))
    in_parts = replace(source, list_classes=lambda: listed, presets={"few": Preset("A few", ("Skip",))})
    monkeypatch.setitem(SOURCES, "added", in_parts)
    page = open_page()
    page.button(key="list-added").click()
    press(ran(page), "Download 20 MB")
    assert jobs.submitted == [("fetch_added", ()), ("fetch_added", (("Skip",),))]


def test_finished_download_leads_to_its_data_set(jobs, home):
    jobs.set_status(JobState.DONE, job_id=JOB, result=home / "datasets/ucf101")
    assert in_address(press(open_page(get=JOB), "Open it"), "dataset") == "ucf101"


def test_skipped_files_are_listed_and_an_upload_without_clips_is_no_success(jobs):
    name, skipped = user_sets.new_name(), (Skipped("a.avi", "not a video"),)
    user_sets.dataset_folder(name).mkdir(parents=True)
    jobs.set_status(JobState.DONE, job_id=JOB, result=Added({"run": 20, "jump": 4}, skipped))
    page = open_page(get=JOB, dataset=name)
    assert page.success[0].value == "Added 24 clips of 2 classes; 1 file skipped."
    assert page.dataframe[0].value["reason"].tolist() == ["not a video"]
    jobs.set_status(JobState.DONE, job_id=JOB, result=Added({}, skipped))
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
    jobs.set_status(JobState.STOPPED)
    assert "Cancelled" in texts(ran(page))


@pytest.mark.parametrize("dataset", ["own-../../etc", "figures"])
def test_malformed_name_of_an_own_data_set_is_ignored(jobs, dataset):
    assert "So far" not in texts(open_page(dataset=dataset))
