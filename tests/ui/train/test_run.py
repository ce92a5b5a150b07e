"""What a run's page says in each of its states, and what it makes of a training's events."""

import pytest

from har.errors import QueueFull, TrainingFailed, WorkerDied
from har.jobs import JobState
from har.runs import list_runs, new_run, open_run, resume_state
from har.training import BatchDone, Decoding, Encoding, FramesDone, LookingForGroups, Resumed, events
from tests.ui.data_pages import buttons, press, texts
from tests.ui.train_pages import OWNER, FakeJobs, epoch, keep_epochs, open_train, plan, status
from ui.train import run as training


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def run():
    return new_run(OWNER, plan())


def progress(page):
    return str(page.get("progress")[0].proto)


def test_before_the_first_epoch_there_is_nothing_to_keep(jobs, run):
    jobs.known[run.id] = status(run, JobState.RUNNING, Decoding(3, 12))
    page = open_train(run)
    assert "Decoding 3 of 12 clips" in progress(page)
    page = press(page, "Stop")
    assert jobs.stopped == [run.id]
    assert "Stopping at the next step." in texts(page)
    assert "Stop" not in buttons(page)


def test_after_the_first_epoch_the_best_is_kept_and_shown(jobs, run):
    events = (BatchDone(1, 34, 4, 4, 0.7, 0.5), epoch(1, 0.5), BatchDone(2, 34, 2, 4, 0.6, 0.6))
    jobs.known[run.id] = status(run, JobState.RUNNING, *events)
    page = open_train(run)
    assert "Epoch 2 of 34, step 2 of 4" in progress(page)
    assert "at most" in progress(page)
    assert {metric.label: metric.value for metric in page.metric} == {
        "Best so far": "50%",
        "In epoch": "1",
        "Clips a second": "40",
        "Memory": "900 MB",
    }
    assert len(page.get("plotly_chart")) == 1
    press(page, "Stop and keep the best")
    assert jobs.stopped == [run.id]


def test_waiting_says_for_how_many(jobs, run):
    jobs.known[run.id] = status(run, JobState.WAITING, place=1)
    assert "Waiting for one other job to finish" in progress(open_train(run))
    jobs.known[run.id] = status(run, JobState.WAITING, place=3)
    assert "Waiting for 3 other jobs to finish" in progress(open_train(run))


def test_a_run_that_was_cut_off_goes_on_where_it_was(jobs, run, monkeypatch):
    keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    page = open_train(run)
    assert "2 epochs are kept" in texts(page)
    press(page, "Go on after epoch 2")
    assert jobs.submitted == [("train_run", (run.id,))]
    assert run.id in jobs.known


DIED = WorkerDied("It has died.", "It should not.", "Try again.")


def test_a_run_whose_worker_died_goes_on_without_a_press(jobs, run, monkeypatch):
    keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    resume_state.want(run)
    resume_state.note_beginning(run)
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    page = open_train(run)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert "goes on after epoch 2 by itself" in texts(page)
    assert "Waiting for one other job" in progress(page)


def test_a_run_that_the_apps_end_cut_off_goes_on_when_it_is_opened(jobs, run):
    resume_state.want(run)
    resume_state.note_beginning(run)
    assert "begins anew by itself" in texts(open_train(run))
    assert jobs.submitted == [("train_run", (run.id,))]


def test_a_run_that_kills_its_worker_again_and_again_has_a_button(jobs, run):
    resume_state.want(run)
    for _ in range(resume_state.MOST_FRUITLESS):
        resume_state.note_beginning(run)
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    page = open_train(run)
    assert "begun 2 times in a row" in texts(page)
    assert jobs.submitted == []
    press(page, "Train it")
    assert jobs.submitted == [("train_run", (run.id,))]
    assert not resume_state.tired(run)


def test_it_is_told_where_a_run_went_on_however_far_it_is_now(jobs, run, monkeypatch):
    resume_state.want(run)
    for _ in range(2):
        resume_state.note_beginning(open_run(run.id))
        keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    keep_epochs(monkeypatch, run, epoch(1), epoch(2), epoch(3))
    jobs.known[run.id] = status(run, JobState.RUNNING, Resumed(2), epoch(3))
    assert "goes on after epoch 2 by itself" in texts(open_train(run))


def test_where_the_queue_is_full_a_run_still_is_to_go_on(jobs, run):
    resume_state.want(run)
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = open_train(run)
    assert "Come back" in texts(page)
    assert resume_state.wanted(run)


