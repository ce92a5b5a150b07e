"""From a result to a film that plays, with a real worker."""

import pytest
from playwright.sync_api import expect

from har.reels import HIGHLIGHTS
from har.video import probe
from tests.browser.made import make_result

_MS = 120_000
# Plays the film on the page for a while, and says its width, height, length and whether it has advanced.
_PLAY = """async (film) => {
  film.muted = true;
  await film.play();
  await new Promise((on) => film.addEventListener("timeupdate", () => film.currentTime > 0.3 && on()));
  return [film.videoWidth, film.videoHeight, film.duration];
}"""


@pytest.mark.promise("display", "A result becomes a highlight film that plays in a browser, and is found again there")
def test_from_a_result_to_a_film_that_plays(page, app, tmp_path):
    made = make_result(app.home, [0] * 6 + [1] * 5 + [2] * 6)
    page.goto(made.address)
    page.locator(".player .item").first.wait_for()
    page.get_by_text("Make a highlight film").click()
    expect(page.get_by_text("with a title and 3 segments")).to_be_visible()
    page.get_by_role("button", name="Make the film").click()
    ready = page.get_by_role("button", name="Download the film")
    ready.wait_for(timeout=_MS)
    film = page.get_by_test_id("stExpander").filter(has=ready).locator("video")
    width, height, duration_sec = film.evaluate(_PLAY)
    info = probe(made.folder / HIGHLIGHTS)
    assert (width, height) == (info.width, info.height) == (854, 480)
    assert duration_sec == pytest.approx(info.duration_sec, abs=0.05)
    with page.expect_download() as downloaded:
        ready.click()
    assert downloaded.value.suggested_filename == "counting-highlights.mp4"
    copy = tmp_path / "copy.mp4"
    downloaded.value.save_as(copy)
    assert copy.read_bytes() == (made.folder / HIGHLIGHTS).read_bytes()
    page.goto(made.address)  # without the job's id
    expect(film).to_be_visible()
