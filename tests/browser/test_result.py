"""A result's page: what is in view, how many clicks things take, and the way from 'unsure' to an answer."""

import re

import pytest
from playwright.sync_api import expect

from har.results import ANNOTATED
from tests.browser.made import make_result
from tests.browser.test_annotate import open_downloads
from tests.browser.test_corrections import names, relabel, wait_until_saved
from tests.browser.test_player import PLAN, open_result, open_sliders, wait_for_label_on_film

MANY = tuple(f"action {letter}" for letter in "abcdefghijkl")


@pytest.fixture
def made(app):
    return make_result(app.home, PLAN)


@pytest.fixture
def unsure(app):
    return make_result(app.home, [None] * 17, MANY)


@pytest.mark.promise("display", "Video, timeline and the tools to edit it are in view together on a small laptop")
def test_film_and_timeline_are_in_view_together_also_while_editing(page, made):
    open_result(page, made)
    for width, height in ((1920, 1080), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        for part in ("video", ".timeline", ".controls"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        page.get_by_role("button", name="Edit", exact=True).click()
        page.locator(".timeline").click(position={"x": 200, "y": 30})
        for part in ("video", ".timeline", ".controls", ".correct", ".labels"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
        page.get_by_role("button", name="Edit", exact=True).click()


def test_on_a_phone_the_film_and_its_label_stay_at_the_top(phone, made):
    page = open_result(phone, made)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo({ top: 300, behavior: 'instant' })")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop === 300")
    page.wait_for_function("document.querySelector('video').getBoundingClientRect().y === 60")  # below the menu
    wait_for_label_on_film(page)


def test_film_and_timeline_stay_in_place_whatever_is_done(page, made):
    open_result(page, made)
    before = [page.locator(part).bounding_box() for part in ("video", ".timeline")]
    chips(page).nth(1).click()
    expect(page.locator(".whole li").first).to_contain_text("wave")
    chips(page).nth(1).click()
    expect(page.locator(".whole li").first).to_contain_text("squat")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("button", name="Confirm", exact=True).click()
    wait_until_saved(page)
    expect(page.get_by_text("They override the chosen labels")).to_be_visible()
    assert [page.locator(part).bounding_box() for part in ("video", ".timeline")] == before
    expect(page.locator(".js-plotly-plot")).to_have_count(0)  # it would delay the labels
    page.get_by_text("Probabilities over time").click()
    expect(page.locator(".js-plotly-plot")).to_be_visible()


def test_nothing_is_rebuilt_when_the_labelled_video_and_the_filmstrip_are_ready(page, app):
    made = make_result(app.home, PLAN, prepared=False)
    open_result(page, made)
    page.evaluate("document.querySelector('video').dataset.same = 'yes'")
    open_sliders(page)
    open_downloads(page)  # which waits for both
    expect(page.locator("video")).to_have_attribute("data-same", "yes")
    expect(page.get_by_role("slider", name="Threshold")).to_be_visible()
    assert (made.folder / ANNOTATED).exists()


def chips(page):
    return page.locator("[data-testid=stButtonGroup] [data-variant=pills]")


def test_a_wrong_label_is_corrected_in_three_clicks(page, made):
    open_result(page, made)
    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator(".player .item").nth(2).click()
    page.get_by_role("listbox", name="Labels").get_by_role("option", name="squat").first.click()
    assert names(page)[2] == "squat"
    wait_until_saved(page)
    expect(page.locator(".whole")).to_contain_text("squat4.5 s")  # 2 + 1.5 + 1 s: the page follows


def table(page, tmp_path):
    """The labels in the downloaded table."""
    open_downloads(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Frame table").click()
    page.keyboard.press("Escape")
    download.value.save_as(tmp_path / "table.csv")
    return {line.split(",")[2] for line in (tmp_path / "table.csv").read_text().splitlines()[1:]}


def test_chosen_labels_decide_at_once_and_files_follow(page, unsure, tmp_path):
    open_result(page, unsure)
    assert table(page, tmp_path) == {""}
    expect(chips(page)).to_have_count(8)
    chosen = chips(page).first.inner_text().strip()
    chips(page).first.click()
    expect(page.get_by_text("nothing to decide between")).to_be_visible()
    search = page.get_by_role("combobox", name="Other labels")
    search.click()
    other = page.get_by_role("option").nth(1).inner_text().strip()
    search.fill(other)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_text("nothing to decide between")).to_have_count(0)
    expect(page.locator(".player .item .name").filter(has_text=chosen).first).to_be_visible()
    assert {chosen, other} >= table(page, tmp_path) - {""} != set()
    page.reload()
    expect(page.locator(".player .item .name").filter(has_text=chosen).first).to_be_visible()


def test_a_mostly_unsure_video_opens_with_guesses_that_no_file_claims(page, unsure, tmp_path):
    open_result(page, unsure)
    item = page.locator(".player .item")
    expect(item).to_have_count(1)
    expect(item).to_contain_text("Closest: action")
    expect(page.locator(".now .label")).to_have_text(f"Closest: {guess_at_start(page)}")
    assert page.locator(".segments .bar.guess").count() > 0
    expect(page.locator(".whole .guess").first).to_contain_text("(guess)")
    assert table(page, tmp_path) == {""}
    page.get_by_text("Show the closest label where unsure").click()
    expect(item.locator(".name")).to_have_text("unsure")
    expect(page.locator(".segments .bar.guess")).to_have_count(0)
    expect(page.locator(".whole .guess")).to_have_count(0)


def test_guesses_go_once_corrections_leave_little_unsure(page, unsure):
    open_result(page, unsure)
    guesses = page.get_by_role("switch", name="Show the closest label where unsure")
    expect(guesses).to_be_checked()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator(".timeline").focus()
    page.keyboard.press("End")
    for key in ("PageDown", "PageDown"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Split here").click()
    page.locator(".player .item").first.click()
    relabel(page, "action b")
    expect(page.locator(".player .item .name")).to_have_text(["action b", "unsure"])
    expect(guesses).not_to_be_checked()
    page.get_by_role("button", name="Undo").click()
    expect(guesses).to_be_checked()
    expect(page.locator(".player .item .name").first).to_contain_text("Closest: ")


def guess_at_start(page):
    """The label of the first guess, which is the most probable one of the first frame."""
    return page.locator(".top .of").first.inner_text()


def test_a_mostly_decided_video_shows_no_guesses_until_they_are_asked_for(page, made):
    open_result(page, made)
    expect(page.locator(".player .item .name").nth(1)).to_have_text("unsure")
    page.get_by_text("Show the closest label where unsure").click()
    expect(page.locator(".player .item .name").nth(1)).to_contain_text("Closest: ")
    expect(page.locator(".player .item .name").nth(0)).to_have_text("squat")


def test_frames_of_the_video_are_under_the_timeline(page, made):
    open_result(page, made)
    expect(page.locator(".filmstrip i").first).to_have_css("background-image", re.compile(r'^url\("data:image/jpeg'))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        timeline, strip = (page.locator(part).bounding_box() for part in (".segments", ".filmstrip"))
        assert (strip["x"], strip["width"]) == (timeline["x"], timeline["width"])
        assert strip["y"] > timeline["y"] + timeline["height"]
        assert strip["height"] == 36
