"""Teach with a camera that plays a film."""

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from benchmarks.running import camera, chromium
from har.datasets.figures import draw_clip
from har.video import run_ffmpeg, write_video
from tests.browser.axe import serious
from tests.browser.conftest import PHONE, _need_chromium
from tests.browser.scenes import as_owner, settle

_SERIES_MS = 180_000  # of eight clips, on a slow machine
_TRAIN_MS = 400_000
_COLUMN = "[class*='st-key-teach-column-']"
_COUNT = "[class*='st-key-teach-count-']"


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """What cameras see, by the action in it."""
    folder = tmp_path_factory.mktemp("films")
    for action in ("JumpingJack", "Wave"):
        clip = folder / f"{action}.mp4"
        write_video(clip, draw_clip(action, 1, 1), Fraction(25))
        scale = ["-vf", "scale=640:480", "-r", "30", "-q:v", "5", "-pix_fmt", "yuvj420p", "-f", "mjpeg"]
        run_ffmpeg(["-i", str(clip), *scale, str(folder / f"{action}.mjpeg")])
    return {action: folder / f"{action}.mjpeg" for action in ("JumpingJack", "Wave")}


@pytest.fixture(scope="module")
def waving(films):
    """A browser whose camera sees 'Wave'."""
    _need_chromium()
    with chromium(camera(films["Wave"])) as browser:
        yield browser


@pytest.fixture
def see(app, waving):
    """Opens a page in that browser, or in another one."""
    errors = []

    def seen(act, address="/teach", browser=waving):
        with browser.new_context(base_url=app.url, viewport={"width": 1280, "height": 900}) as context:
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            as_owner(page)
            page.goto(address)
            page.get_by_role("button", name="Add a class").wait_for()
            act(page)
            return page.url.replace(app.url, "")

    yield seen
    assert errors == []


def open_camera(page, number=0):
    page.locator(_COLUMN).nth(number).get_by_role("button", name="Record", exact=True).click()
    return page.locator(".recorder")


def expect_clips(page, number, count, timeout=_SERIES_MS):
    word = "clip" if count == 1 else "clips"
    expect(page.locator(_COUNT).nth(number)).to_contain_text(f"{count} {word}", timeout=timeout)


_HEAR = """() => {
  window.heard = [];
  const spoken = document.querySelector(".recorder") ?? [...document.querySelectorAll("*")]
    .map((each) => each.shadowRoot?.querySelector(".recorder")).find(Boolean);
  const line = spoken.querySelector(".spoken");
  new MutationObserver(() => window.heard.push([performance.now(), line.textContent])).observe(line, {
    childList: true,
  });
}"""


@pytest.mark.promise("display", "Two moves are shown to the camera, trained and kept on one page")
def test_two_classes_are_recorded_in_series_of_eight_trained_and_kept(app, see, films):
    def record(number, name):
        def act(page):
            box = page.locator(_COLUMN).nth(number).get_by_role("textbox", name="Name of the class")
            settle(page)  # a box that is drawn again loses what is typed
            box.fill(name)
            box.press("Enter")
            settle(page)
            recorder = open_camera(page, number)
            series = recorder.get_by_role("button", name="Record 8 clips")
            series.wait_for()
            page.evaluate(_HEAR)
            series.focus()
            page.keyboard.press("Enter")
            expect(recorder.get_by_role("button", name="Stop")).to_be_focused()
            expect(page.locator(_COUNT).nth(number)).not_to_contain_text("0 clips", timeout=_SERIES_MS)
            expect(recorder.get_by_role("button", name="Stop")).to_be_visible()  # while others are still recorded
            expect_clips(page, number, 8)
            expect(series).to_be_visible()
            heard = page.evaluate("window.heard")
            assert any("Recording starts" in text for _, text in heard)
            times = [at for at, _ in heard]
            assert all(later - earlier > 1900 for earlier, later in pairwise(times))

        return act

    with chromium(camera(films["JumpingJack"])) as browser:
        address = see(record(0, "Jump"), browser=browser)
    address = see(record(1, "Wave"), address)
    name = re.search(r"own-[\w-]+", address)[0]
    files = sorted(
        str(path.relative_to(app.home / "own-datasets" / name))
        for path in (app.home / "own-datasets" / name).glob("*/*")
    )
    assert files == [f"{label}/take_g01_c{number:02}.webm" for label in ("Jump", "Wave") for number in range(1, 9)]

    def train(page):
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_role("button", name=re.compile("^Stop"))).to_be_visible()
        expect(page.get_by_role("heading", name="It knows your moves")).to_be_visible(timeout=_TRAIN_MS)
        expect(page.get_by_text("too few takes to say")).to_be_visible()
        lesson = page.url
        page.get_by_role("button", name="Keep the clips, open in Explore").click()
        page.wait_for_url(re.compile(r"/explore\?dataset=own-"))
        expect(page.locator(".cell.playing").first).to_be_visible()
        page.goto(lesson)
        page.get_by_role("button", name="Keep the classifier, use in Annotate").click()
        page.wait_for_url(re.compile(r"/annotate\?classifier="))
        expect(page.get_by_role("combobox", name="Classifier")).to_have_value(re.compile("^Yours: "))

    see(train, address)
    assert not (app.home / "own-datasets" / name / ".draft").exists()


