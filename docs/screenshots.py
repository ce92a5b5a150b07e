"""`make screenshots [SCENES="home how"]`: every screen in every state, wide and on a phone, light and dark.

They are written to `screenshots/`, which git ignores, with an overview: `screenshots/index.html`.
"""

import os
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.running import ROOT, chromium, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

OUT = ROOT / "screenshots"
SIZES: "dict[str, ViewportSize]" = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
_MAX_HEIGHT = 6000  # pixels


def main(names: list[str]) -> None:
    """Take pictures of the named scenes, or of all, and write the overview."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        os.environ["HAR_HOME"] = str(home)  # before har is imported: its settings are read once
        from tests.browser import scenes

        every = scenes.STILL | scenes.BUSY
        stage = scenes.build_stage(home, Path(name))
        with running_app(home) as app, chromium() as browser:
            for scene in names or every:
                context = browser.new_context(base_url=app.url, viewport=SIZES["wide"])
                page = context.new_page()
                every[scene](page, stage)
                if scene in scenes.STILL:
                    scenes.settle(page)
                _take(page, scene)
                context.close()
                print(scene, flush=True)  # noqa: T201  a command
    _write_overview(list(every))


def _take(page: "Page", scene: str) -> None:
    for name, size in SIZES.items():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            page.wait_for_timeout(600)
            height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            page.set_viewport_size({"width": size["width"], "height": min(max(size["height"], height), _MAX_HEIGHT)})
            page.wait_for_timeout(600)
            page.screenshot(path=OUT / f"{scene}-{name}-{scheme}.png")


def _write_overview(scenes: list[str]) -> None:
    parts = ["<!doctype html><meta charset=utf-8><title>Screens</title>"]
    parts.append("<style>body{font-family:sans-serif;background:#888}img{height:420px;margin:4px}</style>")
    for scene in scenes:
        parts.append(f"<h2>{escape(scene)}</h2>")
        for path in sorted(OUT.glob(f"{scene}-*-*.png")):
            if path.stem.rsplit("-", 2)[0] == scene:
                parts.append(f'<a href="{path.name}"><img src="{path.name}" alt="{escape(path.stem)}"></a>')
    (OUT / "index.html").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
