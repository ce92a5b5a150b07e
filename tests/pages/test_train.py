"""The form of the Train page. A real training: tests/browser."""

from dataclasses import replace

import pytest

from har.errors import QueueFull
from har.jobs import JobState
from har.networks import NETWORKS
from har.runs import list_runs
from har.settings import settings
from tests.ui.data_pages import press, ran, texts
from tests.ui.train_pages import open_train
from ui import visitor


@pytest.fixture
def owner(request):
    """A different one for each test."""
    return f"{abs(hash(request.node.name)):022}"[-22:]


def selected(page):
    return page.multiselect[0].value


def train_button(page):
    return next(button for button in page.button if button.label == "Train")


def test_first_visit_can_train_at_once(jobs, owner):
    page = open_train(owner=owner)
    assert len(selected(page)) == 4
    assert "400 clips" in texts(page)
    assert "memory" in texts(page)
    page = press(page, "Train")
    (run,) = list_runs(owner)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert page.query_params["run"] in (run.id, [run.id])
    assert run.plan.dataset == "figures"
    assert run.plan.labels == tuple(selected(open_train(owner=owner)))
    assert "1 job ahead of you" in str(page.get("progress")[0].proto)


def test_all_choices_are_in_the_recipe(jobs, owner):
    page = open_train(owner=owner)
    page.radio(key="network-lrcn").set_value("convlstm")
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


def make_few():
    """A data set with names alone."""
    folder = settings().datasets / "few"
    for label in ("Run", "Jump"):
        for group in range(1, 7):
            (folder / label).mkdir(parents=True, exist_ok=True)
            (folder / label / f"v_{label}_g{group:02}_c01.avi").write_bytes(b"never opened")


def test_figures_start_with_the_preset_named_after_them(jobs, owner):
    page = open_train(owner=owner)
    control = page.segmented_control(key="preset-lrcn-figures")
    assert (control.value, control.options) == ("figures", ["For drawn figures", "Recommended", "Tutorial"])
    press(page, "Train")
    (run,) = list_runs(owner)
    assert (run.plan.recipe.preset, run.plan.recipe.recolour, run.plan.recipe.options) == ("figures", True, {})


def test_presets_for_another_data_set_are_not_offered(jobs, owner):
    make_few()
    control = open_train(owner=owner, dataset="few").segmented_control(key="preset-lrcn-own")
    assert (control.value, control.options) == ("own", ["Recommended", "Tutorial"])


def test_a_network_on_a_published_one_is_recommended_for_real_videos_if_it_can_be_had(jobs, owner, override):
    make_few()
    assert open_train(owner=owner, dataset="few").radio(key="network-lrcn").value == "lrcn"
    override(movinet_url="https://example.org/file")
    page = open_train(owner=owner, dataset="few")
    radio = page.radio(key="network-movinet-head")
    assert radio.value == "movinet-head"
    assert "MoViNet, new head (recommended)" in radio.options
    press(page, "Train")
    (run,) = list_runs(owner)
    assert run.plan.recipe.network == "movinet-head"
    assert open_train(owner=owner).radio(key="network-lrcn").value == "lrcn"  # made for the figures


def test_added_network_can_be_trained(jobs, owner, monkeypatch):
    entry = replace(NETWORKS["lrcn"], name="added", title="Added network", description="Described here.")
    monkeypatch.setitem(NETWORKS, "added", entry)
    page = open_train(owner=owner)
    assert "Added network" in page.radio(key="network-lrcn").options
    page.radio(key="network-lrcn").set_value("added")
    press(ran(page), "Train")
    (run,) = list_runs(owner)
    assert run.plan.recipe.network == "added"
    assert "Added network" in run.name


def test_presets_of_classes(jobs, owner):
    page = press(open_train(owner=owner), "None")
    assert selected(page) == []
    assert "at least two classes" in texts(page)
    assert train_button(page).disabled
    page = press(page, "All 10")
    assert len(selected(page)) == 10
    assert not train_button(page).disabled


def test_too_large_training_is_refused_with_the_reason(jobs, owner, override):
    override(max_training_sec=1)
    page = open_train(owner=owner)
    assert "fewer" in page.warning[0].value
    assert train_button(page).disabled


def test_random_split_makes_a_second_run_and_both_name_each_other(jobs, owner):
    page = open_train(owner=owner)
    page.toggle[0].set_value(True)
    page = press(ran(page), "Train")
    runs = {run.plan.recipe.split: run for run in list_runs(owner)}
    assert runs["grouped"].plan.pair == runs["random"].id
    assert runs["random"].plan.pair == runs["grouped"].id
    assert [args for _, args in jobs.submitted] == [(runs["grouped"].id,), (runs["random"].id,)]
    assert page.query_params["run"] in (runs["grouped"].id, [runs["grouped"].id])


def test_full_queue_leaves_no_run(jobs, owner):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = press(open_train(owner=owner), "Train")
    assert "Come back" in texts(page)
    assert list_runs(owner) == []
    assert "run" not in page.query_params


@pytest.mark.promise("private", "Runs are listed only in the browser that started them")
def test_runs_are_listed_for_their_owner_only(jobs, owner):
    press(open_train(owner=owner), "Train")
    page = open_train(owner=owner)
    (run,) = list_runs(owner)
    assert jobs.known[run.id].state is JobState.WAITING
    assert list(page.dataframe[0].value["state"]) == ["waiting"]
    assert "No runs yet" in texts(open_train(owner="someone-else-entirely0"))


@pytest.mark.promise("hostile", "What a browser sends as its owner is checked")
@pytest.mark.parametrize("sent", ["", "short", "a" * 23, "../" + "a" * 19, "a" * 21 + "\n", 7, None, ["a" * 22]])
def test_malformed_owner_from_a_browser_is_ignored(monkeypatch, sent):
    monkeypatch.setattr(visitor, "_component", lambda **kwargs: type("Result", (), {"owner": sent}))
    monkeypatch.setattr(visitor.st, "session_state", {"owner": "b" * 22})
    assert visitor.owner() == "b" * 22


def test_returning_browser_is_recognised(monkeypatch):
    monkeypatch.setattr(visitor, "_component", lambda **kwargs: type("Result", (), {"owner": "c" * 22}))
    monkeypatch.setattr(visitor.st, "session_state", {})
    assert visitor.owner() == "c" * 22
    assert visitor.st.session_state == {"owner": "c" * 22}
