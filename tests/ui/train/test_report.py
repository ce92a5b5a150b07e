"""What the report of a finished run shows, and what it never opens."""

import json
from dataclasses import replace
from shutil import rmtree

import pytest

from har.classifier.card import write_card
from har.datasets import Skipped
from har.evaluation import ClipPrediction
from har.runs import list_runs, write_plan
from har.settings import settings
from tests.classifier.conftest import CARD
from tests.ui.data_pages import buttons, in_address, open_screen, press, ran, texts, write_clip
from tests.ui.train_pages import OWNER, evaluation, finished, open_train, outcome, plan
from ui import dataset_cache
from ui.train import confusions, metrics

WEAK = [("Kick", "Kick")] * 6 + [("Wave", "Kick")] * 5


def figures(page):
    return [metric.value for metric in page.metric]


@pytest.mark.promise("numbers", "Accuracy is shown with its interval and a baseline")
def test_accuracy_is_shown_with_its_interval_and_the_baseline():
    page = open_train(finished())
    assert figures(page)[:2] == ["90%", "50%"]
    assert "95% interval: 70% to 97%" in texts(page)
    assert "18 of 20 clips from recordings it has not seen" in texts(page)
    assert "random" not in texts(page)
    assert page.selectbox[0].options == ["Wave, predicted Kick", "Kick, correct", "Wave, correct"]
    assert len(page.dataframe[0].value) == 2
    page.session_state["confusion-cell"] = ("Wave", "Wave")  # as a click in the matrix does
    assert len(ran(page).dataframe[0].value) == 8


@pytest.mark.parametrize("solved", [False, True])
def test_curves_of_a_part_of_the_network_are_explained(solved):
    page = open_train(finished(network="lrcn-lite0", options={"solved": True} if solved else {}))
    assert ("LSTM" in texts(page)) is solved


@pytest.mark.promise("numbers", "A random split has a warning")
def test_random_split_has_a_warning():
    page = open_train(finished(outcome(kind="random", leaked=17), split="random"))
    assert "17 of 20 test clips are from recordings that are also in training" in page.warning[0].value
    assert "it has not seen" not in texts(page)


def test_accuracy_near_the_baseline_is_explained():
    page = open_train(finished(outcome(evaluation(WEAK))))
    assert "not clearly better than the baseline" in texts(page)


def test_run_stopped_before_the_test_has_its_validation_accuracy():
    page = open_train(finished(outcome(None)))
    assert "stopped before the test" in texts(page)
    assert page.metric[0].value == "60%"
    assert "Use in Annotate" in buttons(page)


def test_clips_that_could_not_be_read_are_counted_and_named():
    page = open_train(finished(replace(outcome(), skipped=(Skipped("Wave/broken.mp4", "broken.mp4 is empty"),))))
    assert [block.label for block in page.expander][:1] == ["1 clip left out: cannot be read"]
    assert page.dataframe[0].value["clip"].tolist() == ["Wave/broken.mp4"]


def test_both_splits_are_compared():
    grouped = finished()
    random = finished(outcome(evaluation([("Kick", "Kick"), ("Wave", "Wave")] * 10), leaked=17), split="random")
    for run, other in ((grouped, random), (random, grouped)):
        write_plan(replace(run, plan=replace(run.plan, pair=other.id)))
    pages = [open_train(run) for run in (random, grouped)]
    for page in pages:
        assert "scores 100% on a random split, and 90% on recordings it has not seen" in texts(page)
        assert "17 of 20 test clips" in texts(page)
    assert in_address(press(pages[1], "Open the other run"), "run") == random.id


@pytest.mark.parametrize(
    ("clips", "orders", "text"),
    [
        (None, {"shuffled": 10, "frozen": 9}, ": it uses their order"),
        (None, {"shuffled": 17, "frozen": 9}, "nothing shows that it uses their order"),
        (None, {"shuffled": 17, "frozen": 17}, "nothing shows that it uses motion"),
        (WEAK, {"shuffled": 1}, "says nothing"),
    ],
)
def test_use_of_motion_is_described(clips, orders, text):
    assert text in metrics.describe_motion(evaluation(clips, orders))


