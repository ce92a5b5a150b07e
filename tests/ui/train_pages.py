"""Runs for tests of the Train screen, without training."""

import time
from dataclasses import replace

from har.evaluation import Bin, Calibration, ClipPrediction, Evaluation, Proportion, Report
from har.jobs import JobStatus
from har.recipe import recipe_for
from har.runs import Plan, new_run
from har.training import EpochRecord, Outcome, SplitFacts
from har.training.outcome import write_outcome
from tests.ui.data_pages import open_screen

OWNER = "o" * 22


def plan(labels=("Kick", "Wave"), dataset="figures", **changes):
    recipe = replace(recipe_for("lrcn"), **changes)
    return Plan(dataset, "Drawn people", tuple(labels), recipe, time.time())


def epoch(number, accuracy=0.5, best=True, epochs=34):
    return EpochRecord(number, epochs, 0.5, 0.75, 1 / number, accuracy, 40.0, best, 900 << 20)


def evaluation(clips=None, orders=None):
    """Of a classifier that predicts Kick for some clips of Wave.

    Args:
        clips: actual and predicted label of each.
        orders: correct clips by order of frames.
    """
    if clips is None:
        clips = [("Kick", "Kick")] * 10 + [("Wave", "Wave")] * 8 + [("Wave", "Kick")] * 2
    predictions = tuple(
        ClipPrediction(f"/nowhere/{label}/v_{label}_g{n:02}.mp4", label, predicted, 0.8, f"g{n:02}")
        for n, (label, predicted) in enumerate(clips)
    )
    bins = (Bin(0.0, 0.5, 0, 0.25, 0.0), Bin(0.5, 1.0, len(clips), 0.8, 0.9))
    calibration = Calibration(1.5, 0.55, 0.8, 0.9, 0.12, 0.04, bins, bins)
    orders = orders or {"shuffled": 10, "reversed": 11, "frozen": 9}
    return Evaluation(
        Report(("Kick", "Wave"), predictions, 0),
        calibration,
        {name: Proportion(right, len(clips)) for name, right in orders.items()},
    )


def outcome(tested="default", **split):
    """Of a training; the keywords are fields of `SplitFacts`. None: it was stopped before the test."""
    facts = {"kind": "grouped", "leaked": 0, "note": None, "guessed_groups": False} | split
    groups = {"train": ("g01", "g02"), "validation": ("g03",), "test": ("g04",)}
    history = (epoch(1), epoch(2, 0.6), epoch(3, 0.55, best=False))
    tested = evaluation() if tested == "default" else tested
    parts = SplitFacts(train=60, validation=12, test=20, groups=groups, **facts)
    return Outcome(history, history[1], parts, tested, False, 75.0, 72994, 68_000_000)


def finished(result=None, owner=OWNER, **changes):
    """A finished run; the keywords are fields of its recipe, or `labels` and `dataset`."""
    run = new_run(owner, plan(**changes))
    run.classifier.mkdir()
    write_outcome(run.folder, result or outcome())
    return run


def status(run, state, *events, position=0, error=None):
    return JobStatus(run.id, state, position, events, 20.0, None, error)


def open_train(run=None, owner=OWNER, **query):
    if run is not None:
        query["run"] = getattr(run, "id", run)
    return open_screen("train", {"owner": owner}, known=False, **query)


def keep_epochs(monkeypatch, run, *history):
    """Let a run have the epochs of an interrupted training."""
    monkeypatch.setattr("har.runs.store.read_history", lambda path: history if path == run.checkpoint else ())
