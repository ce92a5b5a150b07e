"""What the Annotate page says in each state of a job. A real job in a real browser: tests/browser."""

from dataclasses import dataclass, field, replace

import pytest
from streamlit.testing.v1 import AppTest

from har.classifier import read_card
from har.classifier.card import write_card
from har.errors import JobMissing, NoFrames, QueueFull
from har.jobs import JobState, JobStatus
from har.recipe import recipe_for
from har.recognition import Scoring
from har.runs import Outcome, Plan, SplitFacts, new_run
from har.runs.folder import write_outcome
from har.training import EpochDone

JOB = "a" * 22


@dataclass
class FakeJobs:
    """Says what it is told to say."""

    known: dict = field(default_factory=dict)
    submitted: list = field(default_factory=list)
    ways: dict = field(default_factory=dict)  # in which the last one was asked for
    refuse: Exception | None = None

    def status(self, job_id):
        if job_id not in self.known:
            raise JobMissing("There is no such job.", "", "")
        return self.known[job_id]

    def submit(self, function, *args, job_id, **ways):
        if self.refuse:
            raise self.refuse
        self.ways = ways
        self.submitted.append((function.__name__, args))
        self.known[job_id] = JobStatus(job_id, JobState.WAITING, 1, (), 0.0)
        return job_id


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


def open_page(job_id=None):
    page = AppTest.from_string("from pages import annotate\nannotate.main()", default_timeout=30)
    if job_id:
        page.query_params["job"] = job_id
    return page.run()


def texts(page):
    kinds = ("error", "warning", "info", "caption", "markdown", "title")
    return "\n".join(element.value for kind in kinds for element in page.get(kind) if hasattr(element, "value"))


def press(page, name):
    next(button for button in page.button if button.label == name).click()
    return page.run()


def test_a_sample_is_ready_and_its_classifier_is_chosen(jobs):
    page = open_page()
    assert not page.exception
    assert page.selectbox[0].value == "lrcn-figures"
    assert not next(button for button in page.button if button.label == "Annotate").disabled


def test_an_upload_goes_to_the_large_classifier_and_must_be_there_first(jobs):
    page = open_page()
    page.segmented_control(key="source").set_value("Your own video").run()
    assert page.selectbox[0].value == "i3d-kinetics400"
    assert next(button for button in page.button if button.label == "Annotate").disabled
    assert "200 MB" in texts(page)


def test_starting_puts_the_job_into_the_address(jobs):
    page = press(open_page(), "Annotate")
    assert not page.exception
    [(function, arguments)] = jobs.submitted
    assert function == "annotate_for_page"
    assert arguments[0] == "six-actions"
    assert arguments[2] == "lrcn-figures"
    assert list(jobs.known) in ([page.query_params["job"]], page.query_params["job"])


def test_an_annotation_counts_for_its_visitor_and_does_not_go_on_alone(jobs):
    page = press(open_page(), "Annotate")
    assert jobs.ways["goes_on_alone"] is False
    assert jobs.ways["visitor"].id == page.session_state["owner"]
    assert not jobs.ways["visitor"].is_there()  # no browser has this page open


def test_work_that_was_ended_since_nobody_looked_says_so(jobs):
    jobs.known[JOB] = JobStatus(JOB, JobState.STOPPED, 0, (), 1.0, abandoned=True)
    assert "Nobody had this page open for 10 minutes" in texts(open_page(JOB))


def test_a_full_queue_is_told_and_nothing_is_started(jobs):
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
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
        (None, "no result under this address"),
    ],
)
def test_an_end_without_a_result_says_why_and_leads_back(jobs, status, text):
    if status:
        jobs.known[JOB] = status
    page = open_page(JOB)
    assert not page.exception
    assert text in texts(page)
    assert "secret" not in texts(page)
    page = press(page, "Annotate another video")
    assert "job" not in page.query_params