@pytest.mark.parametrize(("after", "worse"), [(0.04, False), (0.3, True)])
def test_temperature_that_did_not_help_is_reported(after, worse):
    calibration = replace(evaluation().calibration, ece_before=0.12, ece_after=after)
    text = metrics.describe_calibration(calibration)
    assert "overconfident" in text
    assert ("That is worse" in text) == worse


@pytest.fixture(scope="module")
def folder():
    folder = settings().datasets / "reported"
    write_clip(folder / "Kick" / "v_Kick_g01.mp4")
    write_clip(folder / "Wave" / "v_Wave_g01.mp4", 1)
    yield folder
    rmtree(folder)


def test_clips_are_found_in_the_data_set_alone(folder):
    def find(path):
        prediction = ClipPrediction(str(path), "Kick", "Wave", 0.7, "g01")
        return confusions.find_video(prediction, plan(dataset="reported"))

    path = folder / "Kick" / "v_Kick_g01.mp4"
    assert find(path).path == path
    for other in ("/etc/passwd", "v_Kick_g02.mp4", "", "../Kick/v_Kick_g01.mp4/.."):
        assert find(other) is None


def test_data_set_of_another_visitor_or_path_is_not_opened(folder):
    for name in ("", "..", "../datasets/reported", "own-x", "own-../../datasets/reported", "gone", str(folder)):
        assert dataset_cache.opened_if_there(name) is None


@pytest.mark.promise("private", "Only its owner can delete a run")
def test_run_can_be_deleted_by_its_owner_only():
    run = finished(owner="d" * 22)
    page = open_train(run, owner="e" * 22)
    assert "Delete it" not in buttons(page)
    assert "90%" in figures(page)
    page = press(open_train(run, owner="d" * 22), "Delete it")
    assert list_runs("d" * 22) == []
    assert "run" not in page.query_params


def test_run_is_renamed_on_its_page_and_in_annotate():
    run = finished()
    write_card(run.classifier / "card.json", replace(CARD, labels=run.plan.labels))
    page = open_train(run)
    assert page.header[0].value == "Kick · Wave \\(LRCN, recommended\\)"
    next(field for field in page.text_input if field.label == "Name").set_value("For the gym")
    page = press(page, "Save the name")
    assert page.header[0].value == "For the gym"
    annotate = open_screen("annotate", {"owner": OWNER})
    names = next(box for box in annotate.selectbox if box.label == "Classifier").options
    assert "Yours: For the gym" in names


def few(**changes):
    """A finished run of the owner's that was tested on 8 clips."""
    clips = [("Kick", "Kick")] * 4 + [("Wave", "Wave")] * 4
    found = outcome(evaluation(clips, {"shuffled": 4}))
    return finished(replace(found, split=replace(found.split, test=8)), **changes)


def test_a_test_on_each_recording_is_offered_where_few_clips_were_tested(jobs):
    run = few()
    page = open_train(run)
    assert "Only 8 clips for testing: even if all are recognised, the accuracy may be as low as 68%" in texts(page)
    page = press(page, "Test on each recording")
    assert jobs.submitted == [("leave_recordings_out", (run.id,))]
    assert "Cancel" in buttons(page)
    assert not {"Cancel", "Test on each recording"} & set(buttons(open_train(run, owner="x" * 22)))
    assert "Test on each recording" not in buttons(open_train(few(), owner="x" * 22))
    assert "Each recording in turn" not in texts(open_train(finished()))  # 20 clips were tested


def test_the_result_for_each_recording_is_shown_to_everybody():
    run = few()
    folder = run.folder / "recordings"
    folder.mkdir()
    folds = [{"group": "g01", "right": 3, "count": 4}, {"group": "<b>2", "right": 5, "count": 6}]
    (folder / "report.json").write_text(json.dumps({"folds": folds, "failed": [{"fold": "g03"}]}))
    page = open_train(run, owner="x" * 22)
    assert next(metric.value for metric in page.metric if metric.label == "Accuracy over all recordings") == "80%"
    assert "8 of 10 clips" in texts(page)
    assert "1 training failed" in texts(page)
    shown = next(frame.value for frame in page.dataframe if "left out" in frame.value)
    assert list(shown["correct"]) == ["3 of 4", "5 of 6"]


def test_without_its_clips_a_run_is_not_tested_further():
    page = open_train(few(dataset="gone"))
    assert "The clips are no longer on this server" in texts(page)
    assert "Test on each recording" not in buttons(page)
