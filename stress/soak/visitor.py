"""A visitor who looks around, uploads videos, trains, cancels, reloads, or leaves and never comes back."""

import random
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import requests

from stress.soak.client import ElementMissing, Session
from stress.soak.connection import AppUnresponsive
from stress.soak.measurements import Measurements, Result

ANNOTATED, TRAINED = "The whole video", "Accuracy on test clips"  # on the page of a finished result
_SMALL = "LRCN on figures"  # fast, unlike the default for uploads
_LABELS = ("Squat", "Wave", "Kick", "Punch", "Walk", "Jumping jack")


class Visitor:
    """Does one activity after another until the time is up.

    Args:
        url: of the app.
        random: source of all decisions.
        measurements: of all visitors.
        video: that they upload.
        end_sec: by `time.monotonic`.
        trains: whether they also train classifiers.
    """

    def __init__(
        self,
        url: str,
        random: random.Random,
        measurements: Measurements,
        video: Path,
        end_sec: float,
        trains: bool = True,
    ) -> None:
        self._url, self._random, self._measurements, self._end_sec = url, random, measurements, end_sec
        self._video, self._trains = video.read_bytes(), trains
        self._owner = secrets.token_urlsafe(16)
        self._tab: Session | None = None

    def run(self) -> None:
        """Visit until the time is up."""
        activities: dict[Callable[[], None], int] = {
            self._explore: 5,
            self._annotate_sample: 3,
            self._annotate_upload: 3,
            self._train: int(self._trains),
            self._look_around: 1,
        }
        while time.monotonic() < self._end_sec:
            (activity,) = self._random.choices(list(activities), list(activities.values()))
            self._measurements.count(self._measurements.visits, [activity.__name__.strip("_")])
            try:
                activity()
            except (AppUnresponsive, requests.RequestException, OSError) as error:
                self._measurements.count(
                    self._measurements.faults, [f"{activity.__name__}: {type(error).__name__}: {error}"]
                )
            except ElementMissing as error:  # most likely the page explains why
                self._refused(f"{activity.__name__}: no {error}")
            finally:
                self._leave()

    # Tabs

    @property
    def _open_tab(self) -> Session:
        if self._tab is None:
            raise ElementMissing("an open tab")
        return self._tab

    def _open(self, address: str) -> Session:
        self._leave()
        self._tab = Session(self._url, address, self._owner, self._measurements.record)
        self._think(0.5, 3)
        return self._tab

    def _leave(self) -> None:
        if self._tab is not None:
            self._measurements.count(self._measurements.faults, self._tab.page.faults)
            self._tab.close()
            self._tab = None

    def _reload(self, page: str) -> Session:
        self._measurements.count(self._measurements.visits, ["reload"])
        return self._open(f"{page}?{self._tab.query}" if self._tab else page)

    def _disappear(self) -> None:
        """Close the tab; the next visit is that of another person."""
        self._measurements.count(self._measurements.visits, ["vanish"])
        self._leave()
        self._owner = secrets.token_urlsafe(16)

    def _think(self, least_sec: float, most_sec: float) -> None:
        if self._tab is not None:
            self._tab.idle(min(self._random.uniform(least_sec, most_sec), max(0.0, self._end_sec - time.monotonic())))

    def _refused(self, what: str) -> None:
        alerts = self._tab.page.alerts() if self._tab else []
        self._measurements.count(self._measurements.refusals, alerts or [what])

    # Activities

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
        view = self._random.choice(["Statistics", "Model input", "Split"])
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
        tab.choose("button_group", "Recipe", ["Tutorial"])
        tab.choose("number_input", "Maximum epochs", 2)
        self._think(0.5, 2)
        tab.press("Train", "start")
        self._follow("train", "run", TRAINED)

    # Waiting

    def _follow(self, page: str, parameter: str, marker: str) -> None:
        """Wait for a job, more or less patiently, and look at its result if it ends in time."""
        if self._open_tab.parameter(parameter) is None:
            self._refused("nothing was started")
            return
        for _ in range(self._random.randint(1, 4)):
            patience_sec = min(self._random.uniform(5, 90), max(1.0, self._end_sec - time.monotonic()))
            if self._open_tab.idle(patience_sec, lambda: marker in self._open_tab.page.text() or self._has_ended()):
                break
            chance = self._random.random()
            if chance < 0.1:
                self._disappear()
                return
            if chance < 0.3:
                self._cancel()
            elif chance < 0.7:
                self._reload(page)
        if marker in self._open_tab.page.text():
            self._measurements.add_result(Result(f"{page}?{self._open_tab.query}", self._owner, marker))
            (self._use_annotation if marker == ANNOTATED else self._read_report)()

    def _has_ended(self) -> bool:
        """Whether there is nothing left to wait for."""
        names = [button.label for button, _ in self._open_tab.page.widgets("button")]
        return not any(name.startswith(("Cancel", "Stop")) for name in names)

    def _cancel(self) -> None:
        self._measurements.count(self._measurements.visits, ["cancel"])
        with suppress(ElementMissing):  # it has just ended
            self._open_tab.press("Cancel" if self._open_tab.parameter("job") else "Stop")

    def _use_annotation(self) -> None:
        """Look at an annotation and download files."""
        tab = self._open_tab
        for video, _ in tab.page.widgets("video"):
            tab.fetch(video.url)
        for _ in range(2):
            tab.choose("slider", "Threshold", [round(self._random.uniform(0.1, 0.9), 2)])
            self._think(0.5, 3)
        names = [each.label for each, _ in tab.page.widgets("download_button")]
        for name in self._random.sample(names, min(2, len(names))):
            if not tab.download(name):
                self._measurements.count(self._measurements.faults, [f"an empty file behind {name}"])

    def _read_report(self) -> None:
        """Read a report and download the run."""
        self._think(1, 4)
        if self._random.random() < 0.5 and not self._open_tab.download("Download"):
            self._measurements.count(self._measurements.faults, ["an empty file from Download"])
