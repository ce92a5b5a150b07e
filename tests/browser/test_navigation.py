"""Addresses that people type or have bookmarked."""

from playwright.sync_api import expect


def test_home_has_an_address_of_its_own(page):
    page.goto("/home")
    expect(page.get_by_role("button", name="Six actions in a row")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    page.get_by_test_id("stMain").get_by_role("link", name="Explore").click()
    page.wait_for_url("**/explore*")
    expect(page.get_by_role("link", name="Home")).to_have_count(1)  # the menu has one


def test_back_leads_from_a_result_to_home_and_the_menu_to_the_beginning_of_its_page(page):
    page.goto("/")
    page.get_by_role("button", name="Six actions in a row").click()
    page.locator(".player .item").first.wait_for(timeout=60_000)
    page.go_back()
    expect(page.get_by_role("heading", name="What are they doing?")).to_be_visible(timeout=60_000)
    expect(page.locator(".player .item")).to_have_count(0)
    page.go_forward()
    page.locator(".player .item").first.wait_for(timeout=60_000)
    page.get_by_test_id("stTopNavLink").filter(has_text="Annotate").click()
    expect(page.get_by_role("heading", name="Annotate a video")).to_be_visible(timeout=60_000)
    assert "job=" not in page.url


def test_home_s_video_stands_still_for_those_who_want_no_motion(page):
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    page.wait_for_function("document.querySelector('video')?.readyState >= 2", timeout=60_000)
    page.wait_for_function("document.querySelector('video').paused")
    at = page.evaluate("document.querySelector('video').currentTime")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('video').currentTime") == at
