"""'Camera' on Annotate in a real browser, whose camera shows a film of figures."""

import re
import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from benchmarks.camera_film import agreement, changes, watch, write_film
from benchmarks.running import camera, chromium
from tests.browser.axe import serious
from tests.browser.conftest import PHONE

_MS = 60_000
_MOST_SEC = 240.0  # on a slow machine


_HEAR = """line => {
  window.heard = [];
  const note = () => window.heard.push([performance.now() / 1000, line.textContent]);
  new MutationObserver(note).observe(line, { childList: true });
}"""


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "figures")


@pytest.fixture(scope="module")
def with_camera(film):
    with chromium(camera(film)) as browser:
        yield browser


@pytest.fixture
def open_live(app, with_camera):
    """Opens the panel in a browser with that camera, or in another one."""
    contexts = []

    def open_panel(browser=with_camera, own_clock=False, route=None, **options):
        contexts.append(browser.new_context(base_url=app.url, **options))
        page = contexts[-1].new_page()
        if own_clock:
            page.clock.install()
        if route is not None:
            page.route_web_socket("**/_stcore/stream", route)
        page.set_default_timeout(_MS)
        open_tab(page)
        return page

    yield open_panel
    for context in contexts:
        context.close()


def open_tab(page):
    page.goto("/annotate")
    page.get_by_text("Camera", exact=True).click()
    page.get_by_role("button", name="Start the camera").wait_for()


def choose_figures(page):
    page.get_by_role("combobox", name="Classifier").click()
    page.get_by_role("option", name="LRCN on figures").click()
    page.get_by_text("A label is for the last 2 s").wait_for()


def start(page):
    page.get_by_role("button", name="Start the camera").click()
    page.locator(".live .over").wait_for()


def test_labels_are_those_of_the_film(open_live):
    page = open_live()
    choose_figures(page)
    page.locator(".live .spoken").evaluate(_HEAR)
    start(page)
    expect(page.get_by_role("img", name="Labels of the last 20 seconds")).to_be_visible()
    seen = watch(page, page.locator(".live"), lambda seen: len(changes(seen)) >= 4, _MOST_SEC)
    assert len(changes(seen)) >= 4
    assert sum(moment.label is not None for moment in seen) > len(seen) / 2
    assert agreement(seen, settled_sec=4.0) >= 0.9
    expect(page.locator(".live .next li")).to_have_count(2)
    assert page.locator(".live .bar").count() >= 2
    heard = page.evaluate("window.heard")
    assert {text for _, text in heard} >= {"Punch", "Squat"}
    assert min(later - earlier for (earlier, _), (later, _) in pairwise(heard)) > 1.9
    assert serious(page) == []
    page.get_by_role("button", name="Stop", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Start the camera")).to_be_focused()
    expect(page.get_by_text("The camera is off.")).to_be_visible()
    assert page.locator(".live video").evaluate("video => video.srcObject") is None


@pytest.mark.promise("private", "The camera stops when its page is hidden")
def test_it_ends_when_hidden_unplugged_or_given_another_classifier_and_starts_again(open_live):
    page = open_live()
    choose_figures(page)
    start(page)
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(page.get_by_text("The camera was stopped because this page was hidden")).to_be_visible()
    assert page.locator(".live video").evaluate("video => video.srcObject") is None
    page.evaluate("delete document.hidden")
    start(page)
    page.locator(".live video").evaluate(
        "video => video.srcObject.getTracks().forEach((track) => track.dispatchEvent(new Event('ended')))"
    )
    expect(page.get_by_role("alert").filter(has_text="The camera was disconnected")).to_be_visible()
    start(page)
    page.get_by_role("combobox", name="Classifier").click()
    page.get_by_role("option", name="ConvLSTM on figures").click()
    page.get_by_role("button", name="Start the camera").wait_for()
    start(page)  # one that takes whole clips


def test_it_ends_after_five_minutes(open_live):
    page = open_live(own_clock=True)
    choose_figures(page)
    start(page)
    page.clock.fast_forward("05:00")
    expect(page.get_by_text("The camera was stopped after 5 minutes.")).to_be_visible()
    assert page.locator(".live video").evaluate("video => video.srcObject") is None
    start(page)


def test_a_lost_message_does_not_end_it(open_live):
    losing, lost, later = [], [], []

    def route(socket):
        server = socket.connect_to_server()

        def forward(message):
            if losing and isinstance(message, bytes) and b'"frames"' in message:
                (later if lost else lost).append(message)
            if message not in lost:
                server.send(message)

        socket.on_message(forward)

    page = open_live(route=route)
    choose_figures(page)
    start(page)
    losing.append(True)
    deadline = time.monotonic() + _MOST_SEC
    while len(later) < 3 and time.monotonic() < deadline:  # each is sent after the answer to the one before
        page.wait_for_timeout(100)
    assert len(lost) == 1
    assert len(later) >= 3
    page.locator(".live .over").wait_for()


def test_a_second_tab_takes_the_place_of_the_first(open_live):
    page = open_live()
    choose_figures(page)
    start(page)
    other = page.context.new_page()
    other.set_default_timeout(_MS)
    open_tab(other)
    choose_figures(other)
    start(other)
    expect(page.get_by_role("alert").filter(has_text="This live session has ended")).to_be_visible(timeout=_MS)


def test_a_refused_camera_is_explained(film, open_live):
    with chromium(camera(film, allowed=False)) as browser:
        page = open_live(browser)
        page.get_by_role("button", name="Start the camera").click()
        expect(page.get_by_role("alert").filter(has_text="The camera was refused. Allow it")).to_be_visible()
        expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def test_on_a_phone_everything_is_reached_and_nothing_is_too_wide(open_live):
    page = open_live(**PHONE, color_scheme="dark")
    choose_figures(page)
    start(page)
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    sizes = page.locator(".live button:visible").evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )
    assert min(sizes) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert re.fullmatch(r"\d+ %|", page.locator(".live .sure").inner_text())
