"""The player on a video whose pictures encode their frame number, so labels can be compared with the frame table."""

import random
import re
from contextlib import nullcontext, suppress
from itertools import pairwise

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.browser.conftest import watched_page
from tests.browser.made import FPS, FRAMES, SHOWN, make_result

PLAN = [0, 0, 0, 0, None, None, None, 1, 1, 1, 2, 2, 2, 0, 0, 1, 1]  # of half seconds
_ROOT = "[...document.querySelectorAll('*')].map((one) => one.shadowRoot).find((one) => one?.querySelector('.player'))"
_PANEL = f"""() => {{
  const root = {_ROOT};
  const text = (name) => root.querySelector(`.now .${{name}}`).textContent;
  return {{ frame: Number(root.querySelector(".now").dataset.frame), label: text("label"), sure: text("sure") }};
}}"""
_SAMPLES = f"""async (waits) => {{
  const found = [];
  for (const wait of waits) {{
    await new Promise((on) => setTimeout(on, wait));
    found.push([({SHOWN})(), ({_PANEL})()]);
  }}
  return found;
}}"""


@pytest.fixture(scope="module")
def made(app):
    return make_result(app.home, PLAN)


@pytest.fixture(scope="module")
def one_page(visitors, made):
    with watched_page(visitors) as page:
        yield open_result(page, made)


@pytest.fixture
def opened(one_page):
    """One page for all tests that change nothing on it but the position."""
    pause_at_start(one_page)
    return one_page


@pytest.fixture
def player(page, made):
    return open_result(page, made)


def open_result(page, made):
    page.goto(made.address)
    page.locator(".player .item").first.wait_for()
    expect(page.locator("video")).to_have_count(1)  # the page keeps the former one until it has drawn the new one
    page.wait_for_function("document.querySelector('video')?.readyState === 4")
    pause_at_start(page)
    return page


def pause_at_start(page):
    """The video plays by itself, muted, when the page opens; the page may still replace it."""
    for timeout_ms in (*[5_000] * 10, None):
        page.evaluate(
            """() => {
              const video = document.querySelector("video");
              video.pause();
              video.currentTime = 0;
            }"""
        )
        with suppress(PlaywrightTimeout) if timeout_ms else nullcontext():
            settled(page, timeout_ms)
            return


def open_sliders(page):
    page.get_by_text("Threshold and smoothing").click()
    page.get_by_role("slider", name="Threshold").wait_for()


def settled(page, timeout_ms=None):
    """The frame on the screen and the panel's content, once seeking has ended."""
    page.wait_for_function("!document.querySelector('video').seeking", timeout=timeout_ms)
    page.evaluate("() => new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))")
    page.wait_for_function(f"({SHOWN})() === ({_PANEL})().frame", timeout=timeout_ms)
    return page.evaluate(SHOWN), page.evaluate(_PANEL)


def matches_the_table(panel, rows):
    label, confidence = rows[panel["frame"]]
    sure = f"{float(confidence):.0%}" if label else ""
    return panel["label"] == (label or "unsure") and panel["sure"] in (sure, *_rounded_at_a_half(confidence, label))


def _rounded_at_a_half(confidence, label):
    """Near a half JavaScript and Python may round differently, and so may 16 bits."""
    share = 100 * float(confidence)
    return (f"{int(share)}%", f"{int(share) + 1}%") if label and abs(share % 1 - 0.5) < 0.01 else ()


def test_a_click_seeks_to_the_frame_without_a_rerun(page, made):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_result(page, made)
    rows = made.rows()
    timeline = page.locator(".timeline")
    width = timeline.bounding_box()["width"]
    while sent:  # what the page sends after it has been loaded
        sent.clear()
        page.wait_for_timeout(3000)
    for share in (0.013, 0.97, 0.5, 0.251, 0.333, 0.72, 0.111, 0.888):
        timeline.click(position={"x": share * width, "y": 30})
        shown, panel = settled(page)
        assert abs(shown - share * made.duration_sec * float(FPS)) <= 1.5  # within the frame or its neighbour
        assert panel["frame"] == shown
        assert matches_the_table(panel, rows)
    assert sent == []


def test_dragging_seeks_to_where_the_pointer_is_released(opened, made):
    opened.locator(".timeline").hover(position={"x": 10, "y": 30})  # which waits until it no longer moves
    box = opened.locator(".timeline").bounding_box()
    opened.mouse.down()
    for step in range(1, 40):
        opened.mouse.move(box["x"] + 10 + step * 10, box["y"] + 30)
    opened.mouse.up()
    shown, _ = settled(opened)
    assert abs(shown - 400 / box["width"] * FRAMES) <= 1.5
    opened.mouse.move(box["x"] + 50, box["y"] + 30)  # no longer held
    assert settled(opened)[0] == shown


