"""The app on a phone: the menu, where pages open, and sizes of what fingers touch."""

from playwright.sync_api import expect

from tests.browser.scenes import settle

_MS = 60_000
TARGET = 44  # px
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def test_the_menu_closes_after_a_choice_and_the_page_opens_at_its_top(phone):
    phone.goto("/how")
    expect(phone.get_by_role("heading", name="How it works")).to_be_visible(timeout=_MS)
    phone.wait_for_function("document.querySelector('[data-testid=stMain]').scrollHeight > 2000")
    phone.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1200)")
    phone.get_by_role("button", name="Expand sidebar").tap()
    phone.get_by_role("link", name="Annotate").tap()
    expect(phone.get_by_role("heading", name="Annotate a video")).to_be_in_viewport(timeout=_MS)
    expect(phone.get_by_role("link", name="Annotate")).not_to_be_in_viewport(timeout=_MS)
    phone.wait_for_function(f"{SCROLLED} === 0", timeout=_MS)
    phone.get_by_role("button", name="Expand sidebar").tap()
    phone.get_by_role("link", name="Annotate").tap()  # where it is already
    expect(phone.get_by_role("link", name="Annotate")).not_to_be_in_viewport(timeout=_MS)


def too_small(page, selector):
    sizes = page.locator(selector).evaluate_all(
        """all => all.filter((each) => each.checkVisibility()).map((each) => {
          const box = each.getBoundingClientRect();
          return [each.ariaLabel || each.textContent, box.width, box.height];
        })"""
    )
    assert sizes
    return [size for size in sizes if min(size[1:]) < TARGET]


def test_targets_are_large_enough_for_fingers(phone):
    phone.goto("/")
    phone.get_by_role("button", name="Six actions in a row").tap()
    phone.get_by_text("The whole video").wait_for(timeout=_MS)  # a player is already there while it is scored
    settle(phone)
    assert too_small(phone, ".controls button, .player .item") == []
    assert too_small(phone, "[data-testid^=stBaseButton]") == []
    phone.goto("/annotate")
    phone.get_by_text("Advanced settings").tap(timeout=_MS)
    assert too_small(phone, "[data-variant=segmented_control], [data-testid=stRadio] label, summary") == []
    thumbs = phone.locator(":has(> [data-testid=stSliderThumbValue])")
    expect(thumbs.first).to_be_visible()
    for thumb in thumbs.all():
        thumb.scroll_into_view_if_needed()
        assert thumb.evaluate(
            """(thumb, reach) => {
              const box = thumb.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              return [[0, reach], [0, -reach], [reach, 0], [-reach, 0]].every(
                ([right, down]) => thumb.contains(document.elementFromPoint(x + right, y + down)),
              );
            }""",
            TARGET / 2 - 1,
        )
