"""The wall's script by itself in a real browser, with a server that answers at once."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SLOW_MS
from tests.conftest import ROOT
from ui import preview_wall
from ui.theme import joined

_ASSETS = ROOT / "ui" / "assets"
_PAGE = """
<!doctype html><style>body { margin: 0 } %(css)s</style><div id="parent"><div class="wall"></div></div>
<script type="module">
import wall from "/wall.js";
const counted = { live: 0, most: 0 };
const make = URL.createObjectURL, unmake = URL.revokeObjectURL;
URL.createObjectURL = (blob) => { counted.most = Math.max(counted.most, ++counted.live); return make.call(URL, blob) };
URL.revokeObjectURL = (url) => { counted.live--; unmake.call(URL, url) };
const shape = { frames: 12, fps: 5, ratio: 4 / 3, small: false };
window.test = { counted, requests: [], opened: [], broken: new Set(), picture: "%(picture)s" };
window.show = (cells, ids, mark = "mark", built = false) => {
  const pictures = Object.fromEntries(ids.map((id) => [id, test.broken.has(id) ? "" : test.picture]));
  window.unmount = wall({
    parentElement: document.querySelector("#parent"),
    data: [{ mark, cells: built ? null : cells, pictures, shape }],
    setStateValue: (name, value) => {
      test.requests.push(value);
      setTimeout(() => show(cells, value.ids, mark, value.built === mark), 10);
    },
    setTriggerValue: (name, value) => test.opened.push([name, value]),
  });
};
window.cells = (count) => Array.from({ length: count }, (_, n) => (
  { id: `id${n}`, title: `clip ${n}`, detail: "", heading: "" }));
window.ready = true;
</script>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    picture = io.BytesIO()
    Image.new("RGB", (12 * 16, 12), "green").save(picture, "JPEG")
    html = _PAGE % {
        "css": (_ASSETS / "wall.css").read_text(encoding="utf-8"),
        "picture": base64.b64encode(picture.getvalue()).decode(),
    }
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("http://wall.test/", lambda route: route.fulfill(body=html, content_type="text/html"))
    script = {"body": joined(preview_wall._FILES, ".js"), "content_type": "text/javascript"}
    page.route("http://wall.test/wall.js", lambda route: route.fulfill(**script))
    page.goto("http://wall.test/")
    page.wait_for_function("window.ready")
    yield page
    context.close()
    assert errors == []


def kept(page: Page) -> dict[str, Any]:
    return page.evaluate("test.counted")


def test_scrolling_through_a_thousand_clips_keeps_some_hundred_pictures(page: Page) -> None:
    page.evaluate("show(cells(1000), [])")
    height = page.evaluate("document.documentElement.scrollHeight")
    seen = 0
    for top in range(0, height, 700):
        page.evaluate("top => scrollTo(0, top)", top)
        page.wait_for_function(
            """() => [...document.querySelectorAll(".cell")].every((cell) => {
                const { top, bottom } = cell.getBoundingClientRect();
                return bottom < 0 || top > innerHeight || cell.classList.contains("playing");
            })"""
        )
        seen += 1
    assert seen > 10
    expect(page.locator(".cell").last).to_have_class("cell playing")
    expect(page.locator(".cell").first).not_to_have_class("cell playing")
    assert 200 < kept(page)["most"] <= 320
    assert page.locator('.picture[style*="blob:"]').count() < 200
    assert max(len(wanted["ids"]) for wanted in page.evaluate("test.requests")) <= 60
    page.evaluate("scrollTo(0, 0)")  # what was let go of is asked for again
    expect(page.locator(".cell").first).to_have_class("cell playing")
    page.evaluate("unmount()")
    assert kept(page)["live"] == 0


def test_previews_in_view_are_requested_first(page: Page) -> None:
    page.evaluate("show(cells(1000), [])")
    page.wait_for_function("document.querySelectorAll('.playing').length >= 60")
    page.wait_for_timeout(1000)  # nothing near is lacking any more, so what is asked from here on is for the new view
    page.evaluate("test.requests.length = 0; scrollTo(0, 6000)")
    page.wait_for_function("test.requests.length")
    first = page.evaluate("test.requests[0].ids[0]")
    box = page.locator(f'[data-id="{first}"]').bounding_box()
    assert box is not None
    assert -box["height"] <= box["y"] < 900


def test_complete_walls_request_nothing(page: Page) -> None:
    page.evaluate("test.broken.add('id3'); show(cells(10), [])")
    expect(page.locator(".playing")).to_have_count(9)
    expect(page.locator(".failed")).to_have_count(1)
    count = page.evaluate("test.requests.length")
    page.wait_for_timeout(4000)
    assert page.evaluate("test.requests.length") == count
    assert count <= 2


def test_cells_are_sent_once_and_requested_if_missing(page: Page) -> None:
    page.evaluate("show(cells(5), [], 'mark', true)")  # a browser that has lost what the server takes it to have
    expect(page.locator(".playing")).to_have_count(5)
    assert page.evaluate("test.requests[0]") == {"ids": [], "built": "", "turn": 1}
    page.locator(".cell").first.evaluate("cell => cell.same = true")
    page.evaluate("show(cells(5), ['id1'], 'mark')")
    assert page.locator(".cell").first.evaluate("cell => cell.same")
    page.evaluate("show(cells(3), [], 'another')")
    expect(page.locator(".cell")).to_have_count(3)
    expect(page.locator(".playing")).to_have_count(3)
    assert kept(page)["live"] == 3


@pytest.mark.promise("hostile", "Names on the preview wall are not HTML")
def test_names_are_plain_text(page: Page) -> None:
    page.evaluate(
        """show([{ id: "a", title: "<img src=x onerror=alert(1)>", detail: "<b>b</b>", heading: "<i>c</i>" }], ["a"])"""
    )
    expect(page.locator(".cell .title")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("img, .wall b, .wall i").count() == 0
    expect(page.get_by_role("button", name="<img src=x onerror=alert(1)>, <b>b</b>")).to_be_visible()


def test_keys_move_through_the_wall_and_open_clips(page: Page) -> None:
    page.evaluate("show(cells(3), ['id0', 'id1', 'id2'])")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(".cell").nth(1).evaluate("cell => getComputedStyle(cell).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("test.opened") == [["opened", "id1"]]


def test_with_reduced_motion_previews_move_only_under_the_pointer(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("show(cells(2), ['id0', 'id1'])")
    first = page.locator(".playing .picture").first
    first.wait_for()
    assert first.evaluate("picture => getComputedStyle(picture).animationPlayState") == "paused"
    first.hover()
    assert first.evaluate("picture => getComputedStyle(picture).animationPlayState") == "running"


def test_a_phone_has_two_columns(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("show(cells(4), [])")
    tops = page.locator(".cell").evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().top)")
    assert tops[0] == tops[1] < tops[2] == tops[3]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
