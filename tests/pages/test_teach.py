"""Teach without a camera. A real browser: tests/browser/test_teach.py."""

import json
import shutil
import time
from dataclasses import replace

import pytest

from har.datasets import takes, user_sets
from har.errors import JobError, QueueFull, WorkerDied
from har.jobs import JobState
from har.runs import Plan, list_runs, new_run
from har.settings import settings
from har.storage import quota
from har.training.outcome import write_outcome
from tests.ui.data_pages import button, buttons, in_address, open_screen, press, ran, texts, write_clip
from tests.ui.train_pages import OWNER, epoch, outcome
from ui.teach import lesson


@pytest.fixture(autouse=True)
def home(tmp_path, override):
    return override(home=tmp_path).home


def teach(**query):
    return open_screen("teach", {"owner": OWNER}, **query)


def taught(**counts):
    """A set with so many clips of each label in each take."""
    name = takes.new_draft(OWNER)
    for label, of_takes in counts.items():
        for take, count in enumerate(of_takes, 1):
            for number in range(1, count + 1):
                path = user_sets.dataset_folder(name) / label / f"take_g{take:02}_c{number:02}.mp4"
                write_clip(path, count=5)
    return name


def trained(name, labels=("Jump", "Wave")):
    run = new_run(OWNER, Plan(name, "Shown to the camera", labels, lesson.recipe(), time.time()))
    write_outcome(run.folder, replace(outcome(None), history=(epoch(1),), best=epoch(1)))
    shutil.copytree(settings().weights / "lrcn-figures", run.classifier)
    quota.touch_draft(run.folder)
    return run


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
    assert names(press(page, "Delete")) == ["Move 2", "Nothing special", "Move 3"]


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


def test_an_empty_name_is_ignored_and_the_field_shows_the_name_of_the_class_again():
    page = teach()
    page.text_input[0].set_value(" ")
    page = ran(page)
    assert names(page) == ["Move 1", "Move 2"]
    assert not page.error


def test_training_needs_two_classes_with_a_few_clips_each():
    page = teach(dataset=taught(Jump=[3], Wave=[2]))
    assert "at least 3 clips are needed" in texts(page)
    assert button(page, "Train").disabled


def test_the_button_trains_on_all_clips_and_the_run_is_a_draft(jobs):
    name = taught(Jump=[3], Wave=[3])
    page = teach(dataset=name)
    assert "6 clips of 2 classes" in texts(page)
    page = press(page, "Train")
    (run,) = list_runs(OWNER)
    assert jobs.submitted == [("train_run", (run.id,))]
    assert (run.plan.dataset, run.plan.labels, run.plan.recipe.split) == (name, ("Jump", "Wave"), "all")
    assert in_address(page, "run") == run.id
    assert quota.draft_until(run.folder) is not None
    page.query_params.clear()
    page = ran(page)  # opened again by the menu
    assert in_address(page, "dataset") == name
    assert names(page) == ["Jump", "Wave"]
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
    jobs.refusal = QueueFull("The queue is full.", "Few wait.", "Try later.")
    press(teach(dataset=name, run=dropped.id), "Train again")
    assert dropped.folder.exists()
    jobs.refusal = None
    for run in (dropped, kept):
        press(teach(dataset=name, run=run.id), "Train again")
    assert not dropped.folder.exists()
    assert kept.folder.exists()


def test_a_refused_training_leaves_no_run_and_a_failed_one_is_explained(jobs):
    jobs.refusal = JobError("The queue is full.", "Few wait.", "Try later.")
    page = press(teach(dataset=taught(Jump=[3], Wave=[3])), "Train")
    assert "The queue is full" in texts(page)
    assert list_runs(OWNER) == []
    jobs.refusal = None
    page = press(page, "Train")
    jobs.set_status(JobState.FAILED, error=WorkerDied("The worker died.", "It must live.", "Try again."))
    assert "The worker died" in texts(ran(page))
    assert not button(page, "Train again").disabled


