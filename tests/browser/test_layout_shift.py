"""Nothing on a page moves while it loads: Chromium's layout-shift score (https://web.dev/articles/cls), below 0.1."""

import pytest

from tests.browser.made import make_result
from tests.browser.scenes import STILL, build_stage, settle
from tests.browser.test_player import PLAN, open_result

SCENES = {
    name: STILL[name] for name in ("home", "explore", "train", "train-report", "teach", "annotate", "how", "status")
} | {
    "result": lambda page, stage: open_result(page, make_result(stage.home, PLAN)),
}
_LIMIT = 0.1
_SIZES = {
    "wide": {"viewport": {"width": 1366, "height": 768}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
_RECORD = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries().filter((entry) => !entry.hadRecentInput)) {
    window.shifts.push([shift.value, ...shift.sources.map(({ node }) => node?.outerHTML?.slice(0, 200))]);
  }
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="session")
def stage(app, tmp_path_factory):
    return build_stage(app.home, tmp_path_factory.mktemp("stage"))


@pytest.fixture
def shifts(browser, app, stage):
    """What moved while a scene loaded: the score of each time, and what moved."""
    contexts = []

    def load(name, size):
        contexts.append(browser.new_context(base_url=app.url, **_SIZES[size]))
        page = contexts[-1].new_page()
        page.set_default_timeout(120_000)  # a slow machine
        page.add_init_script(_RECORD)
        SCENES[name](page, stage)
        settle(page)
        return page, lambda: page.evaluate("window.shifts")

    yield load
    for context in contexts:
        context.close()


@pytest.mark.promise("display", "Nothing on a page moves while it loads")
@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("name", SCENES)
def test_pages_do_not_move_while_they_load(shifts, name, size):
    _, read = shifts(name, size)
    moved = read()
    assert sum(score for score, *_ in moved) < _LIMIT, moved


def test_what_moves_is_measured(shifts):
    page, read = shifts("status", "wide")
    page.evaluate("document.querySelector('h1').style.marginTop = '300px'")
    page.wait_for_function("window.shifts.some(([score]) => score > 0)")
    assert sum(score for score, *_ in read()) > 0
