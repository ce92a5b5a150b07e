"""A visitor: looks around, brings videos, trains, changes their mind, reloads, or leaves and never comes back."""

import random
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import requests

from stress.soak.client import Missing, Session
from stress.soak.connection import NoAnswer
from stress.soak.ledger import Ledger, Result

ANNOTATED, TRAINED = "The whole video", "Accuracy on test clips"  # on the page of a finished result
_SMALL = "LRCN on figures"  # quick; the one that is proposed for uploads is not
_LABELS = ("Squat", "Wave", "Kick", "Punch", "Walk", "JumpingJack")


class Visitor:
    """Visits until the time is up, one thing after another.

    Args:
        url: of the app.
        random: decides everything.
        ledger: of all visitors.
        video: what they bring when they bring one.
        until_sec: by `time.monotonic`.
    """

    def __init__(self, url: str, random: random.Random, ledger: Ledger, video: Path, until_sec: float) -> None:
        self._url, self._random, self._ledger, self._until_sec = url, random, ledger, until_sec
        self._video = video.read_bytes()
        self._owner = secrets.token_urlsafe(16)
        self._tab: Session | None = None

    def live(self) -> None:
        """Visit after visit."""
        doings: dict[Callable[[], None], int] = {
            self._explore: 5,
            self._annotate_sample: 3,
            self._annotate_upload: 3,
            self._train: 1,
            self._look_around: 1,
        }
        while time.monotonic() < self._until_sec:
            (doing,) = self._random.choices(list(doings), list(doings.values()))
            self._ledger.count(self._ledger.visits, [doing.__name__.strip("_")])
            try:
                doing()
            except (NoAnswer, requests.RequestException, OSError) as error:
                self._ledger.count(self._ledger.faults, [f"{doing.__name__}: {type(error).__name__}: {error}"])
            except Missing as error:  # most likely the page says why
                self._refused(f"{doing.__name__}: no {error}")
            finally:
                self._leave()

    # Tabs

    @property
    def _here(self) -> Session:
        if self._tab is None:
            raise Missing("an open tab")
        return self._tab

    def _open(self, address: str) -> Session:
        self._leave()
        self._tab = Session(self._url, address, self._owner, self._ledger.note)
        self._think(0.5, 3)
        return self._tab

    def _leave(self) -> None:
        if self._tab is not None:
            self._ledger.count(self._ledger.faults, self._tab.page.faults)
            self._tab.close()
            self._tab = None

    def _reload(self, page: str) -> Session:
        self._ledger.count(self._ledger.visits, ["reload"])
        return self._open(f"{page}?{self._tab.query}" if self._tab else page)

    def _vanish(self) -> None:
        """The tab is closed, and somebody else comes."""
        self._ledger.count(self._ledger.visits, ["vanish"])
        self._leave()
        self._owner = secrets.token_urlsafe(16)

    def _think(self, least_sec: float, most_sec: float) -> None:
        if self._tab is not None:
            self._tab.idle(min(self._random.uniform(least_sec, most_sec), max(0.0, self._until_sec - time.monotonic())))

    def _refused(self, what: str) -> None:
        alerts = self._tab.page.alerts() if self._tab else []
        self._ledger.count(self._ledger.refusals, alerts or [what])

    # Doings

    def _look_around(self) -> None:
        tab = self._open("")
        for page in ("status", "explore", "train", "annotate"):
            tab.go(page)
            self._think(0.5, 2)

    def _explore(self) -> None:
        tab = self._open("explore")
        for _ in range(self._random.randint(1, 4)):
            tab.press("Shuffle")
            self._think(1, 3)
        if tab.page.cells:
            tab.open_cell(self._random.randrange(99), "open a class")
            self._think(1, 4)
            tab.open_cell(self._random.randrange(99), "open a clip")
            self._think(1, 4)
        view = self._random.choice(["Facts", "What a network sees", "Split"])
        tab.choose("button_group", "View", [view], f"view {view}")
        self._think(2, 6)
        if self._random.random() < 0.5:
            self._reload("explore")

    def _annotate_sample(self) -> None:
        tab = self._open("annotate")
        sample = self._random.choice(["Six actions in a row", "A boxer's training", "A box is moved"])
        tab.choose("radio", "Sample", sample)
        self._think(0.5, 2)
        tab.press("Annotate", "start")
        self._follow("annotate", "job", ANNOTATED)

    def _annotate_upload(self) -> None:
        tab = self._open("annotate")
        tab.choose("button_group", "Video", ["Your own video"])
        tab.upload("Video file", f"holiday {self._random.randrange(1000)}.mp4", self._video)
        if self._random.random() < 0.7:
            tab.choose("selectbox", "Classifier", _SMALL)
        self._think(0.5, 2)
        tab.press("Annotate", "start")
        self._follow("annotate", "job", ANNOTATED)

    def _train(self) -> None:
        tab = self._open("train")
        tab.choose("multiselect", "Classes", self._random.sample(_LABELS, 2))
        tab.choose("button_group", "Recipe", ["The tutorial's"])
        tab.choose("number_input", "Epochs, at most", 2)
        self._think(0.5, 2)
        tab.press("Train", "start")
        self._follow("train", "run", TRAINED)

    # Waiting

    def _follow(self, page: str, parameter: str, mark: str) -> None:
        """Wait for a job, more or less patiently; whoever sees its end looks at what came of it."""
        if self._here.parameter(parameter) is None:
            self._refused("nothing was begun")
            return
        for _ in range(self._random.randint(1, 4)):
            patience_sec = min(self._random.uniform(5, 90), max(1.0, self._until_sec - time.monotonic()))
            if self._here.idle(patience_sec, lambda: mark in self._here.page.text() or self._ended()):
                break
            chance = self._random.random()
            if chance < 0.1:
                self._vanish()
                return
            if chance < 0.3:
                self._cancel()
            elif chance < 0.7:
                self._reload(page)
        if mark in self._here.page.text():
            self._ledger.keep(Result(f"{page}?{self._here.query}", self._owner, mark))
            (self._use if mark == ANNOTATED else self._read)()

    def _ended(self) -> bool:
        """Whether there is nothing to wait for any more."""
        names = [button.label for button, _ in self._here.page.widgets("button")]
        return not any(name.startswith(("Cancel", "Stop")) for name in names)

    def _cancel(self) -> None:
        self._ledger.count(self._ledger.visits, ["cancel"])
        with suppress(Missing):  # it has just ended
            self._here.press("Cancel" if self._here.parameter("job") else "Stop")

    def _use(self) -> None:
        """Look at an annotation, and take it away."""
        tab = self._here
        for video, _ in tab.page.widgets("video"):
            tab.fetch(video.url)
        for _ in range(2):
            tab.choose("slider", "Threshold", [round(self._random.uniform(0.1, 0.9), 2)])
            self._think(0.5, 3)
        names = [each.label for each, _ in tab.page.widgets("download_button")]
        for name in self._random.sample(names, min(2, len(names))):
            if not tab.download(name):
                self._ledger.count(self._ledger.faults, [f"an empty file behind {name}"])

    def _read(self) -> None:
        """Read a report, and take the run away."""
        self._think(1, 4)
        if self._random.random() < 0.5 and not self._here.download("Take away"):
            self._ledger.count(self._ledger.faults, ["an empty file behind Take away"])
