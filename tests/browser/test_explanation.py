"""'Why?': from the press in the player to frames with a heatmap that a slider fades."""

import re
import secrets
from fractions import Fraction

import pytest
from playwright.sync_api import expect

from har import annotation, results
from har.datasets.figures import draw_clip
from har.video import write_video

_HEAT = """() => {
  const roots = [...document.querySelectorAll("*")].map((one) => one.shadowRoot);
  const root = roots.find((one) => one?.querySelector(".why .frame"));
  return Number(getComputedStyle(root.querySelector(".heat")).opacity);
}"""


@pytest.fixture(scope="module")
def job(app):
    """An annotation made by a network, so that it can be explained."""
    folder = app.home / "jobs" / secrets.token_urlsafe(16)
    folder.mkdir(parents=True)
    write_video(folder / "video.mp4", draw_clip("Wave", 5, 1), Fraction(25))
    annotation.annotate(folder / "video.mp4", folder, "lrcn-figures", with_player_copy=True, partial=True)
    return folder


def test_a_press_in_the_player_explains_the_window_and_the_heatmap_fades(page, job):
    page.goto(f"/annotate?job={job.name}")
    page.locator(".player .item").first.wait_for(timeout=60_000)
    page.wait_for_function("document.querySelector('video')?.readyState === 4")
    page.evaluate("document.querySelector('video').currentTime = 1.2")
    page.get_by_role("button", name="Why?").click()
    frames = page.locator(".why .frame")
    expect(frames).to_have_count(20, timeout=240_000)  # TensorFlow has to come in first
    assert results.list_explanations(job) != []
    expect(frames.first).to_have_accessible_name(re.compile(r"Frame at 0:0\d\.\d; hidden: [+−]\d+\.\d points"))
    heading = page.get_by_role("heading", name="Why this label?")
    film = page.locator("video").bounding_box()
    assert heading.bounding_box()["x"] > film["x"] + film["width"]  # beside the player
    slider = page.get_by_role("slider", name="Opacity of the heatmap")
    assert page.evaluate(_HEAT) == pytest.approx(0.6)
    slider.press("End")
    assert page.evaluate(_HEAT) == pytest.approx(1.0)
    page.keyboard.press("Home")
    assert page.evaluate(_HEAT) == pytest.approx(0.0)
    expect(page.get_by_role("progressbar", name="Shuffled")).to_have_count(1)  # each bar has a name of its own
    names = page.get_by_role("progressbar").evaluate_all(
        "all => all.map((bar) => document.getElementById(bar.getAttribute('aria-labelledby'))?.textContent)"
    )
    assert len(set(names)) == len(names) > 1
    assert all(names)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("button", name="Close", exact=True)).to_have_count(0)
    expect(heading).to_have_count(1)
    page.wait_for_function(
        """() => {
          const below = [...document.querySelectorAll("h2")].find((one) => one.textContent === "Why this label?");
          const film = document.querySelector("video").getBoundingClientRect();
          return below.getBoundingClientRect().y > film.bottom;
        }"""
    )


def test_on_a_phone_the_explanation_fits(phone, job):
    phone.goto(f"/annotate?job={job.name}")
    expect(phone.locator(".why .frame")).to_have_count(20, timeout=60_000)
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
