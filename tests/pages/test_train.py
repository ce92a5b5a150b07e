"""The form of the Train page. A real training: tests/browser."""

from dataclasses import replace
from itertools import product

import pytest

from har.datasets import user_sets
from har.errors import QueueFull
from har.jobs import JobState
from har.networks import NETWORKS
from har.runs import list_runs
from har.runs.estimate import record_time
from har.storage import owners
from tests.ui.data_pages import button, in_address, press, ran, texts
from tests.ui.train_pages import open_train
from ui import visitor


def selected(page):
    return page.multiselect[0].value


def test_first_visit_can_train_at_once(jobs, owner):
    page = open_train(owner=owner)
    assert len(selected(page)) == 4
    assert "400 clips" in texts(page)
    assert "memory" in texts(page)
    assert "Jumping jack · Kick · +2 (LRCN)" in texts(page).replace("\\", "")
    control = page.segmented_control(key="preset-lrcn-figures")
    assert (control.value, control.options) == ("figures", ["For drawn figures", "Recommended", "Tutorial"])
    labels = tuple(selected(page))
    page = press(page, "Train")
    (run,) = list_runs(owner)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert in_address(page, "run") == run.id
    assert (run.plan.dataset, run.plan.labels) == ("figures", labels)
    assert (run.plan.recipe.preset, run.plan.recipe.recolour, run.plan.recipe.options) == ("figures", True, {})
    assert "1 job ahead of you" in str(page.get("progress")[0].proto)


def test_all_choices_are_in_the_recipe(jobs, owner):
    page = open_train(owner=owner)
    page.selectbox(key="network-figures-lrcn").set_value("convlstm")
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


def first_choice(page):
    return next(radio for radio in page.radio if radio.label == "How to train")


def captions(page):
    return list(first_choice(page).proto.captions)


def test_the_first_choice_decides_network_and_recipe(jobs, owner, override, tmp_path):
    """The times are with those to draw the clips."""
    override(home=tmp_path)
    page = open_train(owner=owner)
    assert first_choice(page).options == ["**Fast**: LRCN :blue-badge[recommended]", "**Better**: ConvLSTM"]
    first, second = captions(page)
    assert first.startswith("about 5 min · 98% correct on unseen drawn people  \nSmall CNNs")
    assert second.startswith("about 7 min · 100% correct on unseen drawn people  \nLSTMs")
    first_choice(page).set_value("convlstm")
    press(ran(page), "Train")
    (run,) = list_runs(owner)
    assert (run.plan.recipe.network, run.plan.recipe.preset) == ("convlstm", "figures")


def test_times_follow_what_trainings_took_on_this_machine(jobs, owner, override, tmp_path):
    override(home=tmp_path)
    before = captions(open_train(owner=owner, dataset="figures"))
    record_time("convlstm", 100, 300)
    after = captions(open_train(owner=owner, dataset="figures"))
    assert before[1].startswith("about 7 min")
    assert after[1].startswith("about 14 min")


def test_a_network_on_a_published_one_is_recommended_for_real_videos_if_it_can_be_had(jobs, owner, override):
    name = make_own(owner)
    page = open_train(owner=owner, dataset=name)
    assert page.selectbox[0].value == name
    assert first_choice(page).value == "lrcn-lite0"  # pretrained, too
    first_choice(page).set_value("lrcn")
    control = ran(page).segmented_control(key="preset-lrcn-own")
    assert (control.value, control.options) == ("own", ["Recommended", "Tutorial"])  # none for drawn figures
    override(movinet_url="https://example.org/file")
    page = open_train(owner=owner, dataset=name)
    assert first_choice(page).value == "movinet-head"
    assert first_choice(page).options == [
        "**Few clips**: MoViNet, new head :blue-badge[recommended]",
        "**From scratch**: LRCN",
    ]
    press(page, "Train")
    (run,) = list_runs(owner)
    assert run.plan.recipe.network == "movinet-head"
    page = open_train(owner=owner)
    assert first_choice(page).value == "lrcn"  # made for the figures
    assert "Own videos" in page.selectbox[0].options
    assert "Own videos" not in open_train(owner="someone-else-entirely0").selectbox[0].options


