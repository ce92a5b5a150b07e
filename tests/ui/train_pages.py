"""What tests of the Train screen share: runs that nobody had to train."""

import time
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from har.evaluation import Bin, Calibration, ClipVerdict, Examination, Report, Share
from har.jobs import Jobs, JobStatus
from har.recipe import recipe_for
from har.runs import Outcome, Plan, SplitFacts, new_run
from har.runs.folder import write_outcome
from har.training import EpochDone
from tests.pages.test_annotate import FakeJobs as Known
from tests.ui.data_pages import ran

OWNER = "o" * 22


class FakeJobs(Known, Jobs):
    """Also notes which were asked to stop."""

    def __init__(self):
        super().__init__()
        self.stopped = []

    def stop(self, job_id):
        self.stopped.append(job_id)


def plan(labels=("Kick", "Wave"), dataset="figures", **changes):
    recipe = replace(recipe_for("lrcn"), **changes)
    return Plan(dataset, "Drawn people", tuple(labels), recipe, time.time())


def epoch(number, accuracy=0.5, best=True, epochs=34):
    return EpochDone(number, epochs, 0.5, 0.75, 1 / number, accuracy, 40.0, best, 900 << 20)


def examination(clips=None, orders=None):
    """Of a classifier that takes some of the waves for kicks."""
    if clips is None:
        clips = [("Kick", "Kick")] * 10 + [("Wave", "Wave")] * 8 + [("Wave", "Kick")] * 2
    verdicts = tuple(
        ClipVerdict(f"/nowhere/{label}/v_{label}_g{n:02}.mp4", label, said, 0.8, f"g{n:02}")
        for n, (label, said) in enumerate(clips)
    )
    bins = (Bin(0.0, 0.5, 0, 0.25, 0.0), Bin(0.5, 1.0, len(clips), 0.8, 0.9))
    calibration = Calibration(1.5, 0.55, 0.8, 0.9, 0.12, 0.04, bins, bins)
    orders = orders or {"shuffled": 10, "reversed": 11, "frozen": 9}
    return Examination(
        Report(("Kick", "Wave"), verdicts, 0),
        calibration,
        {name: Share(right, len(clips)) for name, right in orders.items()},
    )


def outcome(examined="some", **split):
    facts = {"kind": "grouped", "leaked": 0, "note": None, "guessed_groups": False} | split
    groups = {"train": ("g01", "g02"), "validation": ("g03",), "test": ("g04",)}
    history = (epoch(1), epoch(2, 0.6), epoch(3, 0.55, best=False))
    found = examination() if examined == "some" else examined
    parts = SplitFacts(train=60, validation=12, test=20, groups=groups, **facts)
    return Outcome(history, history[1], parts, found, False, 75.0, 72994, 68_000_000)


def finished(result=None, owner=OWNER, **changes):
    """A run that is through."""
    run = new_run(owner, plan(**changes))
    run.classifier.mkdir()
    write_outcome(run, result or outcome())
    return run


def status(run, state, *events, place=0, error=None):
    return JobStatus(run.id, state, place, events, 20.0, None, error)


def open_train(run=None, owner=OWNER, **query):
    page = AppTest.from_string("from pages import train\ntrain.main()", default_timeout=60)
    page.session_state["owner"] = owner
    if run is not None:
        page.query_params["run"] = getattr(run, "id", run)
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def keep_epochs(monkeypatch, run, *history):
    """As an attempt that was cut off leaves them."""
    monkeypatch.setattr("har.runs.folder.read_history", lambda path: history if path == run.checkpoint else ())
