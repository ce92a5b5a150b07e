"""Explore in a real browser: how soon the first preview is seen, and what a wall of a thousand clips takes.

The first is measured from the address being opened to a preview that moves, on a server that has just come up with
nothing drawn yet: three times. For the second, the wall of all 1,000 generated clips is scrolled from top to bottom;
told is the memory of the page's own process (without what it shares) before, at most, and at the end.
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
            before, most, after = scrolled(browser, home)
        print(f"page's memory: {before:.0f} MB with ten previews, at most {most:.0f} MB, {after:.0f} MB at the end")


def first_preview(browser: Browser) -> float:
    """Seconds from opening the address to a preview that moves."""
    with tempfile.TemporaryDirectory() as name, running_app(Path(name) / "home") as app:
        page = browser.new_page()
        begun = time.monotonic()
        page.goto(f"{app.url}/explore")
        page.locator(_PLAYING).first.wait_for(timeout=60_000)
        seconds = time.monotonic() - begun
        page.close()
    return seconds


def scrolled(browser: Browser, home: Path) -> tuple[float, float, float]:
    """Megabytes of the page's process before, at most, and at the end."""
    with running_app(home) as app:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{app.url}/explore")
        page.locator(_PLAYING).first.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        before = most = memory()
        page.get_by_text("All clips", exact=True).click()
        page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollHeight > 20000")
        main_part = page.get_by_test_id("stMain")
        height = main_part.evaluate("m => m.scrollHeight")
        for top in range(0, height, 450):
            main_part.evaluate("(m, top) => m.scrollTo(0, top)", top)
            page.wait_for_timeout(700)
            most = max(most, memory())
        page.locator(".cell").last.wait_for()
        page.wait_for_timeout(5000)
        after = memory()
        page.close()
    return before, most, after


def memory() -> float:
    """Megabytes of the browser's largest renderer."""
    sizes = [0.0]
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            if "--type=renderer" in " ".join(process.cmdline()):
                sizes.append(process.memory_full_info().uss / 1e6)
    return max(sizes)


if __name__ == "__main__":
    main()
