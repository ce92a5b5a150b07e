import os
import time
from dataclasses import replace

import pytest

from har.errors import OptionsError, RunMissing, TooManyRuns
from har.recipe import recipe_for
from har.runs import Plan, Run, delete_run, list_runs, new_run, open_run, write_plan
from har.runs import store as folder_module
from har.settings import settings
from tests.runs.conftest import OTHER, OWNER


def test_a_run_is_found_by_its_id_and_by_its_owner_alone(plan: Plan) -> None:
    owner = "folder-owner-000000000"
    older, newer = new_run(owner, plan), new_run(owner, replace(plan, created=2000.0))
    assert open_run(older.id).plan == plan
    assert [run.id for run in list_runs(owner)] == [newer.id, older.id]
    assert older.id not in {run.id for run in list_runs(OTHER)}
    assert older.outcome is None
    assert older.history == ()


@pytest.mark.parametrize("name", ["", "..", "../../etc", "a" * 22, "a" * 5000, "\0" * 22, "é" * 22])
def test_an_id_that_leads_nowhere_is_told(name: str) -> None:
    with pytest.raises(RunMissing, match="no training run"):
        open_run(name)


@pytest.mark.parametrize("owner", ["", "short", "../" + "a" * 19])
def test_nobody_is_no_owner(plan: Plan, owner: str) -> None:
    with pytest.raises(OptionsError):
        new_run(owner, plan)


def test_a_deleted_run_is_gone(plan: Plan) -> None:
    run = new_run(OWNER, plan)
    delete_run(run.id)
    assert not run.folder.exists()
    with pytest.raises(RunMissing):
        delete_run(run.id)


def test_a_damaged_run_is_left_out(plan: Plan) -> None:
    owner = "damaged-owner-00000000"
    good, bad, odd = (new_run(owner, plan) for _ in range(3))
    (bad.folder / "plan.json").write_text("{")
    text = (odd.folder / "plan.json").read_text().replace('"lrcn"', '"of tomorrow"')
    (odd.folder / "plan.json").write_text(text)
    assert [run.id for run in list_runs(owner)] == [good.id]
    for run in (bad, odd):
        with pytest.raises(RunMissing):
            open_run(run.id)


def test_no_owner_keeps_more_than_so_many(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = "greedy-owner-000000000"
    limits = settings().model_copy(update={"max_runs": 2})
    monkeypatch.setattr(folder_module, "settings", lambda: limits)
    first = new_run(owner, plan)
    new_run(owner, plan)
    with pytest.raises(TooManyRuns, match="keep 2 runs"):
        new_run(owner, plan)
    new_run("modest-owner-000000000", plan)
    delete_run(first.id)
    new_run(owner, plan)


def test_runs_go_when_nobody_has_opened_them_for_long(plan: Plan) -> None:
    old, opened = new_run(OWNER, plan), new_run(OWNER, plan)
    long_ago = time.time() - (settings().run_days + 1) * 24 * 3600
    for run in (old, opened):
        for path in (*run.folder.iterdir(), run.folder):
            os.utime(path, (long_ago, long_ago))
    open_run(opened.id)
    folder_module.sweep()
    assert not old.folder.exists()
    assert opened.folder.exists()


def test_a_plan_may_be_changed(plan: Plan) -> None:
    run = new_run(OWNER, plan)
    write_plan(replace(run, plan=replace(plan, pair="b" * 22)))
    assert open_run(run.id).plan.pair == "b" * 22


def test_names_say_what_differs(plan: Plan) -> None:
    run = Run("a" * 22, plan, None)
    assert run.name == "LRCN on Shades, seed 0"
    recipe = replace(plan.recipe, preset="tutorial", split="random", seed=3)
    assert Run("a" * 22, replace(plan, recipe=recipe), None).name == "LRCN on Shades, tutorial, random split, seed 3"


@pytest.mark.parametrize(
    ("dataset", "preset", "named"),
    [("figures", "figures", ""), ("figures", "own", ", own"), ("mine", "own", ""), ("mine", "tutorial", ", tutorial")],
)
def test_a_recipe_is_named_if_another_is_meant_for_the_data(plan: Plan, dataset: str, preset: str, named: str) -> None:
    run = new_run("naming-owner-000000000", replace(plan, dataset=dataset, recipe=recipe_for("lrcn", preset, seed=3)))
    assert run.name == f"LRCN on {plan.title}{named}, seed 3"
