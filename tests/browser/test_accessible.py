"""Every screen: nothing that axe-core finds serious or critical, light or dark; and none moves sideways on a phone.

Contrast, names of controls, alternatives of pictures, the keyboard's reach: what a program can tell of them.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.scenes import STILL, build_stage, settle

# Of Streamlit's own markup, which we cannot mend: rule, part of the element's HTML, and why it does no harm.
_WIDTHS = "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
KNOWN: tuple[tuple[str, str, str], ...] = ()


@pytest.fixture(scope="session")
def stage(app, tmp_path_factory):
    return build_stage(app.home, tmp_path_factory.mktemp("stage"))


@pytest.fixture
def seen(browser, app, stage):
    """Opens a scene in a browser of its own."""
    contexts = []

    def open_scene(name):
        contexts.append(browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(120_000)  # a slow machine
        STILL[name](page, stage)
        settle(page)
        return page

    yield open_scene
    for context in contexts:
        context.close()


def serious(page, options="{}"):
    """What axe-core finds serious or critical, in words."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({{resultTypes: ['violations'], ...{options}}})")["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {[check['message'] for check in node['any'] + node['all']][:1]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(rule["id"] == known and part in node["html"] for known, part, _ in KNOWN)
    ]


@pytest.mark.promise("display", "No screen has serious accessibility problems, or scrolls sideways on a phone")
@pytest.mark.parametrize("name", STILL)
def test_nothing_stands_in_anybodys_way(seen, name):
    page = seen(name)
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
    assert serious(page, "{runOnly: ['color-contrast']}") == []  # nothing else is another in the dark
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)  # charts follow
    assert max(page.evaluate(_WIDTHS)) <= 390


def test_axe_sees_what_is_wrong(seen):
    """A picture without words, put there by the test, is found."""
    page = seen("status")
    page.evaluate("document.querySelector('[data-testid=stMain]').append(new Image(9, 9))")
    assert [found.split(":")[0] for found in serious(page)] == ["image-alt"]