def make_own(owner, clips=6):
    """A visitor's data set of two labels, with names alone."""
    name = user_sets.new_name()
    owners.record(name, owner)
    for label, group in product(("Run", "Jump"), range(1, clips + 1)):
        path = user_sets.dataset_folder(name) / label / f"v_{label}_g{group:02}_c01.avi"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"never opened")
    return name


def test_clips_can_be_added_on_the_page(jobs, owner):
    page = open_train(owner=owner)
    page.text_input[0].set_value("Juggling")
    page.file_uploader[0].upload("a.mp4", b"a clip", "video/mp4")
    press(ran(page), "Add these clips")
    ((function, (name, label, _)),) = jobs.submitted
    assert (function, label) == ("add_clips", "Juggling")
    assert owners.owner_of(user_sets.dataset_folder(name)) == owner


def in_turn(page):
    return [toggle for toggle in page.toggle if "each recording in turn" in toggle.label]


def test_with_few_test_clips_leaving_out_each_recording_is_offered_with_the_reason(jobs, owner):
    page = open_train(owner=owner, dataset=make_own(owner))
    assert "Only 2 clips for testing: even if all are recognised, the accuracy may be as low as 34%" in texts(page)
    (toggle,) = in_turn(page)
    toggle.set_value(True)
    press(ran(page), "Train")
    (run,) = list_runs(owner)
    assert jobs.submitted == [("train_run", (run.id,)), ("leave_recordings_out", (run.id,))]
    assert in_turn(open_train(owner=owner)) == []  # 80 clips of the figures are for testing


def test_added_network_can_be_trained(jobs, owner, monkeypatch):
    entry = replace(NETWORKS["lrcn"], name="added", title="Added network", description="Described here.")
    monkeypatch.setitem(NETWORKS, "added", entry)
    page = open_train(owner=owner)
    choice = page.selectbox(key="network-figures-lrcn")
    assert "Added network" in choice.options
    choice.set_value("added")
    press(ran(page), "Train")
    (run,) = list_runs(owner)
    assert run.plan.recipe.network == "added"
    assert "Added network" in run.name


def test_presets_of_classes(jobs, owner):
    page = press(open_train(owner=owner), "None")
    assert selected(page) == []
    assert "at least two classes" in texts(page)
    assert button(page, "Train").disabled
    assert all("min" not in caption.partition("·")[0] for caption in captions(page))  # no time is known
    page = press(page, "All 10")
    assert len(selected(page)) == 10
    assert not button(page, "Train").disabled


def test_too_large_training_is_refused_with_the_reason(jobs, owner, override):
    override(max_training_sec=1)
    page = open_train(owner=owner)
    assert "fewer" in page.warning[0].value
    assert button(page, "Train").disabled


def test_random_split_makes_a_second_run_and_both_name_each_other(jobs, owner):
    page = open_train(owner=owner)
    page.toggle(key="random-too").set_value(True)
    page = press(ran(page), "Train")
    runs = {run.plan.recipe.split: run for run in list_runs(owner)}
    assert runs["grouped"].plan.pair == runs["random"].id
    assert runs["random"].plan.pair == runs["grouped"].id
    assert [args for _, args in jobs.submitted] == [(runs["grouped"].id,), (runs["random"].id,)]
    assert in_address(page, "run") == runs["grouped"].id


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
@pytest.mark.parametrize("sent", ["short", "a" * 23, "../" + "a" * 19, "a" * 21 + "\n", 7, None, ["a" * 22]])
def test_malformed_owner_from_a_browser_is_ignored(monkeypatch, sent):
    monkeypatch.setattr(visitor, "_component", lambda **kwargs: type("Result", (), {"owner": sent}))
    monkeypatch.setattr(visitor.st, "session_state", {"owner": "b" * 22})
    assert visitor.owner() == "b" * 22


def test_returning_browser_is_recognised(monkeypatch):
    monkeypatch.setattr(visitor, "_component", lambda **kwargs: type("Result", (), {"owner": "c" * 22}))
    monkeypatch.setattr(visitor.st, "session_state", {})
    assert visitor.owner() == "c" * 22
    assert visitor.st.session_state == {"owner": "c" * 22}
