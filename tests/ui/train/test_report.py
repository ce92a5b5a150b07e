"""What a report says of a run that is through, and what it never opens."""

from dataclasses import replace
from shutil import rmtree

import pytest

from har.evaluation import ClipVerdict
from har.runs import list_runs
from har.runs.folder import write_plan
from har.settings import settings
from tests.ui.data_pages import buttons, press, ran, texts, write_clip
from tests.ui.train_pages import FakeJobs, examination, finished, open_train, outcome, plan
from ui import dataset_cache
from ui.train import confusions, metrics, report


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


def numbers(page):
    return [metric.value for metric in page.metric]


def test_the_accuracy_stands_with_its_interval_and_what_takes_no_network():
    page = open_train(finished())
    assert numbers(page)[:2] == ["90%", "50%"]
    assert "95 % interval: 70% to 97%" in texts(page)
    assert "18 of 20 clips of recordings it never saw" in texts(page)
    assert "it never saw" in texts(page)
    assert "random" not in texts(page)


@pytest.mark.parametrize("solved", [False, True])
def test_curves_that_are_not_of_the_whole_network_say_so(solved):
    page = open_train(finished(options={"solved": True} if solved else {}))
    assert ("The curves are the LSTM's" in texts(page)) is solved


def test_a_random_split_is_warned_of_and_nothing_is_said_to_be_unseen():
    page = open_train(finished(outcome(kind="random", leaked=17), split="random"))
    assert "of 20 test clips, 17 are of recordings that are also in training" in page.warning[0].value
    assert "it never saw" not in texts(page)


def test_no_better_than_always_the_same_answer_is_said():
    weak = examination([("Kick", "Kick")] * 6 + [("Wave", "Kick")] * 5)
    page = open_train(finished(outcome(weak)))
    assert "not clearly better than always giving the same answer" in texts(page)


def test_stopped_before_the_test():
    page = open_train(finished(outcome(None)))
    assert "stopped before the test" in texts(page)
    assert page.metric[0].value == "60%"
    assert "Use in Annotate" in buttons(page)


def test_both_splits_stand_side_by_side():
    grouped = finished()
    random = finished(outcome(examination([("Kick", "Kick"), ("Wave", "Wave")] * 10), leaked=17), split="random")
    for run, other in ((grouped, random), (random, grouped)):
        write_plan(replace(run, plan=replace(run.plan, pair=other.id)))
    for run in (grouped, random):
        page = open_train(run)
        assert "reaches 100% when clips are dealt out at random, and 90% on whole recordings" in texts(page)
        assert "17 of 20 test clips" in texts(page)
    page = press(open_train(grouped), "Open the other run")
    assert page.query_params["run"] in (random.id, [random.id])


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        ({"shuffled": 10, "frozen": 9}, ": it uses their order"),
        ({"shuffled": 17, "frozen": 9}, "it does not use their order"),
        ({"shuffled": 17, "frozen": 17}, "recognises the picture"),
    ],
)
def test_whether_it_needs_motion(orders, told):
    assert told in metrics.needs_motion(examination(orders=orders))


def test_a_classifier_that_guesses_says_nothing_of_motion():
    weak = examination([("Kick", "Kick")] * 6 + [("Wave", "Kick")] * 5, {"shuffled": 1})
    assert "tells nothing" in metrics.needs_motion(weak)


@pytest.mark.parametrize(("after", "worse"), [(0.04, False), (0.3, True)])
def test_a_temperature_that_did_not_help_is_not_praised(after, worse):
    told = metrics.believed(replace(examination().calibration, ece_before=0.12, ece_after=after))
    assert "too sure" in told
    assert ("That is worse" in told) == worse


def test_a_cell_chosen_in_the_list_shows_its_clips():
    page = open_train(finished())
    assert page.selectbox[0].options == ["Wave, taken for Kick", "Kick, recognised", "Wave, recognised"]
    assert len(page.dataframe[0].value) == 2
    page.session_state["confusion-cell"] = ("Wave", "Wave")  # as a press in the matrix does
    assert len(ran(page).dataframe[0].value) == 8


@pytest.fixture(scope="module")
def folder():
    folder = settings().datasets / "reported"
    write_clip(folder / "Kick" / "v_Kick_g01.mp4")
    write_clip(folder / "Wave" / "v_Wave_g01.mp4", 1)
    yield folder
    rmtree(folder)


def verdict(path, label="Kick"):
    return ClipVerdict(str(path), label, "Wave", 0.7, "g01")


def test_a_clip_of_the_data_set_is_found(folder):
    found = confusions.find(verdict(folder / "Kick" / "v_Kick_g01.mp4"), plan(dataset="reported"))
    assert found.path == folder / "Kick" / "v_Kick_g01.mp4"


@pytest.mark.parametrize("path", ["/etc/passwd", "v_Kick_g02.mp4", "", "../Kick/v_Kick_g01.mp4/.."])
def test_a_path_that_is_not_of_the_data_set_is_not_opened(folder, path):
    assert confusions.find(verdict(path), plan(dataset="reported")) is None


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../datasets/reported", "own-x", "own-../../datasets/reported", "gone"]
)
def test_a_data_set_that_may_not_be_opened_is_not(folder, name):
    assert dataset_cache.opened_if_there(name) is None
    assert dataset_cache.opened_if_there(str(folder)) is None


def test_only_its_owner_may_delete_a_run():
    run = finished(owner="d" * 22)
    page = open_train(run, owner="e" * 22)
    assert "Delete it" not in buttons(page)
    assert "90%" in numbers(page)
    page = press(open_train(run, owner="d" * 22), "Delete it")
    assert list_runs("d" * 22) == []
    assert "run" not in page.query_params


def test_labels_of_strangers_are_shown_as_they_are():
    run = finished(labels=("<b>x</b>", "[link](http://x)"))
    page = open_train(run)
    assert r"\[link\]\(http\://x\)" in texts(page)
    assert r"\<b\>x" in texts(page)


def test_a_stretch_of_time_in_words():
    assert [report.long(seconds) for seconds in (0, 40, 90, 3600, 5400)] == [
        "1 s",
        "40 s",
        "2 min",
        "60 min",
        "1 h 30 min",
    ]
