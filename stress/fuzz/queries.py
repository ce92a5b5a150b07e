"""Mutated query strings, as pages look them up; every fifth opens the page itself, which must show no traceback."""

import random
from contextlib import ExitStack, suppress
from pathlib import Path
from unittest.mock import MagicMock, patch

from streamlit.testing.v1 import AppTest

from har.classifier import folder_of as classifier_folder
from har.datasets import open_dataset, user_sets
from har.errors import HarError, JobMissing
from har.jobs import Jobs, JobStatus, JobSummary
from har.runs import open_run
from har.settings import settings
from pages.status import is_owner
from stress.fuzz import seeds, text_changes
from stress.fuzz.case import Case
from stress.fuzz.tripwire import Tripwire
from ui.annotate.result import folder_of as job_folder
from ui.jobs import override_jobs

_PAGES = ("annotate", "explore", "train", "teach", "status", "home")
_SEEDS = {
    "dataset": ("figures", "ucf101", "own-" + "a" * 22, "own-" + "b" * 43, "ucf50"),
    "view": ("samples", "facts", "sight", "split", "get-data"),
    "label": ("Kick", "wave", "TaiChi"),
    "clip": ("v_Kick_g01_c01.mp4", "a.mp4"),
    "job": ("a" * 22, "A-_" * 7 + "x"),
    "burn": ("b" * 22,),
    "get": ("c" * 22,),
    "adding": ("g" * 22,),
    "run": ("d" * 22,),
    "classifier": ("e" * 22, "lrcn-figures"),
    "owner": ("f" * 22, "secret"),
}
_APP_EVERY = 5  # a page takes much longer than the lookups
_PAGE_SEC = 60


class _EmptyQueue(Jobs):
    """The jobs of an app without any; real ones start a worker."""

    def __init__(self) -> None:
        pass

    def status(self, job_id: str) -> JobStatus:
        raise JobMissing("There is no such job.", "The id of one was expected.", "Start it again.")

    def overview(self) -> tuple[JobSummary, ...]:
        return ()


class Queries:
    """Cases of the kind `query`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self.tripwire = Tripwire(folder / "planted", seeds.videos(folder / "seeds", ["mpeg4.mp4"])["mpeg4.mp4"])

    def generate(self, index: int) -> tuple[str, dict[str, str]]:
        """A page and its query."""
        rng = random.Random(f"{self._seed} query {index}")
        others = [value for values in _SEEDS.values() for value in values] + [str(self.tripwire.text)]
        names = rng.sample(list(_SEEDS), rng.randint(1, 4))
        query = {name: rng.choice(_SEEDS[name]) for name in names}
        for name in rng.sample(names, rng.randint(1, len(names))):
            query[name] = text_changes.change(query[name], others, rng)
        if rng.random() < 0.1:
            query[text_changes.change("job", others, rng) or "x"] = "1"
        return rng.choice(_PAGES), query

    def make_case(self, index: int, folder: Path) -> Case:
        """Look up its values, or open the page."""
        page, query = self.generate(index)
        target = (lambda: _open_page(page, query)) if index % _APP_EVERY == 0 else (lambda: _look_up(query))
        return Case(f"{page} {query!r}"[:400], target, set())


def _look_up(query: dict[str, str]) -> object:
    """Everything that pages look up by a value of the query."""
    results: list[str] = []
    for text in query.values():
        for look in (user_sets.dataset_folder, open_run, classifier_folder, open_dataset):
            with suppress(HarError):
                if look is not open_dataset or text != "figures":  # which would be generated
                    results.append(str(look(text)))
        if job_folder(text).parent != settings().jobs or is_owner(text):
            raise TypeError(f"{text!r} leads to {job_folder(text)}")
    return results


def _open_page(page: str, query: dict[str, str]) -> object:
    """Open a page with an empty queue and without generating videos."""
    app = AppTest.from_string(f"from pages import {page}\n{page}.main()", default_timeout=_PAGE_SEC)
    for name, value in query.items():
        app.query_params[name] = value
    with ExitStack() as stack:
        stack.enter_context(override_jobs(_EmptyQueue()))
        stack.enter_context(patch("ui.dataset_cache.figures.drawing_process", MagicMock()))
        app.run()
    if app.exception:
        raise TypeError(f"the page shows {app.exception[0].message!r}")
    return [
        getattr(element, "value", None)
        for kind in ("error", "warning", "info", "markdown")
        for element in app.get(kind)
    ]