@pytest.mark.parametrize(
    ("right", "text"), [(8, "recognised 8"), (5, "too few clips to say whether it is better"), (7, "uncertain")]
)
def test_takes_are_left_out_in_turn_to_say_how_good_it_is(jobs, right, text):
    name = taught(Jump=[3, 3], Wave=[3, 3])
    run = trained(name)
    page = teach(dataset=name, run=run.id)
    assert jobs.submitted == [("leave_recordings_out", (run.id,))]
    folds = [{"group": "g01", "right": right - 4, "count": 4}, {"group": "g02", "right": 4, "count": 4}]
    confusion = [[4, 0], [8 - right, right - 4]]
    report = {"folds": folds, "baseline": 0.5, "labels": ["Jump", "Wave"], "confusion": confusion}
    (run.folder / "recordings").mkdir()
    (run.folder / "recordings" / "report.json").write_text(json.dumps(report))
    jobs.set_status(JobState.DONE)
    page = teach(dataset=name, run=run.id)
    assert len(jobs.submitted) == 1  # after a reload it is not tested again
    assert text in texts(page)
    assert ("Most frequent mistake: Wave taken for Jump." in texts(page)) == (right < 8)
    assert page.metric[0].value == f"{right / 8:.0%}"


def test_only_what_its_owner_keeps_is_kept(jobs):
    name = taught(Jump=[3], Wave=[3])
    run = trained(name)
    page = teach(dataset=name, run=run.id)
    assert "too few takes to say" in texts(page)  # how good it is
    assert jobs.submitted == []
    assert "30 minutes after you close this page" in texts(page)
    drafts = [user_sets.dataset_folder(name), run.folder]
    assert all(quota.draft_until(folder) is not None for folder in drafts)
    button(page, "Keep the clips, open in Explore").click()
    page.run()  # another page opens
    assert [quota.draft_until(folder) is None for folder in drafts] == [True, False]


def test_after_all_is_kept_another_lesson_can_be_started():
    name = taught(Jump=[3], Wave=[3])
    page = teach(dataset=name)
    assert "Start another lesson" not in buttons(page)
    quota.keep_draft(user_sets.dataset_folder(name))
    page = press(ran(page), "Start another lesson")
    assert names(page) == ["Move 1", "Move 2"]
    assert user_sets.dataset_folder(name).exists()


@pytest.mark.parametrize("during", ["training", "test"])
def test_everything_can_be_deleted_also_while_it_is_trained_or_tested(jobs, during):
    name = taught(Jump=[3, 3], Wave=[3, 3])
    page = teach(dataset=name, **({} if during == "training" else {"run": trained(name).id}))
    page = press(page, "Train") if during == "training" else page
    (run,) = list_runs(OWNER)
    (job_id,) = jobs.known
    page = press(page, "Delete it all")
    assert not user_sets.dataset_folder(name).exists()
    assert not run.folder.exists()
    assert job_id in jobs.stopped
    assert names(page) == ["Move 1", "Move 2"]


def test_a_class_that_was_renamed_while_files_were_added_comes_back_with_them():
    name = taught(Jump=[3], Wave=[3])
    page = teach(dataset=name)
    page.text_input[0].set_value("Star jump")
    page = ran(page)
    write_clip(user_sets.dataset_folder(name) / "Jump" / "take_g02_c01.mp4", count=5)  # what the job does
    assert names(ran(page)) == ["Star jump", "Wave", "Jump"]


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("own-nothing-of-that-name", "have been deleted"),
        ("../../etc", "have been deleted"),
        (None, "belong to another visitor"),
    ],
)
def test_an_address_without_ones_own_clips_opens_an_empty_lesson(address, text):
    page = teach(dataset=address or takes.new_draft("x" * 22), run="gone")
    assert text in texts(page)
    assert names(page) == ["Move 1", "Move 2"]


def test_the_run_of_another_visitor_is_neither_shown_nor_deleted(jobs):
    name = taught(Jump=[3], Wave=[3])
    run = trained(name)
    theirs = new_run("x" * 22, run.plan)
    write_outcome(theirs.folder, run.outcome or outcome(None))
    page = teach(dataset=name, run=theirs.id)
    assert "It knows your moves" not in texts(page)
    press(page, "Train")
    assert theirs.folder.exists()
