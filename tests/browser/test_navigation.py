"""Addresses that people type or have bookmarked."""

from playwright.sync_api import expect


def test_home_has_an_address_of_its_own(page):
    page.goto("/home")
    expect(page.get_by_role("button", name="Open a sample result")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    page.get_by_role("button", name="Go to Explore").click()
    page.wait_for_url("**/explore*")
    expect(page.get_by_role("link", name="Home")).to_have_count(1)  # the menu has one
