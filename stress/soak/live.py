"""Visitors in front of their camera: what the script of the panel 'Try it live' sends, and when."""

import base64
import io
import random
import secrets
import time
from collections.abc import Iterator, Sequence
from itertools import count, cycle
from typing import Any

import cv2
import numpy as np
import requests
from PIL import Image

from har.datasets.figures import draw_clip
from stress.soak.client import ElementMissing, Session
from stress.soak.connection import AppUnresponsive
from stress.soak.measurements import LIVE, Measurements

BUNDLE_SEC = 0.5  # as in ui/assets/live/live.js
_QUALITY = 50
_VISIT_SEC = (20.0, 120.0)
_PAUSE_SEC = 3.0


def camera_frames(width: int, height: int, rate: float, seed: int = 0) -> list[str]:
    """What a camera sees, as WebP in base64: a drawn person with the noise of a camera.

    Args:
        width: in pixels.
        height: in pixels.
        rate: frames per second.
        seed: of the person.
    """
    clip = np.stack(list(draw_clip("JumpingJack", 1 + seed, 1)))
    rng, texts = np.random.default_rng(seed), []
    for number in np.arange(0, len(clip), 25 / rate).astype(int):
        picture = cv2.resize(clip[number], (width, height), interpolation=cv2.INTER_AREA)
        noisy = (picture + rng.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(noisy).save(file, "WEBP", quality=_QUALITY)
        texts.append(base64.b64encode(file.getvalue()).decode())
    return texts


def open_panel(url: str, classifier: str | None = None, owner: str | None = None, **options: Any) -> Session:
    """A tab with the panel, on Annotate.

    Args:
        url: of the app.
        classifier: its title; None: the one that is chosen at first.
        owner: see `Session`.
        options: further ones of `Session`.
    """
    tab = Session(url, "annotate", owner, **options)
    tab.choose("button_group", "Video", ["Camera"])
    if classifier is not None:
        tab.choose("selectbox", "Classifier", classifier)
    return tab


def go_live(tab: Session, seconds: float, frames: Sequence[str], rate: float) -> Iterator[dict[str, Any]]:
    """Start, send frames in real time, and end. Frames are left out while an answer is due.

    Args:
        tab: with the panel.
        seconds: how long.
        frames: shown again and again.
        rate: frames per second.

    Yields:
        Each answer; the first one is to the start.
    """
    numbers = count(1)
    yield tab.ask_live({"number": next(numbers), "kind": "start"}, "start live")
    began, pictures, due = time.monotonic(), cycle(frames), 0
    size = max(1, int(BUNDLE_SEC * rate))
    while (now_sec := time.monotonic() - began) < seconds:
        if (wait_sec := (due + size - 1) / rate - now_sec) > 0:
            tab.idle(wait_sec)
        bundle = [[(due + place) / rate, next(pictures)] for place in range(size)]
        yield tab.ask_live({"number": next(numbers), "kind": "frames", "frames": bundle}, LIVE)
        due = max(due + size, int((time.monotonic() - began) * rate) - size)
    yield tab.ask_live({"number": next(numbers), "kind": "end"}, "end live")


class LiveVisitor:
    """Tries a classifier live again and again until the time is up; for parameters see `Visitor`."""

    def __init__(self, url: str, random: random.Random, measurements: Measurements, end_sec: float) -> None:
        self._url, self._random, self._measurements, self._end_sec = url, random, measurements, end_sec
        self._owner = secrets.token_urlsafe(16)

    def run(self) -> None:
        """Visit until the time is up."""
        frames = camera_frames(64, 64, 10, self._random.randrange(20))
        while time.monotonic() < self._end_sec:
            self._measurements.count(self._measurements.visits, ["live"])
            try:
                self._visit(frames)
            except (AppUnresponsive, ElementMissing, requests.RequestException, OSError) as error:
                self._measurements.count(self._measurements.faults, [f"live: {type(error).__name__}: {error}"])
            time.sleep(min(_PAUSE_SEC, max(0.0, self._end_sec - time.monotonic())))

    def _visit(self, frames: Sequence[str]) -> None:
        tab = open_panel(self._url, "LRCN on figures", self._owner, on_interaction=self._measurements.record)
        seconds = min(self._random.uniform(*_VISIT_SEC), max(0.0, self._end_sec - time.monotonic()))
        labelled = 0
        for answer in go_live(tab, seconds, frames, 10):
            if "problem" in answer:
                self._measurements.count(self._measurements.refusals, [f"live: {answer['problem']}"])
                break
            labelled += bool(answer.get("labels"))
        if labelled:
            self._measurements.count(self._measurements.visits, ["live with labels"])
        self._measurements.count(self._measurements.faults, tab.page.faults)
        tab.close()
