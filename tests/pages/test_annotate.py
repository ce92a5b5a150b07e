"""The Annotate page in each state of a job. A real job in a browser: tests/browser."""

from concurrent.futures import wait
from dataclasses import replace

import pytest

import ui.jobs
from har.annotation import GeneratedSample
from har.classifier import read_card
from har.classifier.card import write_card
from har.errors import NoFrames, QueueFull
from har.jobs import JobState, JobStatus
from har.recipe import recipe_for
from har.results import open_annotation, write_exports
from har.runs import Plan, new_run
from har.storage import owners
from har.training import EpochRecord, Outcome, SplitFacts
from har.training.outcome import write_outcome
from tests.browser.made import make_result
from tests.ui.data_pages import buttons, open_screen, press, ran, texts, video_bytes
from ui.annotate import upload as upload_box

JOB = "a" * 22


def open_page(job_id=None):
    return open_screen("annotate", **({"job": job_id} if job_id else {}))


def test_a_sample_and_its_classifier_are_preselected(jobs):
    page = open_page()
    assert not page.exception
    assert page.selectbox[0].value == "lrcn-figures"
    assert "Put down, Sit down, Squat" in texts(page)
    assert not next(button for button in page.button if button.label == "Annotate").disabled


def test_an_upload_preselects_the_large_classifier_and_is_required(jobs):
    page = open_page()
    page.segmented_control(key="source").set_value("Your own video").run()
    assert page.selectbox[0].value == "i3d-kinetics400"
    assert next(button for button in page.button if button.label == "Annotate").disabled
    assert "200 MB" in texts(page)


def test_starting_puts_the_job_into_the_address(jobs):
    page = press(open_page(), "Annotate")
    assert not page.exception
    [(function, arguments)] = jobs.submitted
    assert function == "annotate_job"
    assert arguments[0] == GeneratedSample("six-actions")
    assert arguments[2] == "lrcn-figures"
    assert list(jobs.known) in ([page.query_params["job"]], page.query_params["job"])


def test_a_job_counts_for_its_visitor_and_is_not_detached(jobs):
    page = press(open_page(), "Annotate")
    assert jobs.options["detached"] is False
    assert jobs.options["visitor"].id == page.session_state["owner"]
    assert jobs.options["visitor"].is_connected()  # without a server, a page counts as open


def test_an_abandoned_job_is_explained(jobs):
    jobs.known[JOB] = JobStatus(JOB, JobState.STOPPED, 0, (), 1.0, abandoned=True)
    assert "This page was closed for 10 minutes" in texts(open_page(JOB))


def test_a_full_queue_is_explained(jobs):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = press(open_page(), "Annotate")
    assert "Come back" in page.error[0].value
    assert "job" not in page.query_params


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (
            JobStatus(JOB, JobState.FAILED, 0, (), 1.0, None, NoFrames("None came.", "One was due.", "Convert it.")),
            "Convert",
        ),
        (JobStatus(JOB, JobState.FAILED, 0, (), 1.0, None, ZeroDivisionError("secret")), "on our side"),
        (JobStatus(JOB, JobState.STOPPED, 0, (), 1.0), "Cancelled"),
    ],
)
def test_a_job_without_a_result_is_explained_and_leads_back(jobs, status, text):
    jobs.known[JOB] = status
    page = open_page(JOB)
    assert not page.exception
    assert text in texts(page)
    assert "secret" not in texts(page)
    page = press(page, "Annotate another video")
    assert "job" not in page.query_params


@pytest.mark.promise("private", "A result opens only by its address, and other ids lead nowhere")
@pytest.mark.parametrize("job", [JOB, "../../../../etc/passwd"])
def test_another_id_leads_nowhere(job):
    page = open_page(job)
    assert "no result at this address" in texts(page)
    assert "job" not in press(page, "Annotate another video").query_params


@pytest.fixture
def trained():
    """A finished run on the drawn figures, whose classifier has a threshold of its own."""
    return make_run("figures", ("Kick", "Punch"))


def make_run(dataset, labels):
    recipe = recipe_for("lrcn", "figures")
    run = new_run("annotate-owner-0000000", Plan(dataset, "Drawn people", labels, recipe, 1.0))
    epoch = EpochRecord(1, 1, 0.5, 0.75, 0.6, 0.7, 40.0, True)
    facts = SplitFacts("grouped", 2, 2, 2, {}, 0, None, False)
    write_outcome(run.folder, Outcome((epoch,), epoch, facts, None, False, 1.0, 1, None))
    run.classifier.mkdir()
    card = read_card("lrcn-figures")
    write_card(run.classifier / "card.json", replace(card, title="Mine", threshold=0.63))
    return run


def test_a_run_in_the_address_preselects_its_classifier(jobs, trained):
    page = open_screen("annotate", classifier=trained.id)
    assert not page.exception
    assert page.selectbox[0].value == trained.classifier
    assert page.selectbox[0].options[page.selectbox[0].index] == "Yours: Kick · Punch (LRCN)"
    assert next(slider.value for slider in page.slider if slider.label == "Threshold") == 0.63
    press(page, "Annotate")
    ((_, arguments),) = jobs.submitted
    assert trained.classifier in arguments


def test_a_classifier_of_other_data_opens_on_the_upload_box(jobs):
    page = open_screen("annotate", classifier=make_run("ucf101", ("TaiChi", "Swing")).id)
    assert page.segmented_control(key="source").value == "Your own video"
    assert len(page.get("file_uploader")) == 1


