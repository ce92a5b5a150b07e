"""The table of a visitor's runs, and importing a run."""

import pytest

from har.errors import ArchiveRefused, TooManyJobs
from har.jobs import JobState, Lane
from har.runs import list_runs, new_run
from har.settings import settings
from tests.ui.data_pages import buttons, in_address, press, ran, texts
from tests.ui.train_pages import epoch, evaluation, finished, keep_epochs, open_train, outcome, plan, status
from ui.train import run_list


@pytest.fixture
def selected(monkeypatch):
    """Numbers of the selected rows: AppTest cannot select any."""
    rows = []
    table = run_list._table
    monkeypatch.setattr(run_list, "_table", lambda runs: [table(runs), rows][1])
    return rows


def test_row_of_a_finished_run_which_can_be_opened(owner, selected):
    run = finished(owner=owner)
    page = open_train(owner=owner)
    row = page.dataframe[0].value.iloc[0]
    assert row["state"] == "done"
    assert row["accuracy"] == "90% (70% to 97%)"
    assert row["parameters"] == "72,994"
    assert row["time"] == "75 s"
    assert (row["network"], row["recipe"], row["seed"]) == ("LRCN", "Recommended", 0)
    selected.append(0)
    assert in_address(press(ran(page), "Open"), "run") == run.id


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (JobState.WAITING, "waiting"),
        (JobState.RUNNING, "training, 0 of 12"),
        (JobState.FAILED, "failed"),
        (JobState.STOPPED, "stopped, nothing kept"),
        (None, "not trained"),
    ],
)
def test_states_are_described(owner, jobs, state, text):
    run = new_run(owner, plan())
    if state:
        jobs.known[run.id] = status(run, state)
    assert run_list.describe_state(run) == text


def test_interrupted_run_shows_its_last_epoch(owner, monkeypatch):
    run = new_run(owner, plan())
    keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    assert run_list.describe_state(list_runs(owner)[0]) == "interrupted after epoch 2"


def test_selected_runs_are_compared_and_deleted(owner, selected):
    for _ in range(3):
        finished(owner=owner)
    selected.extend((0, 1))
    page = open_train(owner=owner)
    assert len(page.get("plotly_chart")) == 1
    assert "Open" not in buttons(page)
    remaining = list_runs(owner)[2].id
    press(page, "Delete these 2")
    assert [run.id for run in list_runs(owner)] == [remaining]


def test_runs_without_an_epoch_are_not_compared(owner, selected):
    finished(owner=owner)
    new_run(owner, plan())
    selected.extend((0, 1))
    page = open_train(owner=owner)
    assert not page.get("plotly_chart")
    assert "at least two of them need a finished epoch" in texts(page)


def test_runs_that_differ_in_the_seed_share_a_row(owner):
    correct = [("Kick", "Kick"), ("Wave", "Wave")]
    for seed, clips in enumerate((correct * 10, correct * 8 + [("Wave", "Kick")] * 4)):
        finished(outcome(evaluation(clips)), owner=owner, seed=seed)
    finished(owner=owner, epochs=3)
    groups = open_train(owner=owner).dataframe[1].value
    assert list(groups["runs"]) == [2]
    assert list(groups["accuracy"]) == ["90.0% ± 14.1%"]


def test_zip_is_imported_by_a_job_and_opened_unless_it_is_refused(owner, jobs):
    def upload(page):
        page.file_uploader[-1].upload("run.zip", b"a zip", "application/zip")
        return press(ran(page), "Import it")

    before = set(settings().jobs.glob("*"))
    jobs.refusal = TooManyJobs("You have 3 unfinished jobs.", "", "")
    page = upload(open_train(owner=owner))
    assert "3 unfinished jobs" in texts(page)
    assert set(settings().jobs.glob("*")) == before
    jobs.refusal = None
    page = upload(ran(page))
    ((function, (importer, path)),) = jobs.submitted
    assert (function, importer, path.read_bytes()) == ("import_run", owner, b"a zip")
    assert (jobs.options["lane"], jobs.options["visitor"].id) == (Lane.DATA, owner)
    assert jobs.options["scratch"] == path.parent
    jobs.set_status(JobState.FAILED, error=ArchiveRefused("This zip file was not imported.", "", ""))
    page = ran(page)
    assert "This zip file was not imported" in texts(page)
    jobs.set_status(JobState.DONE, result=["of another job"])
    page = ran(page)
    assert not page.exception
    run = finished(owner=owner)
    jobs.set_status(JobState.DONE, result=run)
    assert in_address(ran(page), "run") == run.id
