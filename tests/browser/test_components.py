"""How components bear the order in which Streamlit calls them."""

import pytest

from har.results import open_annotation
from tests.browser.made import SHARP, make_result
from ui import preview_wall
from ui.annotate import corrections, player
from ui.theme import joined

# Data change while the script is being loaded: Streamlit calls it for both, and then the first call's cleanup.
_TWO_CALLS = """async ([html, script, data]) => {
  const host = document.body.appendChild(document.createElement("div"));
  const parentElement = host.attachShadow({ mode: "open" });
  parentElement.innerHTML = html;
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const component = (await import(url)).default;
  window.sent = [];
  const send = (name) => window.sent.push(name);
  const call = () => component({ parentElement, data, setStateValue: send, setTriggerValue: send });
  const [first, second] = [call(), call()];
  first();
  window.endLast = second;
}"""


def _parts(module):
    return joined(module._FILES, ".html"), joined(module._FILES, ".js")


@pytest.fixture
def blank(browser):
    with browser.new_context() as context:
        yield context.new_page()


def test_a_player_lives_on_after_the_cleanup_of_an_earlier_call(blank, app):
    shown = open_annotation(make_result(app.home, [0, 1, None, 2]).folder).relabelled(SHARP)
    data = player.packed(shown, None) | {"mark": "1", "video": "none", "mayAsk": True}
    data["edit"] = corrections.player_data(shown, own=True)
    blank.evaluate(_TWO_CALLS, [*_parts(player), [data]])
    label = blank.get_by_role("button", name="Label", exact=True)
    label.click()
    assert label.get_attribute("aria-pressed") == "false"
    blank.evaluate("window.endLast()")
    label.click()
    assert label.get_attribute("aria-pressed") == "false"


def test_a_wall_requests_pictures_after_the_cleanup_of_an_earlier_call(blank):
    cell = {"id": "a", "title": "A clip", "detail": "", "heading": "", "mark": ""}
    shape = {"frames": 12, "fps": 6, "ratio": 4 / 3, "small": False}
    data = {"mark": "1", "cells": [cell], "pictures": {}, "shape": shape}
    blank.evaluate(_TWO_CALLS, [*_parts(preview_wall), [data]])
    blank.wait_for_function("window.sent.includes('wanted')")
