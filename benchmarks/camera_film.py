"""A film for a browser's pretended camera, and what the panel 'Try it live' shows while it runs.

A small square in the corner of each frame encodes its action as a brightness. A script in the page
reads it from the camera's picture, together with the label that is shown at that moment, so nothing depends on when the
camera began.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from har.datasets.figures import draw_sequence, true_segments
from har.datasets.figures.clips import FPS
from har.labels import display_name
from har.video import run_ffmpeg, write_video

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ACTIONS = (("JumpingJack", 8.0), ("Punch", 8.0), ("Squat", 8.0))
_GROUP = 29  # of the person: none of the data set
_SQUARE = 12  # pixels of 320
_DARKEST, _STEP = 60, 70  # brightness of the first action's square, and from one to the next
_CAMERA_FPS = 30  # at which Chromium plays a .mjpeg
_WATCH = """(live, [darkest, step]) => {
  const video = live.querySelector("video"), over = live.querySelector(".over");
  const canvas = new OffscreenCanvas(1, 1), pen = canvas.getContext("2d", { willReadFrequently: true });
  window.seenLive = [];
  setInterval(() => {
    if (!video.videoWidth) return;
    const middle = (6 * video.videoWidth) / 320; // of the square; unscaled, or what is next to it would be mixed in
    pen.drawImage(video, middle, middle, 1, 1, 0, 0, 1, 1);
    const action = Math.round((pen.getImageData(0, 0, 1, 1).data[1] - darkest) / step);
    const label = over.hidden ? null : live.querySelector(".label").textContent;
    window.seenLive.push([performance.now() / 1000, action, label]);
  }, 50);
}"""


@dataclass(frozen=True)
class Seen:
    """What was to be seen at one moment."""

    sec: float
    action: str  # on the camera, as pages spell it
    since_sec: float  # how long it has been there
    label: str | None  # shown by the panel; None: none


def write_film(path: Path, actions: Sequence[tuple[str, float]] = ACTIONS) -> Path:
    """Write a film of a drawn person, and return its path.

    Args:
        path: without a suffix, which becomes `.mjpeg`.
        actions: labels and their seconds.
    """
    segments = true_segments(actions)
    frames = []
    for number, drawn in enumerate(draw_sequence(_GROUP, actions)):
        frame = np.array(drawn)
        index = next(place for place, segment in enumerate(segments) if number / FPS < segment.end_sec)
        frame[:_SQUARE, :_SQUARE] = _DARKEST + _STEP * index
        frames.append(frame)
    made, film = path.with_suffix(".mp4"), path.with_suffix(".mjpeg")
    write_video(made, frames, Fraction(FPS))
    scaled = f"scale=640:480,fps={_CAMERA_FPS}"
    run_ffmpeg(["-i", str(made), "-vf", scaled, "-c:v", "mjpeg", "-q:v", "4", "-y", str(film)])
    return film


def watch(page: "Page", panel: "Locator", until: Callable[[list[Seen]], bool], most_sec: float) -> list[Seen]:
    """Read the picture and the label, 20 times a second.

    Args:
        page: with the panel, whose camera is on.
        panel: the element `.live`.
        until: whether that is enough.
        most_sec: after which it ends in any case.
    """
    panel.evaluate(_WATCH, [_DARKEST, _STEP])
    deadline, seen = time.monotonic() + most_sec, list[Seen]()
    while time.monotonic() < deadline and not until(seen):
        page.wait_for_timeout(500)
        seen = _placed(page.evaluate("window.seenLive"))
    return seen


def changes(seen: Sequence[Seen]) -> list[Seen]:
    """The moments at which another action begins; not the first one, which was there before."""
    return [now for before, now in pairwise(seen) if before.action != now.action]


def agreement(seen: Sequence[Seen], settled_sec: float) -> float:
    """Share of the time in which the label is that of the action, while there is one.

    Args:
        seen: moments.
        settled_sec: how long an action has been there before it counts.
    """
    counted = [moment for moment in seen if moment.since_sec > settled_sec and moment.label is not None]
    return sum(moment.label == moment.action for moment in counted) / max(1, len(counted))


def lags_sec(seen: Sequence[Seen]) -> list[float]:
    """How long after each change its label is shown; changes whose label is not shown are left out."""
    lags = []
    for start in changes(seen):
        first = next((now for now in seen if now.sec >= start.sec and now.label == start.action), None)
        if first is not None and first.action == start.action:
            lags.append(first.sec - start.sec)
    return lags


def _placed(rows: Sequence[tuple[float, float, str | None]]) -> list[Seen]:
    """Moments after the first change of the action."""
    seen, since_sec, names = list[Seen](), None, [display_name(label) for label, _ in ACTIONS]
    for before, (sec, action, label) in pairwise(rows):
        if action != before[1]:
            since_sec = sec
        if since_sec is not None and 0 <= action < len(names):
            seen.append(Seen(sec, names[int(action)], sec - since_sec, label))
    return seen
