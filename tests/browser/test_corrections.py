"""Corrections: made at once in the browser, stored on the server, and part of downloads."""

import json
import re

import pytest
from playwright.sync_api import expect

from har.results import CORRECTIONS, apply_corrections, export_text, open_annotation
from tests.browser.made import FPS, make_result
from tests.browser.test_player import open_result as open_player
from tests.browser.test_player import open_sliders, settled

PLAN = [0, 0, 0, 0, None, None, None, 1, 1, 1, 2, 2, 2, 0, 0, 1, 1]  # of half seconds
# Three segments confirmed one after the other, quicker than any hand.
_QUICKLY = """(right) => {
  const root = right.getRootNode();
  for (let number = 0; number < 3; number++) {
    root.querySelectorAll(".item")[number].click();
    right.click();
  }
}"""


@pytest.fixture
def made(app):
    return make_result(app.home, PLAN)


def open_result(page, made):
    """With editing on."""
    open_player(page, made)
    page.get_by_role("button", name="Edit", exact=True).click()
    return page


def relabel(page, label):
    """Type a label for the segment on the screen."""
    box = page.get_by_role("combobox", name="Label of this segment")
    box.fill(label)
    box.press("Enter")


def names(page):
    return page.locator(".player .item .name").all_text_contents()


def labels(made):
    """Runs of the table's labels, with the frame at which each begins and the mark of that frame."""
    lines = export_text(apply_corrections(open_annotation(made.folder)), "csv").splitlines()[1:]
    rows = [(line.split(",")[2], line.split(",")[4] if line.count(",") > 3 else None) for line in lines]
    return [(frame, *row) for frame, row in enumerate(rows) if frame == 0 or row != rows[frame - 1]]


def test_the_segment_that_is_pressed_is_the_one_that_is_corrected(page, app):
    """Also where the time at which it begins is rounded up on its way to the browser."""
    begin = 22  # at 0.7340666 s
    made = make_result(app.home, [0, 1, 2], frames=66, window_sec=float(begin / FPS) - 1e-4)
    open_result(page, made)
    page.locator(".player .item").nth(1).click()
    assert settled(page)[0] == begin
    expect(page.locator(".player .item").nth(1)).to_have_attribute("aria-current", "true")
    relabel(page, "squat")
    assert names(page) == ["squat", "squat", "walk"]
    wait_until_saved(page)


@pytest.mark.promise("jobs", "Two tabs lose no correction: the older one is refused, and can be redone")
def test_two_tabs_lose_no_correction(page, made):
    open_result(page, made)
    other = page.context.new_page()
    open_result(other, made)
    for tab, label in ((page, "walk"), (other, "wave")):
        tab.locator(".player .item").first.click()
        relabel(tab, label)
        if tab is page:
            wait_until_saved(tab)
    expect(other.get_by_text("changed in another tab")).to_be_visible()
    expect(other.locator(".player .item .name").first).to_have_text("walk")
    assert labels(made)[0][1] == "walk"
    other.get_by_role("button", name="Redo").click()
    wait_until_saved(other)
    assert labels(made)[0][1] == "wave"
    other.get_by_role("button", name="Undo").click()
    wait_until_saved(other)
    assert labels(made)[0][1] == "walk"
    other.close()


def wait_until_saved(page):
    expect(page.locator(".correct .saved")).to_have_text("Saved")


def drag(page, edge, to_sec, made):
    box = page.locator(".timeline").bounding_box()
    at = page.locator(".edge").nth(edge).bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, box["y"] + box["height"] - 20)
    page.mouse.down()
    for share in (0.3, 0.7, 1):
        goal = box["x"] + to_sec / made.duration_sec * box["width"]
        page.mouse.move(at["x"] + share * (goal - at["x"]), box["y"] + box["height"] - 20)
    page.mouse.up()