def test_waiting_and_running_are_told_apart(jobs):
    from pages.annotate import _describe
    from ui.jobs import time_left

    running = JobStatus(JOB, JobState.RUNNING, 0, (Scoring(5.0, 10.0),), 20.0)
    done, text = _describe(running)
    assert 0.3 < done < 0.7
    assert text == "Recognising: 5 of 10 s"
    assert time_left(running, 0.5) == " · about 20 s left"
    assert time_left(running, 0.01) == ""
    assert time_left(running, 0.05) == " · about 7 min left"


@pytest.fixture
def trained():
    """A run that is through, with a classifier that has a threshold of its own."""
    recipe = recipe_for("lrcn", "figures")
    run = new_run("annotate-owner-0000000", Plan("figures", "Drawn people", ("kick", "wave"), recipe, 1.0))
    epoch = EpochDone(1, 1, 0.5, 0.75, 0.6, 0.7, 40.0, True)
    facts = SplitFacts("grouped", 2, 2, 2, {}, 0, None, False)
    write_outcome(run, Outcome((epoch,), epoch, facts, None, False, 1.0, 1, None))
    run.classifier.mkdir()
    card = read_card("lrcn-figures")
    write_card(run.classifier / "card.json", replace(card, title="Mine", threshold=0.63))
    return run


def test_a_classifier_that_the_visitor_trained_is_chosen_by_its_address(jobs, trained):
    page = AppTest.from_string("from pages import annotate\nannotate.main()", default_timeout=30)
    page.query_params["classifier"] = trained.id
    page.run()
    assert not page.exception
    assert page.selectbox[0].value == trained.classifier
    assert page.selectbox[0].options[page.selectbox[0].index] == "Yours: LRCN on Drawn people, seed 0"
    assert next(slider.value for slider in page.slider if slider.label == "Threshold") == 0.63
    press(page, "Annotate")
    ((_, arguments),) = jobs.submitted
    assert trained.classifier in arguments


def test_nobody_elses_classifier_is_listed(jobs, trained):
    assert trained.classifier not in open_page().selectbox[0].options
    assert "Yours" not in " ".join(open_page().selectbox[0].options)


def test_an_address_of_a_classifier_that_is_gone_says_so(jobs):
    page = AppTest.from_string("from pages import annotate\nannotate.main()", default_timeout=30)
    page.query_params["classifier"] = "z" * 22
    page.run()
    assert "no training run" in texts(page)
    assert page.selectbox[0].value == "lrcn-figures"


def upload(page, name):
    page.segmented_control(key="source").set_value("Your own video").run()
    page.file_uploader[0].upload(name, b"not a video", "video/mp4")
    return press(page.run(), "Annotate")


def failed_upload(jobs, name):
    """An upload that turns out to be no video, as the worker says it of the file that it knows."""
    page = upload(open_page(), name)
    assert not page.exception
    ((_, (path, folder, *_)),) = jobs.submitted
    (job_id,) = jobs.known
    refusal = NoFrames(f"{path.name} has no frames.", "A video was due.", f"Convert {path.name}.")
    jobs.known[job_id] = JobStatus(job_id, JobState.FAILED, 0, (), 1.0, None, refusal)
    return path, folder, page.run().error[0].value


def test_messages_call_a_video_what_its_visitor_calls_it(jobs):
    path, folder, told = failed_upload(jobs, "Holiday 2026 (1).MOV")
    assert told.replace("\\", "") == (
        "Holiday 2026 (1).MOV has no frames. A video was due. Convert Holiday 2026 (1).MOV."
    )
    assert path == folder / "video.mov"


NASTY = "[x](javascript:alert(1)) <img src=x> **b** $y$ :red[z]\n\x1b[31m\u202egpj\u200b.mp4"


def test_a_name_in_a_message_has_no_meaning_and_is_no_path(jobs):
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
def test_whatever_it_is_called_it_lies_where_all_do(jobs, name, called, told):
    path, folder, said = failed_upload(jobs, name)
    assert path == folder / called
    assert told in said.replace("\\", "")
    assert len(said) < 400
