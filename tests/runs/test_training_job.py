import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import load
from har.clips import ClipSpec
from har.errors import StopRequested
from har.networks.keras_file import save_keras_file
from har.runs import Plan, Run, new_run, open_run, train_run
from har.training import BatchRecord, EpochRecord
from har.training.records import Resumed
from tests.runs.conftest import OWNER


def test_what_came_of_a_run_is_kept(finished: Run, plan: Plan) -> None:
    outcome = finished.outcome
    assert outcome is not None
    assert [epoch.epoch for epoch in outcome.history] == [1, 2, 3]
    assert outcome.best in outcome.history
    assert (outcome.split.train, outcome.split.validation, outcome.split.test) == (6, 2, 2)
    assert outcome.split.leaked == 0
    assert set(outcome.split.groups["train"]).isdisjoint(outcome.split.groups["test"])
    assert outcome.examination is not None
    assert len(outcome.examination.report.clips) == 2
    assert load(finished.classifier).card.labels == plan.labels
    assert outcome.parameters == load(finished.classifier).model.count_params()
    assert outcome.macs is not None
    assert not finished.checkpoint.exists()
    assert outcome.seconds > 0


def test_a_run_that_is_through_is_not_trained_again(finished: Run) -> None:
    events: list[object] = []
    train_run(finished.id, events.append)
    assert events == []


class Killed(BaseException):
    """As when the process ends."""


def test_a_run_that_was_cut_off_goes_on(plan: Plan, finished: Run) -> None:
    run = new_run(OWNER, plan)

    def kill(event: object) -> None:
        if isinstance(event, BatchRecord) and event.epoch == 3:
            raise Killed

    with pytest.raises(Killed):
        train_run(run.id, kill)
    between = open_run(run.id)
    assert between.outcome is None
    assert [epoch.epoch for epoch in between.history] == [1, 2]
    events: list[object] = []
    train_run(run.id, events.append)
    assert [event.epoch for event in events if isinstance(event, Resumed)] == [2]
    resumed = open_run(run.id).outcome
    assert resumed is not None
    assert finished.outcome is not None
    assert [each.validation_loss for each in resumed.history] == [
        each.validation_loss for each in finished.outcome.history
    ]


def test_stopping_keeps_the_best_with_its_report(plan: Plan) -> None:
    run = new_run(OWNER, plan)

    def stop(event: object) -> None:
        if isinstance(event, EpochRecord):
            raise StopRequested

    train_run(run.id, stop)
    outcome = open_run(run.id).outcome
    assert outcome is not None
    assert outcome.stopped
    assert len(outcome.history) == 1
    assert outcome.examination is not None


def test_stopping_before_there_is_anything_leaves_a_run_that_can_begin(plan: Plan) -> None:
    run = new_run(OWNER, plan)

    def stop(event: object) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        train_run(run.id, stop)
    assert open_run(run.id).outcome is None


def test_clips_of_one_recording_on_both_sides_are_counted(plan: Plan, folder: Path) -> None:
    run = new_run(OWNER, replace(plan, recipe=replace(plan.recipe, split="random", epochs=1)))
    train_run(run.id)
    outcome = open_run(run.id).outcome
    assert outcome is not None
    assert outcome.split.kind == "random"
    shared = set(outcome.split.groups["train"]) & set(outcome.split.groups["test"])
    assert (outcome.split.leaked > 0) == bool(shared)


@pytest.mark.parametrize("network", ["lrcn", "convlstm", "lrcn-lite0", "i3d-head"])
def test_keras_alone_reads_the_portable_file(tmp_path: Path, network: str) -> None:
    spec = ClipSpec(frames=8, height=64, width=64)
    model = networks.build(network, 3, spec)
    clips = np.random.default_rng(0).integers(0, 256, (2, *spec.shape), np.uint8)
    np.save(tmp_path / "clips.npy", clips)
    np.save(tmp_path / "expected.npy", np.asarray(model(clips, training=False)))
    save_keras_file(model, tmp_path / "model.keras")
    program = (
        "import keras, numpy as np, sys; "
        "model = keras.saving.load_model('model.keras'); "
        "found = model(np.load('clips.npy'), training=False); "
        "np.testing.assert_allclose(np.asarray(found), np.load('expected.npy'), rtol=1e-3, atol=1e-5); "
        "assert not any(name == 'har' or name.startswith('har.') for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
