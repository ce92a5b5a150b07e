"""Mutated query strings: what pages look up by them; every fifth on the page itself, which shows no traceback."""

import random
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import MagicMock, patch

from streamlit.testing.v1 import AppTest

from har.classifier import folder_of as classifier_folder
from har.datasets import open_dataset
from har.datasets.sources import user
from har.errors import HarError, JobMissing
from har.jobs import JobStatus, JobSummary
from har.runs import open_run
from har.settings import settings
from pages.status import is_owner
from stress.fuzz import seeds, texts
from stress.fuzz.canary import Canary
from stress.fuzz.case import Case
from ui.annotate.result import folder_of as job_folder

_PAGES = ("annotate", "explore", "train", "status", "home")
_SEEDS = {
    "dataset": ("figures", "ucf101", "own-" + "a" * 22, "own-" + "b" * 43, "ucf50"),
    "view": ("samples", "facts", "sight", "split", "get-data"),
    "label": ("Kick", "wave", "TaiChi"),
    "clip": ("v_Kick_g01_c01.mp4", "a.mp4"),
    "job": ("a" * 22, "A-_" * 7 + "x"),
    "burn": ("b" * 22,),
    "get": ("c" * 22,),
    "run": ("d" * 22,),
    "classifier": ("e" * 22, "lrcn-figures"),
    "owner": ("f" * 22, "secret"),
}
_APP_EVERY = 5  # cases: a page takes far longer than what it looks up
_PAGE_SEC = 60


class _NoJobs:
    """The jobs of an app in which nobody has asked for any; real ones start a worker."""

    def status(self, job_id: str) -> JobStatus:
        """There is none."""
        raise JobMissing("There is no such job.", "Its address was expected.", "Start it again.")

    def overview(self) -> tuple[JobSummary, ...]:
        """None at all."""
        return ()


@dataclass
class _Work:
    jobs: _NoJobs


class Queries:
    """Cases of the kind `query`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self.canary = Canary(folder / "planted", seeds.videos(folder / "seeds", ["mpeg4.mp4"])["mpeg4.mp4"])

    def make(self, index: int) -> tuple[str, dict[str, str]]:
        """A page, and its query."""
        chance = random.Random(f"{self._seed} query {index}")
        others = [value for values in _SEEDS.values() for value in values] + [str(self.canary.text)]
        names = chance.sample(list(_SEEDS), chance.randint(1, 4))
        query = {name: chance.choice(_SEEDS[name]) for name in names}
        for name in chance.sample(names, chance.randint(1, len(names))):
            query[name] = texts.change(query[name], others, chance)
        if chance.random() < 0.1:
            query[texts.change("job", others, chance) or "x"] = "1"
        return chance.choice(_PAGES), query

    def run(self, index: int, folder: Path) -> Case:
        """Look up what it names, or open the page."""
        page, query = self.make(index)
        road = (lambda: _opened(page, query)) if index % _APP_EVERY == 0 else (lambda: _looked_up(query))
        return Case(f"{page} {query!r}"[:400], road, set())


def _looked_up(query: dict[str, str]) -> object:
    """Everything of the library that a page asks with a word of the address."""
    said: list[str] = []
    for text in query.values():
        for look in (user.dataset_folder, open_run, classifier_folder, open_dataset):
            with suppress(HarError):
                if look is not open_dataset or text != "figures":  # which would be drawn
                    said.append(str(look(text)))
        if job_folder(text).parent != settings().jobs or is_owner(text):
            raise TypeError(f"{text!r} leads to {job_folder(text)}")
    return said


def _opened(page: str, query: dict[str, str]) -> object:
    """A page under an address; nobody's jobs are there, and nothing is drawn."""
    app = AppTest.from_string(f"from pages import {page}\n{page}.main()", default_timeout=_PAGE_SEC)
    for name, value in query.items():
        app.query_params[name] = value
    with ExitStack() as stack:
        stack.enter_context(patch("ui.jobs._work", lambda: _Work(_NoJobs())))
        stack.enter_context(patch("ui.dataset_cache.figures.drawing_process", MagicMock()))
        app.run()
    if app.exception:
        raise TypeError(f"the page shows {app.exception[0].message!r}")
    return [
        getattr(element, "value", None)
        for kind in ("error", "warning", "info", "markdown")
        for element in app.get(kind)
    ]
