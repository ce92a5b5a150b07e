import pytest

from har.classifier import load
from har.errors import StopRequested
from har.progress import Progress, Stage
from har.runs import Plan, Run, new_run, open_run, train_run
from har.training import BatchRecord, EpochRecord, Resumed
from tests.runs.conftest import OWNER
from tests.training.conftest import Killed, raise_if

pytestmark = pytest.mark.training


def test_a_finished_run_has_outcome_classifier_and_report(finished: Run, plan: Plan) -> None:
    outcome = finished.outcome
    assert [epoch.epoch for epoch in outcome.history] == [1, 2, 3]
    assert outcome.best in outcome.history
    assert (outcome.split.train, outcome.split.validation, outcome.split.test) == (6, 2, 2)
    assert outcome.split.leaked == 0
    assert set(outcome.split.groups["train"]).isdisjoint(outcome.split.groups["test"])
    assert len(outcome.examination.report.clips) == 2
    assert outcome.seconds > 0
    classifier = load(finished.classifier)
    assert classifier.card.labels == plan.labels
    assert outcome.parameters == classifier.model.count_params()
    assert outcome.macs is not None
    names = {path.name for path in finished.folder.iterdir()}
    assert names >= {"outcome.json", "model.keras", "report.html"}
    assert not names & {"checkpoint.npz", "spent.txt"}
    assert "bright · dark (LRCN): Shades" in (finished.folder / "report.html").read_text()


def test_a_finished_run_is_not_trained_again(finished: Run) -> None:
    train_run(finished.id, lambda progress: pytest.fail("it is trained again"))


def test_an_interrupted_run_resumes_with_the_same_result(plan: Plan, finished: Run) -> None:
    run = new_run(OWNER, plan)
    with pytest.raises(StopRequested):
        train_run(run.id, raise_if(lambda each: True))  # before the first epoch: nothing is kept
    assert open_run(run.id).outcome is None
    with pytest.raises(Killed):
        train_run(run.id, raise_if(lambda each: isinstance(each.event, BatchRecord) and each.event.epoch == 3, Killed))
    interrupted = open_run(run.id)
    assert interrupted.outcome is None
    assert [epoch.epoch for epoch in interrupted.history] == [1, 2]
    (run.folder / "spent.txt").write_text("1000.0")
    progress: list[Progress] = []
    train_run(run.id, progress.append)
    assert [each.event.epoch for each in progress if isinstance(each.event, Resumed)] == [2]
    assert progress[-1].stage is Stage.SAVE
    resumed = open_run(run.id).outcome
    assert resumed.seconds > 1000  # over both attempts
    losses = ([epoch.validation_loss for epoch in outcome.history] for outcome in (resumed, finished.outcome))
    assert next(losses) == next(losses)


@pytest.mark.promise("jobs", "Stopping a training keeps its best epoch")
def test_a_stopped_run_keeps_its_best_epoch_and_report(plan: Plan) -> None:
    run = new_run(OWNER, plan)
    epochs: list[EpochRecord] = []

    def stop(progress: Progress) -> None:
        if isinstance(progress.event, EpochRecord):
            epochs.append(progress.event)
        if epochs:
            raise StopRequested

    train_run(run.id, stop)
    outcome = open_run(run.id).outcome
    assert outcome.stopped
    assert len(outcome.history) == 1
    assert outcome.examination is not None
