"""What a run's page shows in each of its states, and what it makes of a training's events."""

import pytest

from har.errors import QueueFull, TrainingFailed, WorkerDied
from har.jobs import JobState
from har.progress import Progress, Stage
from har.runs import list_runs, new_run, open_run, resume_state
from har.training import BatchRecord, Resumed
from tests.ui.data_pages import buttons, press, texts
from tests.ui.train_pages import OWNER, epoch, keep_epochs, open_train, plan, status
from ui.train import live

DIED = WorkerDied("It has died.", "It should not.", "Try again.")


@pytest.fixture
def run():
    return new_run(OWNER, plan())


def progress_bar(page):
    return str(page.get("progress")[0].proto)


def batch(number, step=1, steps=10, epochs=5):
    return BatchRecord(number, epochs, step, steps, 0.6, 0.5)


def training(*records):
    """The events of a training that has these records."""

    def done(record):
        return record.epoch - 1 + record.batch / (record.batches + 1) if hasattr(record, "batch") else record.epoch

    return tuple(Progress(Stage.TRAIN, done(record), 34, event=record) for record in records)


def test_before_the_first_epoch_there_is_nothing_to_keep(jobs, run):
    jobs.known[run.id] = status(run, JobState.RUNNING, Progress(Stage.DECODE, 3, 12))
    page = open_train(run)
    assert "Decoding clips\\\\: 3 of 12" in progress_bar(page)
    page = press(page, "Stop")
    assert jobs.stopped == [run.id]
    assert "Stopping after this step." in texts(page)
    assert "Stop" not in buttons(page)


def test_after_the_first_epoch_the_best_is_kept_and_shown(jobs, run):
    events = training(batch(1, 10, epochs=34), epoch(1, 0.5), batch(2, 9, epochs=34))
    jobs.known[run.id] = status(run, JobState.RUNNING, *events)
    page = open_train(run)
    assert "Epoch 2 of 34" in progress_bar(page)
    assert "at most" in progress_bar(page)
    assert {metric.label: metric.value for metric in page.metric} == {
        "Best accuracy": "50%",
        "In epoch": "1",
        "Clips per second": "40",
        "Memory": "900 MB",
    }
    assert len(page.get("plotly_chart")) == 1
    press(page, "Stop and keep the best")
    assert jobs.stopped == [run.id]


def test_interrupted_run_can_be_resumed(jobs, run, monkeypatch):
    keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    page = open_train(run)
    assert "2 epochs are kept" in texts(page)
    press(page, "Resume after epoch 2")
    assert jobs.submitted == [("train_run", (run.id,))]
    assert run.id in jobs.known


def test_run_whose_worker_died_resumes_by_itself(jobs, run, monkeypatch):
    keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    resume_state.request(run)
    resume_state.record_start(run)
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    page = open_train(run)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert "resumes after epoch 2" in texts(page)
    assert "1 job ahead of you" in progress_bar(page)


def test_run_interrupted_by_the_end_of_the_app_resumes_when_it_is_opened_and_the_queue_has_room(jobs, run):
    resume_state.request(run)
    resume_state.record_start(run)
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    assert "Come back" in texts(open_train(run))
    jobs.refusal = None
    assert "interrupted and starts again" in texts(open_train(run))
    assert jobs.submitted == [("train_run", (run.id,))]


def test_run_that_kills_its_worker_repeatedly_waits_for_the_button(jobs, run):
    resume_state.request(run)
    for _ in range(resume_state.MAX_FAILED_STARTS):
        resume_state.record_start(run)
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    page = open_train(run)
    assert "failed 2 times in a row" in texts(page)
    assert jobs.submitted == []
    press(page, "Try again")
    assert jobs.submitted == [("train_run", (run.id,))]
    assert not resume_state.gave_up(run)


def test_page_shows_after_which_epoch_the_run_has_resumed(jobs, run, monkeypatch):
    resume_state.request(run)
    for _ in range(2):
        resume_state.record_start(open_run(run.id))
        keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    keep_epochs(monkeypatch, run, epoch(1), epoch(2), epoch(3))
    jobs.known[run.id] = status(run, JobState.RUNNING, *training(Resumed(2), epoch(3)))
    assert "resumes after epoch 2" in texts(open_train(run))


def test_stopped_run_does_not_resume_by_itself(jobs, run):
    resume_state.request(run)
    jobs.known[run.id] = status(run, JobState.RUNNING, *training(epoch(1)))
    press(open_train(run), "Stop and keep the best")
    assert jobs.stopped == [run.id]
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    open_train(run)
    assert jobs.submitted == []


def test_run_that_another_process_trains_is_left_alone(jobs, run):
    resume_state.request(run)
    with resume_state.lock(run) as locked:
        assert locked
        assert "Another process is training this run" in texts(open_train(run))
    assert jobs.submitted == []


def test_failure_is_shown_and_can_be_tried_again(jobs, run):
    error = TrainingFailed("The loss is not a number.", "It must be.", "Lower the learning rate.")
    jobs.known[run.id] = status(run, JobState.FAILED, error=error)
    page = open_train(run)
    assert "Lower the learning rate" in texts(page)
    press(page, "Try again")
    assert jobs.submitted


@pytest.mark.promise("private", "A bug is reported without its message")
def test_bug_is_reported_without_its_message(jobs, run):
    jobs.known[run.id] = status(run, JobState.FAILED, error=ZeroDivisionError("secret"))
    page = open_train(run)
    assert page.error
    assert "secret" not in texts(page)


def test_run_stopped_before_the_first_epoch_can_be_deleted_by_its_owner(jobs, run):
    jobs.known[run.id] = status(run, JobState.STOPPED)
    assert "Delete it" not in buttons(open_train(run, owner="n" * 22))
    page = open_train(run)
    assert "Stopped before the first epoch ended." in texts(page)
    page = press(page, "Delete it")
    assert run.id not in [each.id for each in list_runs(OWNER)]
    assert "run" not in page.query_params


@pytest.mark.parametrize("address", ["../../etc/passwd", ""])
def test_unknown_run_leads_back_to_the_form(jobs, address):
    page = open_train(address)
    assert page.error
    page = press(page, "Train another")
    assert "run" not in page.query_params


def test_time_left_is_that_of_the_remaining_epochs():
    events = training(batch(1, 10), epoch(1, epochs=5), batch(2, 5))
    assert live.read_events((), events, 16).left_sec == pytest.approx(3.5 * 10 * 16 / 40)
    assert live.read_events((), events[:1], 16).left_sec is None
    assert live.read_events((), (*events, Progress(Stage.TEST, 1, 4)), 16).left_sec is None


@pytest.mark.parametrize(
    ("events", "accuracies"),
    [
        (training(Resumed(2), epoch(3, 0.9)), [0.1, 0.2, 0.9]),  # resumed
        (training(epoch(1, 0.7)), [0.7]),  # started again
        ((Progress(Stage.DECODE, 1, 2),), [0.1, 0.2, 0.3]),  # not started yet
    ],
)
def test_epochs_of_earlier_attempts_come_before_those_of_this_one(events, accuracies):
    stored = (epoch(1, 0.1), epoch(2, 0.2), epoch(3, 0.3))
    history = live.read_events(stored, events, 16).history
    assert [each.validation_accuracy for each in history] == accuracies


def test_best_epoch_is_the_last_one_marked_as_best():
    events = training(epoch(1, 0.4), epoch(2, 0.6), epoch(3, 0.5, best=False))
    assert live.read_events((), events, 16).best.epoch == 2
