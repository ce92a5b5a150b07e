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
WIDE = {"width": 1280, "height": 900}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
expect.set_options(timeout=SLOW_MS)
ONE_PROCESS = ["--process-per-site"]  # for all pages of a `Visitors`

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
    with serve(tmp_path_factory, "app.py") as app:
        yield app


@contextmanager
def serve(tmp_path_factory, script):
    """A script of Streamlit's as an `App`; whatever it has logged, no traceback is in it."""
    _need_chromium()
    with running_app(tmp_path_factory.mktemp("app") / "home", script=script) as app:
        yield app
        text = app.log.read_text(errors="replace")
    before, traceback, after = text.partition("Traceback")
    assert not traceback, before[-2_000:] + traceback + after[:8_000]


@pytest.fixture(scope="session")
def browser():
    _need_chromium()
    with chromium(ONE_PROCESS) as browser:
        yield browser


def _need_chromium():
    if chromium_path() is None:
        pytest.skip("no Chromium is installed; .ci/run installs it")


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "a clip & more.mp4"
    write_video(path, draw_clip("JumpingJack", 3, 1), Fraction(25))
    return path


class Visitors:
    """Opens pages for visitors of whom the app knows nothing.

    A page loads in half the processor time if its browser has loaded one before: files come from the cache, and the
    process has compiled the scripts. So visitors of a kind have one context, and a tab keeps its process alive.
    """

    def __init__(self, browser, url):
        self._browser, self.url = browser, url
        self._tabs = {}

    @contextmanager
    def page(self, **options):
        """A page.

        Args:
            options: of the context. Two pages at a time must have different ones, or they are the same visitor's.
        """
        tab = self._tabs.get(str(options)) or self._new_tab(options)
        page = tab.context.new_page()
        page.set_default_timeout(SLOW_MS)
        yield page
        page.close()
        tab.context.clear_cookies()
        tab.evaluate("localStorage.clear()")

    def _new_tab(self, options):
        tab = self._browser.new_context(base_url=self.url, **options).new_page()
        tab.goto("/_stcore/health")
        self._tabs[str(options)] = tab
        return tab


@pytest.fixture(scope="session")
def visitors(browser, app):
    return Visitors(browser, app.url)


@pytest.fixture
def page(visitors):
    with watched_page(visitors) as page:
        yield page


@contextmanager
def watched_page(visitors):
    """A page that in the end must have raised no error, and requested nothing from elsewhere."""
    errors = []
    with visitors.page(viewport=WIDE) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: note_foreign(errors, visitors.url, request.url))
        page.expose_function("noteIcon", lambda address: note_foreign(errors, visitors.url, address))
        page.add_init_script(_WATCH_ICON)
        yield page
    assert errors == []


@pytest.fixture
def phone(visitors):
    """A page on a phone."""
    with visitors.page(**PHONE) as page:
        yield page


def note_foreign(errors, own, address):
    """No page needs another server: not for its icon, and not for fonts."""
    if not address.startswith((own, own.replace("http", "ws", 1), "data:", "blob:", "about:")):
        errors.append(f"a request to {address}")
