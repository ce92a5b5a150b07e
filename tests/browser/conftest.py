"""A real Chromium on the real app. Skipped, saying so, where no Chromium is installed."""

from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.running import chromium, chromium_path, running_app
from har.datasets.figures import draw_clip
from har.video import write_video

SLOW_MS = 60_000  # two workers on two busy cores
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
expect.set_options(timeout=SLOW_MS)

# A browser without a window does not fetch the tab's icon, so its address is watched instead.
_WATCH_ICON = """new MutationObserver(() => {
  for (const link of document.querySelectorAll("link[rel~=icon]")) window.noteIcon(link.href);
}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["href"] })"""


def pytest_collection_modifyitems(items):
    """Every test in this folder is of the lane `browser`.

    One that fails is tried once more, and reported as a rerun: on a busy machine, a page may draw itself again between
    two commands of a test.
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app, started as a user starts it, in folders of its own."""
    yield from serve(tmp_path_factory, "app.py")


def serve(tmp_path_factory, script):
    """Yields a script of Streamlit's as an `App`; whatever it has logged, no traceback is in it."""
    _need_chromium()
    with running_app(tmp_path_factory.mktemp("app") / "home", script=script) as app:
        yield app
        text = app.log.read_text(errors="replace")
    before, traceback, after = text.partition("Traceback")
    assert not traceback, before[-2_000:] + traceback + after[:8_000]


@pytest.fixture
def fresh(tmp_path_factory):
    """An app that has served no page yet."""
    yield from serve(tmp_path_factory, "app.py")


@pytest.fixture(scope="session")
def browser():
    _need_chromium()
    with chromium() as browser:
        yield browser


def _need_chromium():
    if chromium_path() is None:
        pytest.skip("no Chromium is installed; .ci/run installs it")


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "a clip & more.mp4"
    write_video(path, draw_clip("JumpingJack", 3, 1), Fraction(25))
    return path


@pytest.fixture
def page(browser, app):
    with watched_page(browser, app) as page:
        yield page


@contextmanager
def watched_page(browser, app):
    """A page in a context of its own; in the end it must have raised no error, and requested nothing from elsewhere."""
    context = browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: note_foreign(errors, app.url, request.url))
    page.expose_function("noteIcon", lambda address: note_foreign(errors, app.url, address))
    page.add_init_script(_WATCH_ICON)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def phone(browser, app):
    """A page on a phone."""
    with browser.new_context(base_url=app.url, **PHONE) as context:
        page = context.new_page()
        page.set_default_timeout(SLOW_MS)
        yield page


def note_foreign(errors, own, address):
    """No page needs another server: not for its icon, and not for fonts."""
    if not address.startswith((own, own.replace("http", "ws", 1), "data:", "blob:", "about:")):
        errors.append(f"a request to {address}")
