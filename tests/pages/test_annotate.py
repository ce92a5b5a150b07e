"""The Annotate page in each state of a job. A real job in a browser: tests/browser."""

from dataclasses import replace
from unittest.mock import patch

import pytest

import ui.jobs
from har.annotation import GeneratedSample
from har.classifier import read_card
from har.classifier.card import write_card
from har.errors import NoFrames, QueueFull
from har.jobs import JobState
from har.results import open_annotation, write_exports
from har.storage import owners
from tests.browser.made import make_result
from tests.ui.data_pages import button, buttons, in_address, open_screen, press, ran, texts, video_bytes
from tests.ui.train_pages import finished
from ui.annotate import upload as upload_box

JOB = "a" * 22


def open_page(job_id=None):
    return open_screen("annotate", **({"job": job_id} if job_id else {}))


def test_the_classifier_that_suits_the_video_is_preselected():
    page = open_page()
    assert page.selectbox[0].value == "lrcn-figures"
    assert "Put down, Sit down, Squat" in texts(page)
    assert not button(page, "Annotate").disabled
    page.segmented_control(key="source").set_value("Your own video").run()
    assert page.selectbox[0].value == "i3d-kinetics400"
    assert button(page, "Annotate").disabled
    page.segmented_control(key="source").set_value("Camera").run()
    assert not page.exception
    assert "I3D, 400 actions" not in page.selectbox[0].options  # too slow
    assert "MoViNet, 600 actions" in page.selectbox[0].options
    assert page.selectbox[0].value == "lrcn-lite0-ucf101-10"  # MoViNet cannot be downloaded in tests
    assert "Annotate" not in buttons(page)


def test_a_started_job_is_in_the_address_and_counts_for_its_visitor(jobs):
    page = press(open_page(), "Annotate")
    [(function, arguments)] = jobs.submitted
    assert (function, arguments[0], arguments[2]) == ("annotate_job", GeneratedSample("six-actions"), "lrcn-figures")
    assert list(jobs.known) == [in_address(page, "job")]
    assert jobs.options["detached"] is False
    assert jobs.options["visitor"].id == page.session_state["owner"]
    assert jobs.options["visitor"].is_connected()  # without a server, a page counts as open


def test_a_full_queue_is_explained(jobs):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = press(open_page(), "Annotate")
    assert "Come back" in page.error[0].value
    assert "job" not in page.query_params


@pytest.mark.parametrize(
    ("state", "fields", "text"),
    [
        (JobState.FAILED, {"error": NoFrames("None came.", "One was due.", "Convert it.")}, "Convert"),
        (JobState.FAILED, {"error": ZeroDivisionError("secret")}, "on our side"),
        (JobState.STOPPED, {}, "Cancelled"),
        (JobState.STOPPED, {"abandoned": True}, "This page was closed for 10 minutes"),
    ],
)
def test_a_job_without_a_result_is_explained_and_leads_back(jobs, state, fields, text):
    jobs.set_status(state, job_id=JOB, **fields)
    page = open_page(JOB)
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
    run = finished(dataset=dataset, labels=labels, preset="figures")
    write_card(run.classifier / "card.json", replace(read_card("lrcn-figures"), title="Mine", threshold=0.63))
    return run


def test_a_run_in_the_address_preselects_its_classifier_and_the_sample_with_most_of_its_labels(jobs, trained):
    page = open_screen("annotate", classifier=trained.id)
    assert page.segmented_control(key="source").value == "A sample"
    assert page.radio(key="sample").value == "training"
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


@pytest.mark.promise("private", "Classifiers are listed only for their owner")
def test_other_visitors_classifiers_are_not_listed(trained):
    assert "Yours" not in " ".join(open_page().selectbox[0].options)


def test_a_deleted_run_in_the_address_is_reported(jobs):
    page = open_screen("annotate", classifier="z" * 22)
    assert "no training run" in texts(page)
    assert page.selectbox[0].value == "lrcn-figures"


def drop(page, name, content):
    page.segmented_control(key="source").set_value("Your own video").run()
    page.file_uploader[0].upload(name, content, "video/mp4")
    with patch.object(ui.jobs, "_GRACE_SEC", 30):  # until a thread has opened the file
        return ran(page)


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


NASTY = "[x](javascript:alert(1)) <img src=x> **b** $y$ :red[z]\n\x1b[31m\u202egpj\u200b.mp4"


@pytest.mark.parametrize(
    ("name", "stored", "shown"),
    [
        ("Holiday 2026 (1).MOV", "video.mov", "Holiday 2026 (1).MOV has no frames. A video was due. Convert Holiday"),
        (NASTY, "video.mp4", "[x](javascript:alert(1)) <img src=x>"),
        ("../../../etc/passwd.mp4", "video.mp4", "etc/passwd.mp4 has"),
        ("\u202e\u200b.mp4", "video.mp4", ".mp4 has"),
        ("x" * 5000 + ".mp4", "video.mp4", "xxx… has"),
    ],
)
def test_a_file_name_is_shown_as_plain_text_and_never_a_path(jobs, name, stored, shown):
    press(drop(open_page(), name, video_bytes()), "Annotate")
    ((_, (path, folder, *_)),) = jobs.submitted
    refusal = NoFrames(f"{path.name} has no frames.", "A video was due.", f"Convert {path.name}.")
    jobs.set_status(JobState.FAILED, error=refusal)
    said = open_page(folder.name).error[0].value
    assert path == folder / stored
    assert {file.name for file in folder.iterdir()} == {stored, "name.txt"}
    assert shown in said.replace("\\", "")
    assert said.isprintable()
    assert len(said) < 400
    assert not [markdown for markdown in ("[x]", "**b**", " <img", ":red[") if markdown in said]


def test_results_of_this_browser_are_listed_and_those_of_others_not(override, tmp_path):
    override(home=tmp_path)
    assert "Your results" not in texts(open_page())
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