@pytest.mark.promise("numbers", "Corrections survive a reload")
def test_corrections_and_their_undo_survive_a_reload_and_reach_the_frame_table(page, made):
    open_result(page, made)
    assert names(page) == ["squat", "unsure", "wave", "walk", "squat", "wave"]
    page.evaluate("document.querySelector('video').dataset.same = 'yes'")
    page.locator(".timeline").scroll_into_view_if_needed()
    drag(page, 0, 2.5, made)
    moved = page.locator(".player .item .times").nth(1).text_content()
    assert moved[:6] in ("0:02.4", "0:02.5")  # a pixel is more than a frame
    page.locator(".player .item").nth(2).click()
    page.locator(".timeline").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    frame, _ = settled(page)
    page.get_by_role("button", name="Split here").click()
    relabel(page, "walk")
    expected = ["squat", "unsure", "wave", "walk", "walk", "squat", "wave"]
    assert names(page) == expected, names(page)
    page.get_by_role("button", name="Delete").click()
    assert names(page)[3] == "unsure"
    page.keyboard.press("Control+z")
    assert names(page) == expected, names(page)
    wait_until_saved(page)
    first = labels(made)
    page.reload()
    page.locator(".player .item").first.wait_for()
    page.get_by_role("button", name="Edit", exact=True).click()
    assert names(page) == expected, names(page)
    assert page.locator(".player .item .times").nth(1).text_content() == moved
    assert [row for row in first if row[2] == "corrected"] != []
    assert (frame, "walk", "corrected") in first
    assert abs(next(at for at, label, _ in first if label == "") - 2.5 * float(FPS)) <= 1
    page.get_by_role("button", name="Undo").click()  # what was done before the reload
    page.get_by_role("button", name="Undo").click()
    assert names(page) == ["squat", "unsure", "wave", "walk", "squat", "wave"]
    wait_until_saved(page)
    page.get_by_role("button", name="Redo").click()
    assert len(names(page)) == 7


def test_quick_corrections_are_sent_together(page, made):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_result(page, made)
    page.wait_for_timeout(1500)
    sent.clear()
    page.locator(".correct .confirm").evaluate(_QUICKLY)
    assert page.locator(".player .item .share").all_text_contents()[:3] == ["confirmed"] * 3
    wait_until_saved(page)
    assert len(sent) == 1


