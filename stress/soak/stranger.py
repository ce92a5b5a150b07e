"""A hostile visitor: fills memory, disk and queue as far as the app lets them."""

import io
import random
import secrets
import socket
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import requests

from stress.soak.client import ElementMissing, Session
from stress.soak.connection import AppUnresponsive
from stress.soak.live import camera_frames, open_panel
from stress.soak.measurements import Measurements

_UPLOAD_BYTES, _UPLOADS = 60 << 20, 12
_UNFINISHED = 40  # uploads that are begun and left open
_TABS = 6  # in each of which a job is started
_BOMB_BYTES = 200 << 20
_MESSAGES = 100  # with live frames


class Stranger:
    """Attacks until the time is up, as another visitor each time.

    Args:
        url: of the app.
        random: source of all decisions.
        measurements: of all visitors; here only what the app refuses is counted.
        end_sec: by `time.monotonic`.
    """

    def __init__(self, url: str, random: random.Random, measurements: Measurements, end_sec: float) -> None:
        self._url, self._random, self._measurements, self._end_sec = url, random, measurements, end_sec

    def run(self) -> None:
        """Attack until the time is up."""
        attacks: list[Callable[[], None]] = [
            self._flood,
            self._flood_live,
            self._leave_open,
            self._import_bomb,
            self._fill_queue,
        ]
        while time.monotonic() < self._end_sec:
            attack = self._random.choice(attacks)
            self._measurements.count(self._measurements.visits, [f"attack:{attack.__name__.strip('_')}"])
            try:
                attack()
            except (AppUnresponsive, ElementMissing, requests.RequestException, OSError) as error:
                self._refused(f"{attack.__name__}: {type(error).__name__}: {error}")

    def _flood(self) -> None:
        """Upload under invented ids, without an upload box."""
        tab = self._open("")
        for _ in range(_UPLOADS):
            try:
                tab.put(secrets.token_hex(8), bytes(_UPLOAD_BYTES))
            except requests.HTTPError as error:
                self._refused(f"upload: {error.response.status_code}")
        tab.idle(self._random.uniform(1, 20))
        tab.close()

    def _leave_open(self) -> None:
        """Begin uploads and send nothing more."""
        tab = self._open("")
        parts = urlsplit(self._url)
        head, body = tab.upload_request(secrets.token_hex(8), _UPLOAD_BYTES), b"x" * 1024
        sockets = []
        for _ in range(_UNFINISHED):
            opened = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10)
            opened.sendall(head + body)
            sockets.append(opened)
        tab.idle(self._random.uniform(5, 40))
        for opened in sockets:
            with suppress(OSError):
                opened.close()
        tab.close()

    def _import_bomb(self) -> None:
        """Import a run that unpacks to far more than it is."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in ("classifier/card.json", "classifier/weights.npz", "run.json"):
                archive.writestr(name, bytes(_BOMB_BYTES if name.endswith("npz") else 1000))
        tab = self._open("train")
        tab.upload("Zip file", "run.zip", packed.getvalue())
        tab.press("Import it")
        tab.idle(self._random.uniform(2, 10))
        self._measurements.count(self._measurements.refusals, tab.page.alerts())
        tab.close()

    def _fill_queue(self) -> None:
        """Start jobs in many tabs, and close them."""
        owner = secrets.token_urlsafe(16)
        for _ in range(_TABS):
            tab = Session(self._url, "annotate", owner)
            tab.press("Annotate")
            self._measurements.count(self._measurements.refusals, tab.page.alerts())
            tab.close()

    def _flood_live(self) -> None:
        """Send live frames of wrong sizes, too many, and what is none, as fast as they are answered."""
        frame = camera_frames(64, 64, 10)[0]
        floods: list[list[list[object]]] = [
            [[number / 30, frame] for number in range(30)],
            [[number, "A" * 1_000_000] for number in range(10)],
            [[0, camera_frames(640, 480, 10)[0]]],
            [[float(number), frame] for number in range(20)],
        ]
        tab = open_panel(self._url, "LRCN on figures", secrets.token_urlsafe(16))
        for number in range(_MESSAGES):
            kind = "start" if number % 10 == 0 else "frames"
            answer = tab.ask_live(
                {"number": number, "kind": kind, "frames": self._random.choice(floods), "visitor": "a"}
            )
            if answer is not None and "problem" in answer:
                self._refused(f"live: {answer['problem']}")
        tab.close()

    def _open(self, address: str) -> Session:
        return Session(self._url, address, secrets.token_urlsafe(16))

    def _refused(self, what: str) -> None:
        self._measurements.count(self._measurements.refusals, [f"to a stranger: {what[:120]}"])
