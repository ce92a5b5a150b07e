"""Home: what is dropped there becomes a labelled film; work under way is in the header of every page."""

import re
import threading

import pytest
from playwright.sync_api import expect

from benchmarks.drop import PLAYING
from benchmarks.drop import drop as drop_file
from benchmarks.running import running_app
from tests.browser.test_player import wait_for_label_on_film
from tests.youtube.local_server import local_server

_MS = 120_000  # recognition, on a slow machine


def drop(page, clip):
    page.goto("/")
    page.get_by_test_id("stFileUploaderDropzone").wait_for(timeout=_MS)
    drop_file(page, clip)


@pytest.mark.promise("display", "A video dropped on Home is labelled, and its result plays, without another choice")
def test_a_clip_dropped_on_home_becomes_a_labelled_film(page, clip):
    drop(page, clip)
    page.wait_for_url(re.compile("/annotate.*job="), timeout=_MS)
    expect(page.get_by_test_id("stMain")).to_contain_text("a clip & more.mp4", timeout=_MS)  # named in the result
    page.locator(".player .item").first.wait_for(timeout=_MS)
    page.wait_for_function(f"{PLAYING} || document.querySelector('video')?.ended")
    expect(page.locator(".now .label")).not_to_be_empty()
    wait_for_label_on_film(page)
    expect(page.locator(".segments .bar").first).to_be_visible()


def test_a_click_and_the_choice_of_a_file_annotate_ones_own_clip(page, clip):
    page.goto("/")
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("stFileUploaderDropzone").locator("button").click()
    chooser.value.set_files(clip)
    page.wait_for_url(re.compile("/annotate.*job="), timeout=_MS)
    page.locator(".player .item").first.wait_for(timeout=_MS)
    wait_for_label_on_film(page)


def test_what_is_under_way_is_in_the_header_of_other_pages_and_then_among_the_results(page, clip):
    drop(page, clip)
    page.wait_for_url(re.compile("/annotate.*job="), timeout=_MS)
    job = re.search(r"job=([\w-]+)", page.url)[1]
    page.get_by_test_id("stTopNav").get_by_role("link", name="Explore", exact=True).click()
    page.wait_for_url("**/explore*")
    header = page.locator(".st-key-running-jobs a")
    expect(header).to_have_text(re.compile(r"Waiting|Recognising \d+%|Video is annotated"), timeout=_MS)
    expect(header).to_have_text(re.compile("Video is annotated"), timeout=_MS)
    header.click()
    page.wait_for_url(re.compile(f"/annotate.*job={job}"))
    page.locator(".player .item").first.wait_for(timeout=_MS)
    expect(header).to_have_count(0)
    page.goto("/annotate")
    cell = page.locator(".wall .cell.playing", has_text="a clip & more.mp4").first
    cell.click(timeout=_MS)
    page.wait_for_url(re.compile("job="))
    page.locator(".player .item").first.wait_for(timeout=_MS)


@pytest.fixture
def movinet(shared):
    """The content of MoViNet's file."""
    path = shared / "pretrained/movinet_int8.tflite"
    if not path.is_file():
        pytest.skip("no copy of MoViNet next to this checkout")
    return path.read_bytes()


def test_the_default_network_is_downloaded_once_with_its_progress_shown(browser, movinet, clip, tmp_path):
    requested, seen = [], threading.Event()

    def respond(request):
        requested.append(request.path)
        request.send_response(200)
        request.send_header("Content-Length", str(len(movinet)))
        request.end_headers()
        request.wfile.write(movinet[:2_000_000])
        seen.wait(_MS / 1000)
        request.wfile.write(movinet[2_000_000:])

    with (
        local_server(respond) as port,
        running_app(tmp_path / "home", {"HAR_MOVINET_URL": f"http://127.0.0.1:{port}/movinet.tflite"}) as app,
        browser.new_context(base_url=app.url) as context,
    ):
        page = context.new_page()
        drop(page, clip)
        expect(page.get_by_role("progressbar", name=re.compile("Downloading MoViNet.*of 3 MB"))).to_be_visible(
            timeout=_MS
        )
        seen.set()
        expect(page.get_by_test_id("stMain")).to_contain_text("MoViNet, 600 actions", timeout=_MS)
        drop(page, clip)
        page.wait_for_url(re.compile("job="), timeout=_MS)
        expect(page.get_by_test_id("stMain")).to_contain_text("MoViNet, 600 actions", timeout=_MS)
        assert len(requested) == 1


def test_all_that_one_can_do_on_home_is_in_view(page):
    width, height = 1280, 720
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/")
    doors = page.get_by_test_id("stMain").get_by_role("link", name=re.compile("Explore|Train|Teach|How it works"))
    expect(doors).to_have_count(4, timeout=_MS)
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    seen = [page.locator(".st-key-film video"), page.get_by_test_id("stFileUploaderDropzone"), *doors.all()]
    assert max(one.bounding_box()["y"] + one.bounding_box()["height"] for one in seen) <= height
