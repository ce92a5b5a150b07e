"""Explore in a real browser: time to the first preview, and memory of a wall of a thousand clips.

The time is from opening the address to a moving preview, on a new server without drawn clips; three runs. For the
memory, the wall of all 1,000 generated clips is scrolled from top to bottom; the figures are unshared memory of the
page's process before, peak, and at the end.
"""

import statistics
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.sync_api import Browser

from benchmarks.running import chromium, running_app
from har.datasets.figures import VERSION, open_figures

_PLAYING = ".cell.playing"


def main() -> None:
    """Print seconds and megabytes."""
    with chromium() as browser:
        seconds = [first_preview(browser) for _ in range(3)]
        print(
            f"first preview after {statistics.median(seconds):.1f} s (of {', '.join(f'{one:.1f}' for one in seconds)})"
        )
        with tempfile.TemporaryDirectory() as name:
            home = Path(name) / "home"
            open_figures(root=home / "datasets" / f"figures-v{VERSION}")
            before, peak, after = scrolled(browser, home)
        print(f"page's memory: {before:.0f} MB with ten previews, peak {peak:.0f} MB, {after:.0f} MB at the end")


def first_preview(browser: Browser) -> float:
    """Seconds from opening the address to a preview that moves."""
    with tempfile.TemporaryDirectory() as name, running_app(Path(name) / "home") as app:
        page = browser.new_page()
        start = time.monotonic()
        page.goto(f"{app.url}/explore")
        page.locator(_PLAYING).first.wait_for(timeout=60_000)
        seconds = time.monotonic() - start
        page.close()
    return seconds


def scrolled(browser: Browser, home: Path) -> tuple[float, float, float]:
    """Megabytes of the page's process: before, peak, at the end."""
    with running_app(home) as app:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{app.url}/explore")
        page.locator(_PLAYING).first.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        before = peak = memory()
        page.get_by_text("All clips", exact=True).click()
        page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollHeight > 20000")
        main_part = page.get_by_test_id("stMain")
        height = main_part.evaluate("m => m.scrollHeight")
        for top in range(0, height, 450):
            main_part.evaluate("(m, top) => m.scrollTo(0, top)", top)
            page.wait_for_timeout(700)
            peak = max(peak, memory())
        page.locator(".cell").last.wait_for()
        page.wait_for_timeout(5000)
        after = memory()
        page.close()
    return before, peak, after


def memory() -> float:
    """Megabytes of the browser's largest renderer."""
    sizes = [0.0]
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # the process has just ended
            if "--type=renderer" in " ".join(process.cmdline()):
                sizes.append(process.memory_full_info().uss / 1e6)
    return max(sizes)


if __name__ == "__main__":
    main()
