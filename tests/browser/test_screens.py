"""Every screen: nothing moves while it loads, and nothing is in the way, wide or on a phone, light or dark."""

from contextlib import ExitStack

import pytest

from tests.browser.axe import serious
from tests.browser.conftest import PHONE
from tests.browser.made import make_result
from tests.browser.scenes import STILL, build_stage, settle
from tests.browser.test_player import PLAN, open_result

_WIDTHS = "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
_WIDE = {"viewport": {"width": 1366, "height": 768}}
# Chromium's layout shifts (https://web.dev/articles/cls): the score of each time, and what moved.
_RECORD = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries().filter((entry) => !entry.hadRecentInput)) {
    window.shifts.push([shift.value, ...shift.sources.map(({ node }) => node?.outerHTML?.slice(0, 200))]);
  }
}).observe({ type: "layout-shift", buffered: true });"""
_MOST_SHIFTED = 0.1

SCENES = STILL | {"result": lambda page, stage: open_result(page, make_result(stage.home, PLAN))}
# Scenes that are shown by their address alone.
LOADED = ("home", "explore", "train", "train-report", "teach", "annotate", "how", "status", "result")


@pytest.fixture(scope="session")
def stage(app, tmp_path_factory):
    return build_stage(app.home, tmp_path_factory.mktemp("stage"))


@pytest.fixture
def seen(visitors, stage):
    """Opens a scene for a visitor, without videos and walls that move: they take time from all tests."""
    with ExitStack() as stack:

        def open_scene(name, options=_WIDE):
            page = stack.enter_context(visitors.page(reduced_motion="reduce", **options))
            page.set_default_timeout(120_000)  # a slow machine
            page.add_init_script(_RECORD)
            SCENES[name](page, stage)
            settle(page)
            return page

        yield open_scene


def assert_steady(page):
    moved = page.evaluate("window.shifts")
    assert sum(score for score, *_ in moved) < _MOST_SHIFTED, moved


@pytest.mark.promise("display", "No screen has serious accessibility problems, or scrolls sideways on a phone")
@pytest.mark.parametrize("name", SCENES)
def test_nothing_stands_in_anybodys_way(seen, name):
    page = seen(name)
    if name in LOADED:
        assert_steady(page)
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
    assert serious(page, "{runOnly: ['color-contrast']}") == []  # nothing else is another in the dark
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)  # charts follow
    assert max(page.evaluate(_WIDTHS)) <= 390


@pytest.mark.promise("display", "Nothing on a page moves while it loads")
@pytest.mark.parametrize("name", LOADED)
def test_pages_do_not_move_while_they_load_on_a_phone(seen, name):
    assert_steady(seen(name, PHONE))


def test_what_moves_and_what_is_wrong_is_found(seen):
    page = seen("status")
    page.evaluate("document.querySelector('h1').style.marginTop = '300px'")
    page.wait_for_function("window.shifts.some(([score]) => score > 0)")
    page.evaluate("document.querySelector('[data-testid=stMain]').append(new Image(9, 9))")
    assert [found.split(":")[0] for found in serious(page)] == ["image-alt"]
