"""A shared link in another browser."""

import re
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.browser.conftest import SLOW_MS
from tests.browser.scenes import settle
from tests.browser.test_annotate import open_downloads, start_upload, wait_for_playing_video
from tests.browser.test_player import open_sliders


@contextmanager
def somebody_else(browser, app, link):
    """A new browser context at the link, and all text it sends and receives."""
    context = browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    heard = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    page.goto(link)
    yield page, heard
    context.close()


def test_viewers_watch_and_download_until_sharing_stops(page, browser, app, clip, tmp_path):
    start_upload(page, clip)
    wait_for_playing_video(page)
    owners_id = re.search(r"job=([\w-]{22})", page.url)[1]
    open_sliders(page)
    page.evaluate("document.querySelector('video').isTheSame = true")
    page.get_by_role("slider", name="Threshold").press("End")
    page.wait_for_url(re.compile(r"threshold=1(\.0)?$"))
    settle(page)
    assert page.evaluate("document.querySelector('video').isTheSame"), "the page was rebuilt"
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Create a link").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{app.url}/shared?link=")
    assert owners_id not in link
    with somebody_else(browser, app, link) as (visitor, heard):
        wait_for_playing_video(visitor)
        expect(visitor.get_by_text("Shared with you until")).to_be_visible()
        open_sliders(visitor)
        expect(visitor.get_by_role("slider", name="Threshold")).to_have_value("1")
        expect(visitor.get_by_role("button", name="Update the labelled video")).to_have_count(0)
        expect(visitor.get_by_role("link", name="Shared")).to_have_count(0)  # not in the menu
        open_downloads(visitor)
        with visitor.expect_download() as download:
            visitor.get_by_test_id("stDownloadButton").get_by_role("button", name="Table").click()
        download.value.save_as(tmp_path / "table.csv")
        assert (tmp_path / "table.csv").read_bytes().startswith(b"frame,time_sec,label,confidence")
        sent = visitor.content() + "".join(heard)
        assert "/media/" in sent
        assert "Shared with you until" in "".join(heard)  # what comes is heard
        assert owners_id not in sent
        page.get_by_role("button", name="Stop sharing").click()
        expect(page.get_by_role("button", name="Create a link")).to_be_visible()
        visitor.reload()
        expect(visitor.get_by_text("There is nothing at this link")).to_be_visible()
        assert visitor.locator("video").count() == 0
        visitor.get_by_role("link", name="Annotate your own video").click()
        expect(visitor.get_by_role("button", name="Annotate", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Annotate another video").click()
    page.get_by_text("Your own video", exact=True).wait_for()
    expect(page).not_to_have_url(re.compile("threshold|job"))
