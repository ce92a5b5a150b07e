"""How it works: the slider and Play work in the browser alone."""

import pytest
from playwright.sync_api import expect

from har.explain import activations
from tests.browser.conftest import watched_page
from tests.browser.scenes import settle

GATES = activations.stored_activations("lrcn-figures", activations.DEFAULT_LABEL).gates
UNIT = GATES.hidden.std(axis=0).argmax()
_MARKS = """() => [...document.querySelectorAll(".st-key-how-chart-steps .shapelayer path")].map(
  (line) => line.getBoundingClientRect().x
)"""


@pytest.fixture(scope="module")
def how(visitors):
    """One page for all tests: each moves its slider first."""
    with watched_page(visitors) as page:
        page.goto("/how")
        page.get_by_text("Donahue et al.").wait_for()  # the end of the page
        slider(page).wait_for()
        page.wait_for_function(f"({_MARKS})().length === 2")
        yield page


def slider(page):
    return page.get_by_role("slider", name="Frame")


def calculation(page):
    return page.locator(".st-key-how-cell p")


def move_to(page, step):
    slider(page).fill(str(step))


def test_slider_moves_pictures_marks_and_the_calculation_without_a_rerun(how):
    sent = []
    session = how.context.new_cdp_session(how)
    session.send("Network.enable")
    session.on("Network.webSocketFrameSent", lambda frame: sent.append(frame))
    seen = []
    for step in (0, 19):
        move_to(how, step)
        cell, before = GATES.cell[step, UNIT], GATES.cell[step - 1, UNIT] if step else 0
        expect(calculation(how)).to_contain_text(f"At frame {step + 1}: cell = ")
        expect(calculation(how)).to_contain_text(f" × ({before:.2f}) + ")
        expect(calculation(how)).to_contain_text(f" = {cell:.2f}, and")
        keys = ("how-original", "how-input", "how-maps-0")
        seen.append([how.locator(f".st-key-{key} img").first.get_attribute("src") for key in keys])
        mark, last = how.evaluate(_MARKS)
        seen[-1].append(round(mark))
        assert (round(mark) == round(last)) is (step == 19)
    assert all(first != then for first, then in zip(*seen, strict=True))
    assert sent == []


def test_play_goes_through_all_frames_and_begins_again(how):
    move_to(how, 18)
    how.get_by_role("button", name="Play").click()
    expect(calculation(how)).to_contain_text("At frame 20:")
    expect(calculation(how)).to_contain_text("At frame 1:")
    how.get_by_role("button", name="Pause").click()
    expect(how.get_by_role("button", name="Play")).to_be_visible()


def test_another_unit_keeps_the_frame(how):
    move_to(how, 4)
    other = int((-GATES.hidden.std(axis=0)).argsort(kind="stable")[1])
    unit = how.get_by_role("combobox", name="Unit")
    unit.click()
    unit.fill(str(other))
    how.get_by_role("option", name=str(other), exact=True).wait_for()
    unit.press("Enter")
    expect(calculation(how)).to_contain_text(f" = {GATES.cell[4, other]:.2f}, and")
    expect(calculation(how)).to_contain_text("At frame 5:")


def test_another_network_takes_the_place_of_the_first(how):
    """Both are on the page for a moment, and must not answer each other's changes for ever."""
    for title, heading in (("ConvLSTM on figures", "A ConvLSTM"), ("LRCN on figures", "An LSTM")) * 2:
        settle(how)  # a rerun would close the list again
        network = how.get_by_role("combobox", name="Network")
        network.scroll_into_view_if_needed()
        how.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # so would this
        network.click()
        how.get_by_role("option", name=title).click()
        how.get_by_role("heading", name=f"3 · {heading} remembers").wait_for()
        expect(slider(how)).to_have_count(1)
        move_to(how, 0)
        expect(calculation(how)).to_contain_text("At frame 1")


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_slider_stays_in_view_and_contents_lead_to_their_section(how, size):
    how.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    how.get_by_role("link", name="Probabilities").click()
    heading = how.get_by_role("heading", name="4 · Probabilities")
    expect(heading).to_be_in_viewport()
    expect(slider(how)).to_be_in_viewport()
    assert heading.bounding_box()["y"] > slider(how).bounding_box()["y"]
