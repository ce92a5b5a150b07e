"""Home: what is dropped there becomes a labelled film; work under way is in the header of every page."""

import base64
import re

import pytest
from playwright.sync_api import expect

_MS = 120_000  # recognition, on a slow machine
_DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "video/mp4" }));
  const zone = document.querySelector("[data-testid=stFileUploaderDropzone]");
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def drop(page, clip):
    page.goto("/")
    page.get_by_test_id("stFileUploaderDropzone").wait_for(timeout=_MS)
    page.evaluate(_DROP, [clip.name, base64.b64encode(clip.read_bytes()).decode()])


@pytest.mark.promise("display", "A video dropped on Home becomes a labelled film without another choice")
def test_a_clip_dropped_on_home_becomes_a_labelled_film(page, clip):
    drop(page, clip)
    page.wait_for_url(re.compile("/annotate.*job="), timeout=_MS)
    expect(page.get_by_test_id("stMain")).to_contain_text("a clip & more.mp4", timeout=_MS)  # named in the result
    page.locator(".player .item").first.wait_for(timeout=_MS)
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.2")
    expect(page.locator(".now .label")).not_to_be_empty()


def test_a_file_that_is_no_video_is_refused_on_home(page, tmp_path):
    (tmp_path / "holiday.mp4").write_bytes(b"not a video at all " * 100)
    drop(page, tmp_path / "holiday.mp4")
    expect(page.get_by_test_id("stAlert")).to_contain_text("holiday.mp4 is not a video", timeout=_MS)


def test_what_is_under_way_is_in_the_header_of_other_pages_and_then_among_the_results(page, clip):
    drop(page, clip)
    page.wait_for_url(re.compile("/annotate.*job="), timeout=_MS)
    job = re.search(r"job=([\w-]+)", page.url)[1]
    page.get_by_role("link", name="Explore", exact=True).click()
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


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720)])
def test_all_that_one_can_do_on_home_is_in_view(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/")
    doors = page.get_by_test_id("stMain").get_by_role("link", name=re.compile("Explore|Train|How it works"))
    expect(doors).to_have_count(3, timeout=_MS)
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    seen = [page.locator(".st-key-film video"), page.get_by_test_id("stFileUploaderDropzone"), *doors.all()]
    assert max(one.bounding_box()["y"] + one.bounding_box()["height"] for one in seen) <= height
