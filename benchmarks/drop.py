"""`python -m benchmarks.drop`: time from a clip dropped on Home to its labels, and to the film that plays.

By default a generated clip of ten seconds, with the classifier that the app takes for uploads. The job's own time, in
which the worker copies the video for the player and recognises it, is printed next to what the visitor waits beyond it.
"""

import argparse
import base64
import json
import re
import tempfile
import time
from fractions import Fraction
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.running import App, chromium, running_app
from har.annotation import annotate_job
from har.datasets.figures import draw_clip
from har.video import write_video

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TIMES = 5
LIMIT_SEC = 3.0  # beyond the job's own time, until the film plays
LABEL_LIMIT_SEC = 2.0  # from the drop to the labels
_DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "video/mp4" }));
  const zone = document.querySelector("[data-testid=stFileUploaderDropzone]");
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""
PLAYING = "[...document.querySelectorAll('video')].some((video) => !video.paused && video.currentTime > 0)"


class _Took(NamedTuple):
    """Seconds."""

    label: float  # from the drop until the labels are on the timeline
    playing: float  # until the film plays as well
    job: float  # the job's own time


def main() -> None:
    """Print medians, after one clip that is not counted."""
    parser = argparse.ArgumentParser(prog="benchmarks.drop")
    parser.add_argument("video", nargs="?", type=Path, help="instead of the generated clip")
    parser.add_argument("--times", type=int, default=TIMES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_app(Path(name) / "home") as app, chromium() as browser:
        video = arguments.video or _clip(Path(name) / "clip.mp4")
        _measure(browser, app, video)
        found = [_measure(browser, app, video) for _ in range(arguments.times)]
    label, job = (median(getattr(took, part) for took in found) for part in ("label", "job"))
    beyond = median(took.playing - took.job for took in found)
    print(f"from the drop to the labels: {label:.2f} s (at most {LABEL_LIMIT_SEC:g} for ten seconds of video)")
    print(f"the job's own time: {job:.1f} s")
    print(f"from the drop to the playing film, beyond that: {beyond:.2f} s (at most {LIMIT_SEC:g})")


def drop(page: "Page", video: Path) -> None:
    """Drop a file on Home, which is open."""
    page.evaluate(_DROP, [video.name, base64.b64encode(video.read_bytes()).decode()])


def _clip(path: Path) -> Path:
    clips = (draw_clip(label, 3, 1) for label in cycle(("JumpingJack", "Wave")))
    write_video(path, islice(chain.from_iterable(clips), 250), Fraction(25))
    return path


def _measure(browser: "Browser", app: App, video: Path) -> _Took:
    """One clip, by a visitor who has not been here before."""
    with browser.new_context(base_url=app.url) as context:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto("/")
        page.get_by_test_id("stFileUploaderDropzone").wait_for()
        page.wait_for_load_state("networkidle")
        before = len(_jobs_sec(app))
        began = time.monotonic()
        drop(page, video)
        page.wait_for_url(re.compile("/annotate.*job="))
        page.locator(".player .item").first.wait_for()
        label = time.monotonic() - began
        page.wait_for_function(PLAYING)
        playing = time.monotonic() - began
        while len(ended := _jobs_sec(app)) == before:  # the film of a longer job plays before it ends
            page.wait_for_timeout(50)
        return _Took(label, playing, ended[before])


def _jobs_sec(app: App) -> list[float]:
    """How long each annotation has taken that has ended, from the app's log."""
    lines = (line for line in app.log.read_text(errors="replace").splitlines() if line.startswith('{"at"'))
    events = (json.loads(line) for line in lines)
    return [one["seconds"] for one in events if one["kind"] == annotate_job.__name__ and "seconds" in one]


if __name__ == "__main__":
    main()