def test_a_classifier_of_figures_opens_on_the_sample_with_most_of_its_labels(jobs, trained):
    page = open_screen("annotate", classifier=trained.id)
    assert page.segmented_control(key="source").value == "A sample"
    assert page.radio(key="sample").value == "training"


@pytest.mark.promise("private", "Classifiers are listed only for their owner")
def test_other_visitors_classifiers_are_not_listed(jobs, trained):
    assert trained.classifier not in open_page().selectbox[0].options
    assert "Yours" not in " ".join(open_page().selectbox[0].options)


def test_a_deleted_run_in_the_address_is_reported(jobs):
    page = open_screen("annotate", classifier="z" * 22)
    assert "no training run" in texts(page)
    assert page.selectbox[0].value == "lrcn-figures"


def drop(page, name, content):
    page.segmented_control(key="source").set_value("Your own video").run()
    page.file_uploader[0].upload(name, content, "video/mp4")
    ran(page)
    wait(ui.jobs._threads()._futures.values(), 30)  # in which the file is opened
    return ran(page)


def upload(page, name):
    return press(drop(page, name, video_bytes()), "Annotate")


def test_a_dropped_video_shows_its_first_frame_and_how_long_it_takes(jobs):
    page = drop(open_page(), "a.mp4", video_bytes())
    assert not page.exception
    assert [image.proto.imgs[0].alt for image in page.get("image")] == ["The first frame"]
    assert "0:01 · 320×240 · 10 frames per second · " in texts(page)
    assert "Takes about 10 s." in texts(page)


def test_a_dropped_file_that_is_no_video_is_refused_in_place_of_the_button(jobs, monkeypatch):
    opened = []
    monkeypatch.setattr(upload_box, "look", lambda *file, look=upload_box.look: opened.append(1) or look(*file))
    page = drop(open_page(), "Holiday (1).mp4", b"not a video")
    assert page.error[0].value.replace("\\", "").startswith("Holiday (1).mp4 is not a video")
    assert "Annotate" not in buttons(page)
    ran(page)
    assert len(opened) == 1
    page.file_uploader[0].set_value([])
    assert "Annotate" in buttons(ran(page))


def failed_upload(jobs, name):
    """The error of an upload that is no video, which names the file on the server."""
    page = upload(open_page(), name)
    assert not page.exception
    ((_, (path, folder, *_)),) = jobs.submitted
    (job_id,) = jobs.known
    refusal = NoFrames(f"{path.name} has no frames.", "A video was due.", f"Convert {path.name}.")
    jobs.known[job_id] = JobStatus(job_id, JobState.FAILED, 0, (), 1.0, None, refusal)
    return path, folder, page.run().error[0].value


def test_errors_use_the_visitors_name_for_a_video(jobs):
    path, folder, told = failed_upload(jobs, "Holiday 2026 (1).MOV")
    assert told.replace("\\", "") == (
        "Holiday 2026 (1).MOV has no frames. A video was due. Convert Holiday 2026 (1).MOV."
    )
    assert path == folder / "video.mov"


NASTY = "[x](javascript:alert(1)) <img src=x> **b** $y$ :red[z]\n\x1b[31m\u202egpj\u200b.mp4"


def test_a_file_name_is_plain_text_and_never_a_path(jobs):
    path, folder, told = failed_upload(jobs, NASTY)
    assert path == folder / "video.mp4"
    assert {file.name for file in folder.iterdir()} == {"video.mp4", "name.txt"}
    assert told.startswith(r"\[x\]\(javascript\:alert\(1\)\) \<img src\=x\>".replace(r"\=", "="))
    assert told.isprintable()
    assert "**b**" not in told


@pytest.mark.parametrize(
    ("name", "called", "told"),
    [
        ("../../../etc/passwd.mp4", "video.mp4", "etc/passwd.mp4 has"),
        ("\u202e\u200b.mp4", "video.mp4", ".mp4 has"),
        ("x" * 5000 + ".mp4", "video.mp4", "xxx… has"),
    ],
)
def test_every_name_leads_to_the_same_folder(jobs, name, called, told):
    path, folder, said = failed_upload(jobs, name)
    assert path == folder / called
    assert told in said.replace("\\", "")
    assert len(said) < 400


def test_results_of_this_browser_are_listed_and_those_of_others_not(jobs, override, tmp_path):
    override(home=tmp_path)
    for owner, name in (("m" * 22, "mine.mp4"), ("o" * 22, "theirs.mp4")):
        folder = make_result(tmp_path, [0] * 8).folder
        (folder / "name.txt").write_text(name)
        write_exports(open_annotation(folder))
        owners.record(folder.name, owner)
    page = open_screen("annotate", {"owner": "m" * 22})
    assert "Your results" in texts(page)
    (shown,) = (str(each.proto) for each in page.get("bidi_component") if each.proto.component_name == "har_wall")
    assert "mine.mp4" in shown
    assert "squat" in shown
    assert "theirs.mp4" not in shown


def test_without_results_there_is_no_list(jobs, override, tmp_path):
    override(home=tmp_path)
    assert "Your results" not in texts(open_page())


def test_the_camera_offers_classifiers_that_are_quick_enough():
    page = open_page()
    page.segmented_control(key="source").set_value("Camera").run()
    assert not page.exception
    assert "I3D, 400 actions" not in page.selectbox[0].options
    assert "MoViNet, 600 actions" in page.selectbox[0].options
    assert page.selectbox[0].value == "lrcn-lite0-ucf101-10"  # MoViNet cannot be downloaded in tests
    assert "Annotate" not in buttons(page)
