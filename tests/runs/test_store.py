import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from har.errors import OptionsError, RunMissing, TooManyRuns
from har.runs import Plan, Run, delete_expired_runs, delete_run, list_runs, new_run, open_run
from har.settings import Settings, settings
from har.storage import quota
from tests.runs.conftest import OTHER, OWNER


def test_a_run_is_found_by_its_id_and_listed_for_its_owner(plan: Plan) -> None:
    owner = "store-owner-0000000000"
    older, newer = new_run(owner, plan), new_run(owner, replace(plan, created=2000.0))
    assert open_run(older.id).plan == plan
    assert [run.id for run in list_runs(owner)] == [newer.id, older.id]
    assert older.id not in {run.id for run in list_runs(OTHER)}
    assert older.outcome is None
    assert older.history == ()


@pytest.mark.parametrize("run_id", ["", "..", "../../etc", "a" * 22, "a" * 5000, "\0" * 22, "é" * 22])
def test_an_unknown_id_is_an_error(run_id: str) -> None:
    with pytest.raises(RunMissing, match="no training run"):
        open_run(run_id)


@pytest.mark.parametrize("owner", ["", "short", "../" + "a" * 19])
def test_a_run_needs_the_secret_of_an_owner(plan: Plan, owner: str) -> None:
    with pytest.raises(OptionsError):
        new_run(owner, plan)


def test_a_deleted_run_is_gone(plan: Plan) -> None:
    run = new_run(OWNER, plan)
    delete_run(run.id)
    assert not run.folder.exists()
    with pytest.raises(RunMissing):
        delete_run(run.id)


def test_damaged_runs_are_left_out_of_lists(plan: Plan) -> None:
    owner = "damaged-owner-00000000"
    good, damaged, unknown_network = (new_run(owner, plan) for _ in range(3))
    (damaged.folder / "plan.json").write_text("{")
    text = (unknown_network.folder / "plan.json").read_text().replace('"lrcn"', '"of tomorrow"')
    (unknown_network.folder / "plan.json").write_text(text)
    assert [run.id for run in list_runs(owner)] == [good.id]
    for run in (damaged, unknown_network):
        with pytest.raises(RunMissing):
            open_run(run.id)


def test_an_owner_has_at_most_max_runs(plan: Plan, override: Callable[..., Settings]) -> None:
    owner = "greedy-owner-000000000"
    override(max_runs=2)
    first = new_run(owner, plan)
    new_run(owner, plan)
    with pytest.raises(TooManyRuns, match="have 2 runs"):
        new_run(owner, plan)
    new_run("modest-owner-000000000", plan)
    delete_run(first.id)
    new_run(owner, plan)


@pytest.mark.promise("private", "Runs are removed when they were not opened for long")
def test_runs_that_were_not_opened_for_long_are_deleted(plan: Plan) -> None:
    old, opened = new_run(OWNER, plan), new_run(OWNER, plan)
    long_ago = time.time() - (settings().run_days + 1) * 24 * 3600
    for run in (old, opened):
        for path in (*run.folder.iterdir(), run.folder):
            os.utime(path, (long_ago, long_ago))
    open_run(opened.id)
    delete_expired_runs()
    assert not old.folder.exists()
    assert opened.folder.exists()


@pytest.mark.training
@pytest.mark.parametrize("is_kept", [False, True])
def test_a_finished_draft_is_deleted_soon_unless_it_is_kept(plan: Plan, finished: Run, is_kept: bool) -> None:
    trained, training = new_run(OWNER, plan), new_run(OWNER, plan)
    (trained.folder / "outcome.json").write_bytes((finished.folder / "outcome.json").read_bytes())
    for run in (trained, training):
        quota.touch_draft(run.folder)
        an_hour_ago = time.time() - 3600
        os.utime(run.folder / ".draft", (an_hour_ago, an_hour_ago))
    if is_kept:
        quota.keep_draft(trained.folder)
    delete_expired_runs()
    assert trained.folder.exists() == is_kept
    assert training.folder.exists()