def test_keys_correct_segments_and_a_new_label_is_plain_text(page, made):
    open_result(page, made)
    page.locator(".timeline").focus()
    for key in ("]", "]", "m"):  # to the third segment, which is joined with the fourth
        page.keyboard.press(key)
    assert names(page) == ["squat", "unsure", "wave", "squat", "wave"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("i")  # begins a frame later
    frame, _ = settled(page)
    relabel(page, "one that is undone")
    page.keyboard.press("Control+z")
    relabel(page, "<img src=x onerror=alert(1)> s m l")
    assert names(page)[2] == "<img src=x onerror=alert(1)> s m l"
    assert page.locator(".player img").count() == 0
    wait_until_saved(page)
    assert (frame, "<img src=x onerror=alert(1)> s m l", "corrected") in labels(made)
    colour = page.locator(".player .item").nth(2).evaluate("item => item.style.getPropertyValue('--colour')")
    in_whole_video = page.locator(".whole li").filter(has_text="s m l")
    expect(in_whole_video).to_have_attribute("style", re.compile(f"--colour: {colour};"))


def test_labels_are_searched_by_typing(page, made):
    open_result(page, made)
    page.locator(".player .item").nth(1).click()  # lists its labels
    box = page.get_by_role("combobox", name="Label of this segment")
    options = page.get_by_role("listbox", name="Labels").get_by_role("option")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_contain_text("likely")
    expect(options.last).to_have_text("unsure")
    box.press_sequentially("wa")
    expect(options.first).to_have_text(re.compile("^wa"))
    assert all("wa" in text.lower() for text in options.all_text_contents())
    box.fill("WALK")
    expect(options.first).to_contain_text("walk")
    box.press("ArrowDown")
    box.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    active = box.get_attribute("aria-activedescendant")
    assert active == options.first.get_attribute("id")
    box.press("Escape")
    expect(box).to_have_value("unsure")
    assert names(page)[1] == "unsure"
    box.press("ArrowDown")
    box.fill("walk")
    box.press("Enter")
    assert names(page)[1] == "walk"
    expect(box).to_have_attribute("aria-expanded", "false")


def test_a_click_on_the_timeline_while_editing_lists_labels_of_another_segment(page, made):
    open_result(page, made)
    timeline, box = page.locator(".timeline"), page.get_by_role("combobox", name="Label of this segment")
    width = timeline.bounding_box()["width"]
    timeline.click(position={"x": 0.3 * width, "y": 30})
    expect(box).to_be_focused()
    page.get_by_role("listbox", name="Labels").get_by_role("option", name="walk").first.click()
    assert names(page)[1] == "walk"
    timeline.click(position={"x": 0.35 * width, "y": 30})  # the same segment: to find a frame in it
    expect(page.get_by_role("listbox", name="Labels")).to_be_hidden()


def test_keys_change_labels_only_while_editing_is_on(page, made):
    open_player(page, made)
    before = names(page)
    expect(page.locator(".correct")).to_be_hidden()
    expect(page.locator(".edge").first).to_be_hidden()
    page.locator(".timeline").focus()
    for key in ("]", "ArrowRight", "s", "i", "o", "m", "y", "Delete", "Control+z"):
        page.keyboard.press(key)
    assert names(page) == before
    assert page.locator(".player .item .share", has_text="c").count() == 0  # confirmed, corrected
    edit = page.get_by_role("button", name="Edit", exact=True)
    edit.click()
    page.locator(".timeline").focus()
    page.keyboard.press("s")
    assert len(names(page)) == len(before) + 1
    edit.click()
    expect(edit).to_have_attribute("aria-pressed", "false")
    page.locator(".timeline").focus()
    page.keyboard.press("m")
    assert len(names(page)) == len(before) + 1


def test_an_unsure_segment_that_gets_a_label_has_one_caption(page, made):
    open_result(page, made)
    page.locator(".player .item").nth(1).click()
    relabel(page, "walk")
    cues = "[...document.querySelector('video').textTracks[0].cues].map((cue) => cue.text)"
    expected = ["squat", "walk", "wave", "walk", "squat", "wave"]
    assert page.evaluate(cues) == expected
    wait_until_saved(page)
    expect(
        page.get_by_text("They override the chosen labels")
    ).to_be_visible()  # the page has run again, with other captions
    for _ in range(15):
        page.wait_for_timeout(100)
        assert len(page.evaluate(cues)) <= len(expected)
    assert page.evaluate(cues) == expected


def test_a_reset_restores_the_classifiers_timeline_and_can_be_undone(page, made):
    open_result(page, made)
    page.get_by_role("button", name="Confirm the rest").click()
    wait_until_saved(page)
    page.get_by_role("button", name="Delete").click()
    wait_until_saved(page)
    expect(page.get_by_text("They override the chosen labels")).to_be_visible()
    page.get_by_role("button", name="Reset to the model's answer").click()
    expect(page.get_by_text("They override the chosen labels")).to_have_count(0)
    first = page.locator(".player .item").first
    expect(first.locator(".name")).to_have_text("squat")  # the player hears of it a moment after the page
    expect(first.locator(".share")).not_to_have_text("confirmed")
    page.get_by_role("button", name="Undo").click()
    expect(first.locator(".name")).to_have_text("unsure")


def test_a_new_threshold_does_not_change_corrections(page, made):
    open_result(page, made)
    page.get_by_role("button", name="Delete").click()
    wait_until_saved(page)
    open_sliders(page)
    expect(page.get_by_role("slider", name="Threshold")).to_be_disabled()
    expect(page.get_by_text("these sliders have no effect")).to_be_visible()
    page.goto(made.address.replace("threshold=0.4", "threshold=1"))
    page.locator(".player .item").first.wait_for()
    assert names(page) == ["unsure", "unsure", "wave", "walk", "squat", "wave"]


def test_on_a_phone_a_finger_drags_an_edge_of_the_current_segment(phone, made):
    page = open_result(phone, made)
    page.locator(".timeline").scroll_into_view_if_needed()
    box = page.locator(".timeline").bounding_box()
    edge = page.locator(".edge").first.bounding_box()
    start = {"x": edge["x"] + edge["width"] / 2, "y": box["y"] + box["height"] / 2}
    finger = phone.context.new_cdp_session(page)
    for kind, x in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
        points = [] if x is None else [{"x": start["x"] + x, "y": start["y"]}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    wait_until_saved(page)
    assert labels(made)[1][0] == pytest.approx((2.0 + 40 / box["width"] * made.duration_sec) * float(FPS), abs=2)
    wide = "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
    assert page.evaluate(wide) <= 390
    for button in page.locator(".correct button:visible").all():
        size = button.bounding_box()
        assert size["height"] >= 32
        assert size["x"] + size["width"] <= 390


@pytest.mark.promise("hostile", "Viewers see a corrected result and cannot change it")
def test_viewers_see_corrections_and_cannot_change_them(page, made):
    open_result(page, made)
    page.get_by_role("button", name="Delete").click()
    wait_until_saved(page)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Create a link").click()
    address = page.locator("[data-testid=stCode]").inner_text().strip()
    page.goto(address)
    page.locator(".player .item").first.wait_for()
    assert names(page)[0] == "unsure"
    expect(page.locator(".correct")).to_be_hidden()
    assert page.locator(".edge").count() == 0
    assert json.loads((made.folder / CORRECTIONS).read_text())["now"][0] == [0.0, None, "corrected"]