def test_labels_match_the_frame_table_at_fifty_times_while_playing(opened, made):
    rows = made.rows()
    rng = random.Random(5)
    found = []
    for begin_sec in (0, 4):
        play = "t => { const video = document.querySelector('video'); video.currentTime = t; video.play() }"
        opened.evaluate(play, begin_sec)
        found += opened.evaluate(_SAMPLES, [rng.uniform(10, 250) for _ in range(25)])
    assert all(matches_the_table(panel, rows) for _, panel in found)
    assert max(abs(shown - panel["frame"]) for shown, panel in found) <= 2  # a picture may come while we look
    assert len({panel["frame"] for _, panel in found}) > 30
    assert {panel["label"] for _, panel in found} == {"squat", "wave", "walk", "unsure"}


def test_labels_match_the_frame_table_after_fifty_seeks(opened, made):
    rows = made.rows()
    rng = random.Random(6)
    for _ in range(50):
        seconds = rng.uniform(0, made.duration_sec - 0.01)
        opened.evaluate("t => { document.querySelector('video').currentTime = t }", seconds)
        shown, panel = settled(opened)
        assert shown == int(seconds * FPS)
        assert matches_the_table(panel, rows)


@pytest.mark.promise(
    "display", "The label is that of the frame on the screen, also after late reports and several seeks"
)
def test_a_frame_that_is_reported_late_does_not_move_a_paused_player(page, made):
    """Browsers may report a frame from before a seek after it."""
    page.add_init_script(
        "HTMLVideoElement.prototype.requestVideoFrameCallback = function (report) { window.report = report; return 1 }"
    )
    open_result(page, made)
    page.locator(".timeline").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert settled(page)[0] == 30
    page.evaluate("window.report(0, { mediaTime: 29 * 1001 / 30000 })")
    assert page.evaluate(_PANEL)["frame"] == 30
    page.evaluate("document.querySelector('video').dispatchEvent(new Event('play'))")
    page.evaluate("window.report(0, { mediaTime: 31 * 1001 / 30000 })")
    assert page.evaluate(_PANEL)["frame"] == 31


def test_of_two_seeks_the_last_counts_whoever_made_it(opened):
    opened.locator(".player .item").nth(3).evaluate(
        """(item) => {
          item.click();
          document.querySelector("video").currentTime = 1;
        }"""
    )
    opened.wait_for_function(f"({_PANEL})().frame === 29")
    assert settled(opened)[0] == 29


def test_keys_seek_by_frames_and_by_segments(opened, made):
    timeline = opened.get_by_role("slider", name="Position in the video")
    timeline.focus()
    labels = [label for label, _ in made.rows()]
    starts = [0, *(frame for frame in range(1, FRAMES) if labels[frame] != labels[frame - 1])]
    for key, frame in (
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("]", starts[1]),
        ("]", starts[2]),
        ("ArrowLeft", starts[2] - 1),
        ("[", starts[1]),
        ("[", 0),
        ("End", FRAMES - 1),
        ("ArrowRight", FRAMES - 1),
        ("Home", 0),
        ("Shift+ArrowRight", 30),
    ):
        opened.keyboard.press(key)
        assert settled(opened)[0] == frame, key
    paused = "document.querySelector('video').paused"
    opened.keyboard.press("Space")
    opened.wait_for_function(f"!{paused} && document.querySelector('video').currentTime > 1.2")
    opened.keyboard.press("Space")
    opened.wait_for_function(paused)
    assert settled(opened)[0] > 35


def test_keys_work_on_the_video_but_not_elsewhere_on_the_page(player):
    player.locator("video").focus()
    player.keyboard.press("ArrowRight")
    assert settled(player)[0] == 1
    open_sliders(player)
    player.get_by_role("slider", name="Smoothing").focus()
    for key in ("]", "l", "ArrowRight"):
        player.keyboard.press(key)
    assert settled(player)[0] == 1
    expect(player.get_by_role("slider", name="Smoothing")).to_have_value("0.1")


