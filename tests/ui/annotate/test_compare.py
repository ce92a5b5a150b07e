"""A second classifier on a result's page: requested by the owner, visible to all viewers."""

import numpy as np

from har import sharing
from har.classifier import read_card
from har.errors import TooManyJobs
from har.jobs import JobState
from har.results import SCORES, LabelOptions, import_ground_truth, open_annotation
from har.results.store import write_notes
from har.timeline import Scored, WindowScores, save_scores
from tests.ui.data_pages import buttons, press, texts
from tests.ui.shared_pages import open_own, open_shared, packed


def add_second(result):
    """Store the scores of a second classifier that knows 'wave' and another action."""
    folder = result.folder / "second"
    folder.mkdir()
    starts = np.arange(3.0)
    shares = np.array([[0.9, 0.1], [0.1, 0.9], [0.1, 0.9]], np.float32)
    scored = Scored(WindowScores(("jump", "wave"), starts, starts + 1, shares), np.arange(30) / 10, 3.0)
    save_scores(folder / SCORES, scored)
    write_notes(folder, open_annotation(result.folder).info, read_card("lrcn-ucf101-10"), LabelOptions())


def test_comparing_submits_a_job_of_the_owner(result, jobs):
    page = press(open_own(result), "Compare")
    ((function, (folder, classifier)),) = jobs.submitted
    assert (function, folder) == ("add_comparison", result.folder)
    assert classifier != "lrcn-figures"
    assert jobs.options["detached"] is False
    assert jobs.options["visitor"].id == page.session_state["owner"]
    assert "Cancel" in buttons(page)
    assert "Compare" not in buttons(page)


def test_a_failed_comparison_is_explained_and_can_be_repeated(result, jobs):
    jobs.set_status(JobState.FAILED, job_id="b" * 22, error=TooManyJobs("It broke.", "", "Try another."))
    page = open_own(result, second="b" * 22)
    assert "Try another" in page.error[0].value
    assert "Compare" in buttons(page)


def test_viewers_see_both_and_only_the_owner_can_remove_one(result):
    add_second(result)
    page = open_shared(sharing.share(result))
    assert packed(page)["other"]
    assert not {"Compare", "Remove the comparison"} & set(buttons(page))
    page = press(open_own(result), "Remove the comparison")
    assert "other" not in packed(page)
    assert not (result.folder / "second").exists()


def test_both_are_compared_with_ground_truth(result):
    add_second(result)
    import_ground_truth(result.folder, b"start_sec,end_sec,label\n0,1,jump\n1,3,wave\n", 3.0)
    page = open_own(result)
    assert "| Metric | First | Second |" in texts(page)
    assert "Not among the labels of the classifier, so always wrong: jump." in texts(page)
