"""Teach without a camera. A real browser: tests/browser/test_teach.py."""

import json
import shutil
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import takes, user_sets
from har.errors import JobError, WorkerDied
from har.jobs import JobState
from har.runs import Plan, list_runs, new_run
from har.settings import settings
from har.storage import quota
from har.training.outcome import write_outcome
from har.video import write_video
from tests.ui.data_pages import press, ran, texts
from tests.ui.train_pages import epoch, outcome

OWNER = "o" * 22


@pytest.fixture(autouse=True)
def home(tmp_path, override):
    return override(home=tmp_path).home


def teach(**query):
    script = f"import streamlit as st\nst.session_state['owner'] = {OWNER!r}\nfrom pages import teach\nteach.main()"
    page = AppTest.from_string(script, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def taught(**counts):
    """A set with so many clips of each label in each take."""
    name = takes.new_draft(OWNER)
    for label, of_takes in counts.items():
        for take, count in enumerate(of_takes, 1):
            for number in range(1, count + 1):
                path = user_sets.dataset_folder(name) / label / f"take_g{take:02}_c{number:02}.mp4"
                path.parent.mkdir(exist_ok=True)
                write_video(path, iter(np.full((5, 48, 64, 3), 40 * take + number, np.uint8)), Fraction(10))
    return name


def trained(name, labels=("Jump", "Wave")):
    from ui.teach import lesson

    run = new_run(OWNER, Plan(name, "Shown to the camera", labels, lesson.recipe(), time.time()))
    write_outcome(run.folder, replace(outcome(None), history=(epoch(1),), best=epoch(1)))
    shutil.copytree(settings().weights / "lrcn-figures", run.classifier)
    quota.touch_draft(run.folder)
    return run


def button(page, name):
    return next(each for each in page.button if each.label == name)


def names(page):
    return [box.value for box in page.text_input]


def test_a_new_lesson_has_two_classes_and_offers_one_for_nothing_special():
    page = teach()
    assert names(page) == ["Move 1", "Move 2"]
    assert button(page, "Train").disabled
    assert "Record some of Move 1, Move 2" in texts(page)
    page = press(page, "Add “Nothing special”")
    assert names(page) == ["Move 1", "Move 2", "Nothing special"]
    assert "standing, sitting, walking about" in texts(page)
    page = press(page, "Add a class")
    assert names(page)[-1] == "Move 3"
    page.button(key=next(each.key for each in page.button if each.label == "Delete")).click()
    assert names(ran(page)) == ["Move 2", "Nothing special", "Move 3"]


def test_a_class_is_renamed_with_its_clips_and_a_name_is_taken_once():
    name = taught(Jump=[3], Wave=[3])
    page = teach(dataset=name)
    page.text_input[0].set_value("Star jump")
    page = ran(page)
    assert names(page) == ["Star jump", "Wave"]
    assert set(takes.clips_by_label(name)) == {"Star jump", "Wave"}
    page.text_input[1].set_value("star JUMP")
    page = ran(page)
    assert "There is already a class Star jump" in texts(page)
    assert names(page) == ["Star jump", "Wave"]


def test_training_needs_two_classes_with_a_few_clips_each():
    assert "at least 3 clips are needed" in texts(teach(dataset=taught(Jump=[3], Wave=[2])))
    page = teach(dataset=taught(Jump=[3], Wave=[3]))
    assert not button(page, "Train").disabled
    assert "6 clips of 2 classes" in texts(page)


def test_the_button_trains_on_all_clips_and_the_run_is_a_draft(jobs):
    name = taught(Jump=[3], Wave=[3])
    page = press(teach(dataset=name), "Train")
    (run,) = list_runs(OWNER)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert (run.plan.dataset, run.plan.labels, run.plan.recipe.split) == (name, ("Jump", "Wave"), "all")
    assert page.query_params["run"] in (run.id, [run.id])
    assert quota.draft_until(run.folder) is not None
    assert "1 job ahead of you" in str(page.get("progress")[0].proto)
    assert button(page, "Train again").disabled


def test_without_movinet_another_network_is_used_and_the_page_says_so(override):
    override(movinet_url="")
    page = teach(dataset=taught(Jump=[3], Wave=[3]))
    assert "MoViNet, which learns moves better, cannot be had" in texts(page)
    override(movinet_url="https://example.org/movinet.tflite")
    page = teach(dataset=taught(Jump=[3], Wave=[3]))
    assert "with MoViNet" in texts(page)
    assert "cannot be had" not in texts(page)


def test_training_again_takes_the_place_of_a_run_that_was_not_kept(jobs):
    name = taught(Jump=[3], Wave=[3])
    dropped, kept = trained(name), trained(name)
    quota.keep_draft(kept.folder)
    for run in (dropped, kept):
        press(teach(dataset=name, run=run.id), "Train again")
    assert not dropped.folder.exists()
    assert kept.folder.exists()


def test_a_failed_training_is_explained(jobs):
    name = taught(Jump=[3], Wave=[3])
    page = press(teach(dataset=name), "Train")
    jobs.set_status(JobState.FAILED, error=WorkerDied("The worker died.", "It must live.", "Try again."))
    assert "The worker died" in texts(ran(page))
    assert not button(page, "Train again").disabled


def test_a_refused_training_leaves_no_run(jobs):
    jobs.refusal = JobError("The queue is full.", "Few wait.", "Try later.")
    page = press(teach(dataset=taught(Jump=[3], Wave=[3])), "Train")
    assert "The queue is full" in texts(page)
    assert list_runs(OWNER) == []


def test_one_take_of_each_class_is_too_few_to_say_how_good_it_is(jobs):
    name = taught(Jump=[3], Wave=[3])
    page = teach(dataset=name, run=trained(name).id)
    assert "too few takes to say" in texts(page)
    assert jobs.submitted == []


@pytest.mark.parametrize(
    ("right", "text"), [(8, "recognised 8"), (5, "too few clips to say whether it is better"), (7, "uncertain")]
)
def test_takes_are_left_out_in_turn_to_say_how_good_it_is(jobs, right, text):
    name = taught(Jump=[3, 3], Wave=[3, 3])
    run = trained(name)
    page = teach(dataset=name, run=run.id)
    assert jobs.submitted == [("leave_recordings_out", (run.id,))]
    folds = [{"group": "g01", "right": right - 4, "count": 4}, {"group": "g02", "right": 4, "count": 4}]
    report = {
        "folds": folds,
        "baseline": 0.5,
        "labels": ["Jump", "Wave"],
        "confusion": [[4, 0], [8 - right, right - 4]],
    }
    (run.folder / "recordings").mkdir()
    (run.folder / "recordings" / "report.json").write_text(json.dumps(report))
    jobs.set_status(JobState.DONE)
    page = teach(dataset=name, run=run.id)
    assert len(jobs.submitted) == 1  # after a reload it is not tested again
    assert text in texts(page)
    assert ("Most frequent mistake: Wave taken for Jump." in texts(page)) == (right < 8)
    assert page.metric[0].value == f"{right / 8:.0%}"


@pytest.mark.parametrize(("name", "keeps_clips"), [("Keep the clips, open in Explore", True), ("", False)])
def test_only_what_its_owner_keeps_is_kept(name, keeps_clips):
    dataset = taught(Jump=[3], Wave=[3])
    run = trained(dataset)
    page = teach(dataset=dataset, run=run.id)
    assert "30 minutes after you close this page" in texts(page)
    if name:
        button(page, name).click()
        page.run()  # another page opens
    assert (quota.draft_until(user_sets.dataset_folder(dataset)) is None) == keeps_clips
    assert quota.draft_until(run.folder) is not None


def test_who_returns_by_the_menu_finds_the_lesson_as_it_was(jobs):
    name = taught(Jump=[3], Wave=[3])
    page = press(teach(dataset=name), "Train")
    page.query_params.clear()
    page = ran(page)
    assert page.query_params["dataset"] in (name, [name])
    assert names(page) == ["Jump", "Wave"]
    assert button(page, "Train again").disabled


def test_after_all_is_kept_another_lesson_can_be_started():
    name = taught(Jump=[3], Wave=[3])
    page = teach(dataset=name)
    assert "Start another lesson" not in [each.label for each in page.button]
    quota.keep_draft(user_sets.dataset_folder(name))
    page = press(ran(page), "Start another lesson")
    assert names(page) == ["Move 1", "Move 2"]
    assert user_sets.dataset_folder(name).exists()


def test_everything_can_be_deleted():
    name = taught(Jump=[3], Wave=[3])
    run = trained(name)
    page = press(teach(dataset=name, run=run.id), "Delete it all")
    assert not user_sets.dataset_folder(name).exists()
    assert not run.folder.exists()
    assert names(page) == ["Move 1", "Move 2"]


@pytest.mark.parametrize("name", ["own-nothing-of-that-name", "../../etc", "figures"])
def test_an_address_without_clips_opens_an_empty_lesson(name):
    page = teach(dataset=name, run="gone")
    assert "have been deleted" in texts(page)
    assert names(page) == ["Move 1", "Move 2"]


def test_the_clips_of_another_visitor_are_not_shown():
    name = takes.new_draft("x" * 22)
    page = teach(dataset=name)
    assert "belong to another visitor" in texts(page)


def test_the_run_of_another_visitor_is_neither_shown_nor_deleted(jobs):
    name = taught(Jump=[3], Wave=[3])
    run = trained(name)
    theirs = new_run("x" * 22, run.plan)
    write_outcome(theirs.folder, run.outcome or outcome(None))
    page = teach(dataset=name, run=theirs.id)
    assert "It knows your moves" not in texts(page)
    press(page, "Train")
    assert theirs.folder.exists()
