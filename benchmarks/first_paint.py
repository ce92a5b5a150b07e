"""`python -m benchmarks.first_paint`: time until a page that was opened before is visible, and until a sample plays."""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.running import chromium, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = ("", "explore", "train", "annotate", "how", "status")
TIMES = 5


def main() -> None:
    """Print medians, after every page was opened once."""
    with tempfile.TemporaryDirectory() as name, running_app(Path(name) / "home") as app, chromium() as browser:
        url = app.url
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        for path in PAGES:
            _open(page, f"{url}/{path}")
        time.sleep(10)  # for the workers to start
        for path in PAGES:
            print(f"/{path}: {median(_open(page, f'{url}/{path}') for _ in range(TIMES)):.2f} s")
        print(f"sample result: {median(_sample(page, url) for _ in range(TIMES)):.2f} s")


def _open(page: "Page", address: str) -> float:
    began = time.monotonic()
    page.goto(address, wait_until="commit")
    page.locator("[data-testid=stMain] h1").first.wait_for()
    took = time.monotonic() - began
    page.wait_for_load_state("networkidle")
    return took


def _sample(page: "Page", url: str) -> float:
    _open(page, url)
    began = time.monotonic()
    page.get_by_role("button", name="Six actions in a row").click()
    page.locator(".player .item").first.wait_for()
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    return time.monotonic() - began


if __name__ == "__main__":
    main()
