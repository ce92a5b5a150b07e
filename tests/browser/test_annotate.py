import re

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SLOW_MS, serve

_RESULT_MS = 120_000  # a result on a slow machine


def start_upload(page, path):
    page.goto("/annotate")
    page.get_by_text("Your own video", exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    button = page.get_by_role("button", name="Annotate", exact=True)
    button.wait_for()
    page.wait_for_function("b => !b.disabled", arg=button.element_handle())
    button.click()
    page.wait_for_url(re.compile("job="))


def wait_for_playing_video(page):
    page.get_by_text("The whole video").wait_for(timeout=_RESULT_MS)  # the player is there before
    video = page.locator("video")
    expect(video).to_have_count(1)  # the page keeps the former one until it has drawn the new one
    handle = video.first.element_handle()
    page.wait_for_function("v => v.readyState === 4", arg=handle)
    handle.evaluate("v => { v.muted = true; return v.play() }")
    page.wait_for_function("v => v.currentTime > 0.2", arg=handle)
    assert handle.evaluate("v => v.error") is None
    return handle


def open_downloads(page):
    """Open the menu after the background work: each part of it reruns the page, and Streamlit replaces the buttons."""
    expect(page.locator(".filmstrip i").first).to_have_css("background-image", re.compile("^url"))
    page.locator(".st-key-result-heading").get_by_role("button", name="Download").click()
    expect(page.get_by_role("button", name="Video with labels")).to_be_enabled()


def mapped_files(process: psutil.Process) -> list[str]:
    try:
        return [part.path for part in process.memory_maps()]
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return []


@pytest.fixture(scope="module")
def used_once(tmp_path_factory, browser, clip):
    """An app that has annotated one video."""
    with serve(tmp_path_factory, "app.py") as app:
        page = browser.new_page(base_url=app.url)
        page.set_default_timeout(SLOW_MS)
        start_upload(page, clip)
        wait_for_playing_video(page)
        page.close()
        yield app


@pytest.mark.promise(
    "jobs", "The web process stays small, and neither it nor the workers import TensorFlow to annotate"
)
def test_a_video_is_annotated_without_tensorflow_and_the_web_process_stays_small(used_once):
    assert psutil.Process(used_once.pid).memory_info().rss < 250 * 2**20
    assert not [path for process in used_once.processes() for path in mapped_files(process) if "tensorflow/" in path]


@pytest.mark.promise("private", "Other users of the machine cannot read the files of the app")
def test_no_file_of_the_app_can_be_read_by_others(used_once):
    paths = [used_once.home, *used_once.home.rglob("*")]
    readable = [path for path in paths if path.exists() and not path.is_symlink() and path.stat().st_mode & 0o077]
    assert len(paths) > 3
    assert readable == []


@pytest.mark.promise("jobs", "The address of a page leads back to the result")
def test_a_result_survives_a_reload_and_can_be_downloaded(page, clip, tmp_path):
    start_upload(page, clip)
    page.reload()  # while the work is under way
    wait_for_playing_video(page)
    page.reload()
    wait_for_playing_video(page)
    open_downloads(page)
    for button, ending, begins in (
        ("Video", ".mp4", b"\0\0\0"),
        ("Table", ".csv", b"frame,time_sec,label,confidence"),
        ("Segments and settings", ".json", b"{"),
        ("WebVTT", ".vtt", b"WEBVTT"),
        ("SRT", ".srt", b""),
    ):
        with page.expect_download() as download:
            page.get_by_test_id("stDownloadButton").get_by_role("button", name=button).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.suffix == ending
        assert path.read_bytes().startswith(begins)


@pytest.mark.promise("hostile", "A file that is not a video gets a message that says what to do")
def test_a_file_that_is_no_video_is_explained(page, tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("not a video at all " * 100)
    page.goto("/annotate")
    page.get_by_text("Your own video", exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_test_id("stAlert")).to_contain_text("text.mp4 is not a video", timeout=_RESULT_MS)
    expect(page.get_by_role("button", name="Annotate", exact=True)).to_have_count(0)


def test_a_job_can_be_cancelled(page):
    page.goto("/annotate")
    page.get_by_role("button", name="Annotate", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Annotate another video")).to_be_visible(timeout=_RESULT_MS)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