def test_a_stopped_run_does_not_go_on_by_itself(jobs, run):
    resume_state.want(run)
    jobs.known[run.id] = status(run, JobState.RUNNING, epoch(1))
    press(open_train(run), "Stop and keep the best")
    assert jobs.stopped == [run.id]
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    open_train(run)
    assert jobs.submitted == []


def test_a_run_that_another_process_trains_is_left_to_it(jobs, run):
    resume_state.want(run)
    with resume_state.alone(run) as alone:
        assert alone
        assert "knows nothing of trains this run" in texts(open_train(run))
    assert jobs.submitted == []


def test_a_failure_is_told_and_can_be_tried_again(jobs, run):
    error = TrainingFailed("The loss is not a number.", "It must be.", "Lower the learning rate.")
    jobs.known[run.id] = status(run, JobState.FAILED, error=error)
    page = open_train(run)
    assert "Lower the learning rate" in texts(page)
    press(page, "Train it")
    assert jobs.submitted


def test_a_bug_is_told_without_its_words(jobs, run):
    jobs.known[run.id] = status(run, JobState.FAILED, error=ZeroDivisionError("secret"))
    page = open_train(run)
    assert "on our side" in texts(page)
    assert "secret" not in texts(page)


def test_stopped_before_the_first_epoch(jobs, run):
    jobs.known[run.id] = status(run, JobState.STOPPED)
    assert "Delete it" not in buttons(open_train(run, owner="n" * 22))
    page = open_train(run)
    assert "nothing to keep" in texts(page)
    page = press(page, "Delete it")
    assert run.id not in [each.id for each in list_runs(OWNER)]
    assert "run" not in page.query_params


@pytest.mark.parametrize("address", ["../../etc/passwd", "a" * 22, "", "<b>"])
def test_an_address_that_leads_nowhere_leads_on(jobs, address):
    page = open_train(address)
    assert "no training run under this address" in texts(page)
    page = press(page, "Train another")
    assert "run" not in page.query_params


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (LookingForGroups(1, 4), "Comparing clips"),
        (Encoding(1, 4), "looks at 1 of 4 clips"),
        (FramesDone(1, 4, 0.5, 0.25), "step 1 of 4 · loss 0.50, 25% right"),
        (Resumed(3), "Going on after epoch 3"),
        (events.Testing(1, 4), "Testing the best epoch: 1 of 4"),
    ],
)
def test_each_part_of_a_training_has_its_words(event, text):
    now = training.read((), (event,), 16)
    assert text in now.text
    assert now.done == (0 if isinstance(event, Resumed) else 0.25)


def test_time_left_is_counted_in_epochs():
    events = (BatchDone(1, 5, 10, 10, 1, 1), epoch(1, epochs=5), BatchDone(2, 5, 5, 10, 1, 1))
    now = training.read((), events, 16)
    assert now.left_sec == pytest.approx(3.5 * 10 * 16 / 40)
    assert training.read((), events[:1], 16).left_sec is None


def test_epochs_of_an_earlier_attempt_stand_before_those_of_this_one():
    stored = (epoch(1, 0.1), epoch(2, 0.2), epoch(3, 0.3))
    gone_on = training.read(stored, (Resumed(2), epoch(3, 0.9)), 16)
    assert [each.validation_accuracy for each in gone_on.history] == [0.1, 0.2, 0.9]
    begun_anew = training.read(stored, (epoch(1, 0.7),), 16)
    assert [each.validation_accuracy for each in begun_anew.history] == [0.7]
    not_begun = training.read(stored, (Decoding(1, 2),), 16)
    assert [each.epoch for each in not_begun.history] == [1, 2, 3]


def test_the_best_is_the_last_that_was_better():
    now = training.read((), (epoch(1, 0.4), epoch(2, 0.6), epoch(3, 0.5, best=False)), 16)
    assert now.best.epoch == 2


@pytest.mark.parametrize(
    ("state", "submitted"), [(JobState.WAITING, 0), (JobState.RUNNING, 0), (JobState.FAILED, 1), (JobState.STOPPED, 1)]
)
def test_what_is_being_trained_is_not_begun_once_more(jobs, run, state, submitted):
    jobs.known[run.id] = status(run, state)
    training.begin(run.id)
    assert len(jobs.submitted) == submitted
