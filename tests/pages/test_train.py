"""What the form of the Train page makes of choices. A real training: tests/browser."""

import pytest

from har.errors import QueueFull, TrainingTooBig
from har.jobs import JobState
from har.runs import list_runs
from tests.ui.data_pages import press, ran, texts
from tests.ui.train_pages import FakeJobs, open_train
from ui import visitor


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def owner(request):
    """Another one for each test."""
    return f"{abs(hash(request.node.name)):022}"[-22:]


def chosen(page):
    return page.multiselect[0].value


def train_button(page):
    return next(button for button in page.button if button.label == "Train")


def test_a_first_visit_can_train_at_once(jobs, owner):
    page = open_train(owner=owner)
    assert len(chosen(page)) == 4
    assert "400 clips" in texts(page)
    assert "memory" in texts(page)
    page = press(page, "Train")
    (run,) = list_runs(owner)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert page.query_params["run"] in (run.id, [run.id])
    assert run.plan.dataset == "figures"
    assert run.plan.labels == tuple(chosen(open_train(owner=owner)))
    assert "Waiting for one other job to finish" in str(page.get("progress")[0].proto)


def test_every_choice_is_in_the_recipe(jobs, owner):
    page = open_train(owner=owner)
    page.radio(key="network").set_value("convlstm")
    page = ran(page)
    page.segmented_control(key="preset-convlstm-figures").set_value("tutorial")
    page = ran(page)
    assert page.number_input(key="epochs-convlstm-tutorial").value == 50
    page.number_input(key="epochs-convlstm-tutorial").set_value(3)
    page.number_input(key="seed").set_value(7)
    page.number_input(key="batch-convlstm-tutorial").set_value(8)
    next(each for each in page.segmented_control if each.label == "Split").set_value("random")
    press(ran(page), "Train")
    (run,) = list_runs(owner)
    recipe = run.plan.recipe
    assert (recipe.network, recipe.preset, recipe.epochs, recipe.seed) == ("convlstm", "tutorial", 3, 7)
    assert (recipe.batch_size, recipe.split, recipe.learning_rate) == (8, "random", 1e-3)
    assert recipe.options == {"plain": True}


def test_presets_of_classes(jobs, owner):
    page = press(open_train(owner=owner), "None")
    assert chosen(page) == []
    assert "at least two classes" in texts(page)
    assert train_button(page).disabled
    page = press(page, "All 10")
    assert len(chosen(page)) == 10
    assert not train_button(page).disabled


def test_what_does_not_fit_is_refused_with_the_reason(jobs, owner, monkeypatch):
    def refuse(dataset, recipe):
        raise TrainingTooBig("It would take long.", "Less is allowed.", "Choose fewer classes.")

    monkeypatch.setattr("pages.train.estimate", refuse)
    page = open_train(owner=owner)
    assert "Choose fewer classes" in texts(page)
    assert train_button(page).disabled


def test_a_random_split_beside_it_makes_two_runs_that_name_each_other(jobs, owner):
    page = open_train(owner=owner)
    page.toggle[0].set_value(True)
    page = press(ran(page), "Train")
    runs = {run.plan.recipe.split: run for run in list_runs(owner)}
    assert runs["grouped"].plan.pair == runs["random"].id
    assert runs["random"].plan.pair == runs["grouped"].id
    assert [args for _, args in jobs.submitted] == [(runs["grouped"].id,), (runs["random"].id,)]
    assert page.query_params["run"] in (runs["grouped"].id, [runs["grouped"].id])


def test_a_full_queue_leaves_no_run(jobs, owner):
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = press(open_train(owner=owner), "Train")
    assert "Come back" in texts(page)
    assert list_runs(owner) == []
    assert "run" not in page.query_params


def test_others_do_not_see_a_visitors_runs(jobs, owner):
    press(open_train(owner=owner), "Train")
    assert "None yet" in texts(open_train(owner="someone-else-entirely0"))
    assert "None yet" not in texts(open_train(owner=owner))


@pytest.mark.parametrize("told", ["", "short", "a" * 23, "../" + "a" * 19, "a" * 21 + "\n", 7, None, ["a" * 22]])
def test_what_a_browser_tells_of_its_owner_is_checked(monkeypatch, told):
    monkeypatch.setattr(visitor, "_component", lambda **kwargs: type("Told", (), {"owner": told}))
    monkeypatch.setattr(visitor.st, "session_state", {"owner": "b" * 22})
    assert visitor.owner() == "b" * 22


def test_a_browser_that_was_here_before_is_known_again(monkeypatch):
    monkeypatch.setattr(visitor, "_component", lambda **kwargs: type("Told", (), {"owner": "c" * 22}))
    monkeypatch.setattr(visitor.st, "session_state", {})
    assert visitor.owner() == "c" * 22
    assert visitor.st.session_state == {"owner": "c" * 22}


def test_a_job_of_that_run_is_waited_for_in_the_table(jobs, owner):
    press(open_train(owner=owner), "Train")
    page = open_train(owner=owner)
    (run,) = list_runs(owner)
    assert jobs.known[run.id].state is JobState.WAITING
    assert list(page.dataframe[0].value["state"]) == ["waiting"]


def test_the_generated_set_begins_with_the_recipe_that_is_meant_for_it(jobs, owner):
    page = open_train(owner=owner)
    assert page.segmented_control(key="preset-lrcn-figures").value == "figures"
    press(page, "Train")
    (run,) = list_runs(owner)
    assert (run.plan.recipe.preset, run.plan.recipe.recolour, run.plan.recipe.options) == ("figures", True, {})