def test_a_double_click_loops_a_segment_until_one_seeks_elsewhere(opened, made):
    labels = [label for label, _ in made.rows()]
    first, last = labels.index("walk"), len(labels) - 1 - labels[::-1].index("walk")
    width = opened.locator(".timeline").bounding_box()["width"]
    opened.locator(".timeline").dblclick(position={"x": (first + last) / 2 / FRAMES * width, "y": 30})
    expect(opened.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    frames = [panel["frame"] for _, panel in opened.evaluate(_SAMPLES, [40] * 110)]
    assert first <= min(frames)
    assert max(frames) <= last
    assert sum(after < before for before, after in pairwise(frames)) >= 2
    opened.keyboard.press("Escape")
    opened.wait_for_function(f"({_PANEL})().frame > {last + 3}")
    expect(opened.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")
    opened.get_by_role("list", name="Segments").get_by_role("button").nth(2).dblclick()
    expect(opened.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    opened.get_by_role("list", name="Segments").get_by_role("button").nth(0).click()
    expect(opened.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")


def test_screen_readers_get_every_segment_and_the_position(opened):
    segments = opened.get_by_role("list", name="Segments").get_by_role("button")
    expect(segments).to_have_count(6)
    expect(segments.nth(1)).to_have_accessible_name(re.compile(r"unsure\s*0:02\.0\d – 0:03\.5\d\s*\d+%"))
    segments.nth(2).click()
    settled(opened)
    expect(segments.nth(2)).to_have_attribute("aria-current", "true")
    timeline = opened.get_by_role("slider", name="Position in the video")
    expect(timeline).to_have_attribute("aria-valuetext", re.compile(r"0:03\.5\d, wave, \d+%"))
    expect(opened.get_by_role("button", name="Play", exact=True)).to_be_visible()


def wait_for_label_on_film(page):
    """Until the label is in the upper left quarter of the picture."""
    page.wait_for_function(
        f"""() => {{
          const both = [document.querySelector("video"), ({_ROOT})?.querySelector(".now .label")];
          if (!both.every(Boolean)) return false; // the page is being drawn again
          const [film, label] = both.map((one) => one.getBoundingClientRect());
          const inside = (start, size, at) => start < at && at < start + size / 2;
          return inside(film.x, film.width, label.x) && inside(film.y, film.height, label.y);
        }}"""
    )


def test_the_label_on_the_picture_can_be_switched_off(opened):
    label = opened.locator(".now .label")
    expect(label).to_have_text("squat")
    wait_for_label_on_film(opened)
    button = opened.get_by_role("button", name="Label", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(label).to_be_hidden()
    opened.locator(".timeline").focus()
    opened.keyboard.press("c")
    expect(label).to_be_visible()


def test_captions_show_the_label_in_full_screen_alone(opened):
    mode = "document.querySelector('video').textTracks[0].mode"
    cues = "[...document.querySelector('video').textTracks[0].cues].map((cue) => cue.text)"
    opened.wait_for_function("document.querySelector('video').textTracks[0]?.cues?.length")
    assert opened.evaluate(cues) == ["squat", "wave", "walk", "squat", "wave"]
    assert opened.evaluate(mode) == "hidden"
    opened.evaluate("document.querySelector('video').requestFullscreen()")
    opened.wait_for_function(f"{mode} === 'showing'")
    opened.evaluate("document.exitFullscreen()")
    opened.wait_for_function(f"{mode} === 'hidden'")


def test_the_video_plays_by_itself_without_sound(page, made):
    page.goto(made.address)
    page.wait_for_function("document.querySelector('video')?.currentTime > 0.2")
    assert page.evaluate("document.querySelector('video').muted")


def test_it_does_not_play_by_itself_for_those_who_want_no_motion(page, made):
    page.emulate_media(reduced_motion="reduce")
    page.goto(made.address)
    page.locator(".player .item").first.wait_for()
    page.wait_for_function("document.querySelector('video')?.readyState === 4")
    assert page.evaluate("document.querySelector('video').paused")


def test_the_timeline_of_a_long_video_zooms_and_follows(page, app):
    made = make_result(app.home, [number // 4 % 3 for number in range(120)], frames=1800)
    open_result(page, made)
    timeline, lane = page.locator(".timeline"), page.locator(".lane")
    whole = timeline.bounding_box()["width"]
    zoom = page.get_by_role("combobox", name="Zoom of the timeline")
    zoom.select_option("4×")
    assert timeline.bounding_box()["width"] == pytest.approx(4 * whole)
    timeline.focus()
    page.keyboard.press("End")
    page.wait_for_function(f"({_PANEL})().frame === 1799")
    head = page.locator(".head").bounding_box()["x"]
    box = lane.bounding_box()
    assert box["x"] < head <= box["x"] + box["width"]
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 30)  # an eighth of the video before its end
    page.wait_for_function(f"Math.abs(({_PANEL})().frame - {1800 * 7 / 8}) < 8")
    page.keyboard.press("-")
    expect(zoom).to_have_value("1")
    assert timeline.bounding_box()["width"] == pytest.approx(whole)


def test_speed_can_be_chosen_a_question_mark_shows_the_keys_and_a_short_video_has_no_zoom(player):
    expect(player.locator(".zoom")).to_be_hidden()
    speed = player.get_by_role("combobox", name="Speed")
    assert speed.locator("option").all_text_contents() == ["0.25×", "0.5×", "1×", "1.5×", "2×", "4×"]
    for rate in ("0.25", "4"):
        speed.select_option(rate)
        assert player.evaluate("document.querySelector('video').playbackRate") == float(rate)
    keys = player.get_by_role("group", name="Keys")
    expect(keys).to_be_hidden()
    player.locator(".timeline").focus()
    player.keyboard.press("?")
    expect(keys).to_contain_text("start or end the segment at this frame")
    player.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    player.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()


def test_a_new_threshold_acts_at_once_and_keeps_the_video_position(player):
    player.locator(".timeline").focus()
    player.keyboard.press("]")
    frame, _ = settled(player)
    player.evaluate("document.querySelector('video').dataset.same = 'yes'")
    open_sliders(player)
    player.get_by_role("slider", name="Threshold").focus()
    player.keyboard.press("End")
    expect(player.get_by_role("list", name="Segments").get_by_role("button")).to_have_count(1)
    assert settled(player)[0] == frame
    player.locator(".timeline").focus()
    player.keyboard.press("ArrowRight")  # one player hears it, not also the one before
    assert settled(player)[0] == frame + 1
    player.locator(".timeline").click(position={"x": 100, "y": 30})
    frame, panel = settled(player)
    assert panel["label"] == "Closest: squat"
    assert player.evaluate("document.querySelector('video').dataset.same") == "yes"


def test_on_a_phone_the_player_fits_and_a_finger_seeks(phone, made):
    page = open_result(phone, made)
    wide = "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
    assert page.evaluate(wide) <= 390
    timeline = page.locator(".timeline")
    timeline.scroll_into_view_if_needed()
    box = timeline.bounding_box()
    assert box["x"] + box["width"] <= 390
    timeline.tap(position={"x": box["width"] / 2, "y": 30})
    assert abs(settled(page)[0] - FRAMES / 2) <= 1.5
    for button in page.locator(".controls button").all():
        size = button.bounding_box()
        assert min(size["width"], size["height"]) >= 44
        assert size["x"] + size["width"] <= 390


def test_labels_are_plain_text_and_many_long_ones_fit(page, app):
    names = ("<img src=x onerror=alert(1)> **b**", "changing a wheel, but not on a bicycle, " * 3, "=cmd()")
    made = make_result(app.home, [number % 3 for number in range(120)], names, frames=1800)
    open_result(page, made)
    items = page.locator(".player .item")
    expect(items).to_have_count(120)
    assert page.locator(".player img").count() == 0
    expect(page.locator(".now .label")).to_have_text(names[0])
    expect(items.nth(2).locator(".name")).to_have_text("=cmd()")
    assert page.locator(".whole .of").evaluate_all("all => all.every((each) => each.scrollWidth <= each.clientWidth)")
    items.nth(1).click()
    expect(page.locator(".now .label")).to_have_text(names[1])
    page.evaluate("document.documentElement.style.setProperty('--ratio', 0.5625)")
    picture = page.locator(".over").bounding_box()
    for chip in page.locator(".on-picture").all():
        box = chip.bounding_box()
        assert picture["x"] <= box["x"]
        assert box["x"] + box["width"] <= picture["x"] + picture["width"]
    page.locator(".timeline").focus()
    page.set_viewport_size({"width": 1280, "height": 1600})  # all of the list's box, which scrolls by itself
    page.keyboard.press("End")
    expect(items.nth(119)).to_be_in_viewport()
    expect(items.nth(0)).not_to_be_in_viewport()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 1280


def test_frames_that_were_not_analysed_have_no_label(page, app):
    made = make_result(app.home, [0] * 8, stopped_at=120)
    open_result(page, made)
    page.evaluate("document.querySelector('video').currentTime = 6")
    page.wait_for_function(f"({_PANEL})().label === 'not analysed'")
    page.locator(".timeline").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"({_PANEL})().label === 'squat'")


def test_cuts_are_marked_divide_segments_and_are_read_aloud(page, app):
    made = make_result(app.home, [0] * 16, cuts_sec=(2.0, 5.5))
    open_result(page, made)
    lefts = page.locator(".player .cut").evaluate_all("(cuts) => cuts.map((cut) => parseFloat(cut.style.left))")
    assert lefts == pytest.approx([100 * cut / made.duration_sec for cut in (2.0, 5.5)], abs=0.01)
    assert page.locator(".player .item").count() == 3
    timeline = page.locator(".player .timeline")
    timeline.focus()
    expect(timeline).to_have_attribute("aria-valuetext", re.compile("shot 1 of 3$"))
    for shot in (2, 3):
        page.keyboard.press("]")
        expect(timeline).to_have_attribute("aria-valuetext", re.compile(f"shot {shot} of 3$"))
    page.keyboard.press("ArrowLeft")
    expect(timeline).to_have_attribute("aria-valuetext", re.compile("shot 2 of 3$"))