def test_holding_a_key_records_and_letting_go_ends_it(see):
    def act(page):
        recorder = open_camera(page)
        hold = recorder.get_by_role("button", name="Hold to record")
        hold.wait_for()
        hold.focus()
        page.keyboard.down(" ")
        expect(page.locator(_COUNT).first).not_to_contain_text("0 clips", timeout=_SERIES_MS)
        page.keyboard.up(" ")
        expect(recorder.get_by_role("button", name="Record 8 clips")).to_be_visible()
        recorder.get_by_role("checkbox", name="Beep").uncheck()
        recorder.get_by_role("button", name="Close the camera").click()
        expect(page.locator(_COLUMN).first.get_by_role("button", name="Record", exact=True)).to_be_visible()
        recorder = open_camera(page, 1)
        expect(recorder.get_by_role("checkbox", name="Beep")).not_to_be_checked()

    see(act)


def test_what_was_recorded_stays_when_the_camera_is_unplugged(see):
    def act(page):
        recorder = open_camera(page)
        recorder.get_by_role("button", name="Record 8 clips").click()
        expect(page.locator(_COUNT).first).not_to_contain_text("0 clips", timeout=_SERIES_MS)
        unplug = (
            "video => { for (const track of video.srcObject.getTracks()) track.dispatchEvent(new Event('ended')); }"
        )
        recorder.locator("video").evaluate(unplug)
        expect(recorder.get_by_role("alert")).to_contain_text("The camera was disconnected. Connect it again")
        recorder.get_by_role("button", name="Start the camera").click()
        expect(recorder.get_by_role("button", name="Record 8 clips")).to_be_visible()
        expect(page.locator(_COUNT).first).not_to_contain_text("0 clips")

    see(act)


_SLOW = """() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.opened = [];
  window.allow = [];
  navigator.mediaDevices.getUserMedia = async (wish) => {
    await new Promise((resolve, reject) => window.allow.push({ resolve, reject }));
    const stream = await open(wish);
    window.opened.push(stream);
    return stream;
  };
}"""
_ALL_OFF = "opened.length === 2 && opened.every((each) => each.getTracks().every((it) => it.readyState === 'ended'))"


def test_no_camera_stays_on_that_was_allowed_too_late(see):
    """Refused, then started twice before the browser's question was answered, and closed."""

    def act(page):
        page.evaluate(_SLOW)
        recorder = open_camera(page)
        page.wait_for_function("window.allow.length === 1")
        page.evaluate("window.allow.pop().reject(new DOMException('no', 'NotAllowedError'))")
        for _ in range(2):
            recorder.get_by_role("button", name="Start the camera").click()
        page.evaluate("window.allow.forEach(({ resolve }) => resolve())")
        expect(recorder.get_by_role("button", name="Record 8 clips")).to_be_visible()
        recorder.get_by_role("button", name="Close the camera").click()
        page.wait_for_function(_ALL_OFF)

    see(act)


_FAILING = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{name}'));"
_UNUSABLE = {
    _FAILING.format(name="NotAllowedError"): "Allow it in the browser's address bar",
    _FAILING.format(name="NotFoundError"): "No camera was found",
    _FAILING.format(name="NotReadableError"): "Another program is using the camera",
    "Object.defineProperty(navigator, 'mediaDevices', { configurable: true });": "Open this page by its https address",
    "delete navigator.mediaDevices; delete window.MediaRecorder;": "This browser cannot record video",
}


def test_whatever_keeps_the_camera_from_working_is_explained(see):
    def act(page):
        for script, sentence in _UNUSABLE.items():
            page.evaluate(f"() => {{ {script} }}")
            recorder = open_camera(page)
            expect(recorder.get_by_role("alert")).to_contain_text(sentence)
            expect(recorder.get_by_role("button", name="Record 8 clips")).not_to_be_visible()
            recorder.get_by_role("button", name="Close the camera").click()

    see(act)


def test_files_that_are_dropped_become_clips(see, clip):
    def act(page):
        box = page.locator(_COLUMN).first
        box.locator("input[type=file]").set_input_files(clip)
        expect_clips(page, 0, 1)
        box.locator(".cell").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Delete this clip").click()
        expect_clips(page, 0, 0)

    see(act)


def test_on_a_phone_the_open_camera_is_accessible_and_nothing_moves_sideways(app, waving):
    with waving.new_context(base_url=app.url, **PHONE) as context:
        page = context.new_page()
        page.goto("/teach")
        recorder = open_camera(page)
        recorder.get_by_role("button", name="Hold to record").wait_for(timeout=60_000)
        widths = "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
        assert max(page.evaluate(widths)) <= 390
        small = recorder.locator("button:visible, select:visible").evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().height).filter((height) => height < 44)"
        )
        assert small == []
        assert serious(page) == []
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
        assert serious(page, "{runOnly: ['color-contrast']}") == []
