"""The table of a visitor's runs, and how a run from elsewhere comes in."""

import pytest

from har.jobs import JobState
from har.runs import list_runs, new_run
from har.settings import settings
from tests.ui.data_pages import buttons, press, ran, texts
from tests.ui.train_pages import FakeJobs, epoch, examination, finished, keep_epochs, open_train, outcome, plan, status
from ui.train import run_list


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def owner(request):
    return f"{abs(hash(request.node.name)):022}"[-22:]


@pytest.fixture
def chosen(monkeypatch):
    """Chooses rows, which AppTest cannot."""
    rows = []
    table = run_list._table
    monkeypatch.setattr(run_list, "_table", lambda found: [table(found), rows][1])
    return rows


def test_a_row_says_what_came_of_a_run(owner):
    finished(owner=owner)
    row = open_train(owner=owner).dataframe[0].value.iloc[0]
    assert row["state"] == "done"
    assert row["accuracy"] == "90% (70% to 97%)"
    assert row["parameters"] == "72,994"
    assert row["time"] == "75 s"
    assert (row["network"], row["recipe"], row["seed"]) == ("LRCN", "own", 0)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (JobState.WAITING, "waiting"),
        (JobState.RUNNING, "training, 0 of 12"),
        (JobState.FAILED, "failed"),
        (JobState.STOPPED, "stopped, nothing kept"),
        (None, "not trained"),
    ],
)
def test_states_have_words(owner, jobs, state, told):
    run = new_run(owner, plan())
    if state:
        jobs.known[run.id] = status(run, state)
    assert run_list.state_of(run) == told


def test_a_run_that_was_cut_off_says_after_which_epoch(owner, monkeypatch):
    run = new_run(owner, plan())
    keep_epochs(monkeypatch, run, epoch(1), epoch(2))
    assert run_list.state_of(list_runs(owner)[0]) == "cut off after epoch 2"


def test_one_chosen_run_can_be_opened(owner, chosen):
    run = finished(owner=owner)
    chosen.append(0)
    page = press(open_train(owner=owner), "Open")
    assert page.query_params["run"] in (run.id, [run.id])


def test_chosen_runs_are_compared_and_deleted(owner, chosen):
    for _ in range(3):
        finished(owner=owner)
    chosen.extend((0, 1))
    page = open_train(owner=owner)
    assert len(page.get("plotly_chart")) == 1
    assert "Open" not in buttons(page)
    left = list_runs(owner)[2].id
    chosen_then = press(page, "Delete these 2")
    assert [run.id for run in list_runs(owner)] == [left]
    assert not chosen_then.exception


def test_runs_without_an_epoch_are_not_compared(owner, chosen):
    finished(owner=owner)
    new_run(owner, plan())
    chosen.extend((0, 1))
    page = open_train(owner=owner)
    assert not page.get("plotly_chart")
    assert "At least two of them need an epoch" in texts(page)


def test_runs_that_differ_in_the_seed_are_one_line(owner):
    right = [("Kick", "Kick"), ("Wave", "Wave")]
    for seed, found in enumerate((right * 10, right * 8 + [("Wave", "Kick")] * 4)):
        finished(outcome(examination(found)), owner=owner, seed=seed)
    finished(owner=owner, epochs=3)
    groups = open_train(owner=owner).dataframe[1].value
    assert list(groups["how many"]) == [2]
    assert list(groups["accuracy"]) == ["90.0% ± 14.1%"]


def upload(page, data):
    page.file_uploader[0].upload("run.zip", data, "application/zip")
    return ran(page)


def test_a_zip_is_imported_and_its_copy_goes(owner, monkeypatch):
    seen = []

    def take(whose, path):
        seen.append((whose, path.read_bytes()))
        return finished(owner=whose)

    monkeypatch.setattr(run_list, "import_run", take)
    before = set(settings().jobs.glob("*"))
    page = press(upload(open_train(owner=owner), b"a zip"), "Import it")
    assert seen == [(owner, b"a zip")]
    assert page.query_params["run"] in (list_runs(owner)[0].id, [list_runs(owner)[0].id])
    assert set(settings().jobs.glob("*")) == before


def test_a_zip_that_is_none_is_refused_in_words(owner):
    before = set(settings().jobs.glob("*"))
    page = press(upload(open_train(owner=owner), b"not a zip"), "Import it")
    assert "This zip was not taken" in texts(page)
    assert list_runs(owner) == []
    assert set(settings().jobs.glob("*")) == before
