"""A second classifier on a result's page: requested by the owner, visible to all viewers."""

import numpy as np
import pytest

from har import sharing
from har.classifier import read_card
from har.errors import TooManyJobs
from har.jobs import JobState, JobStatus
from har.results import SCORES, LabelOptions, open_annotation
from har.results.store import write_notes
from har.timeline import Scored, WindowScores, save_scores
from tests.pages.test_shared import open_own
from tests.ui.data_pages import buttons, press, texts
from tests.ui.shared_pages import annotated, open_shared, packed


@pytest.fixture
def result():
    return annotated()


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


def test_a_refused_comparison_is_explained(result, jobs):
    jobs.refusal = TooManyJobs("You have three.", "No more may be.", "Come back later.")
    page = press(open_own(result), "Compare")
    assert "Come back later" in page.error[0].value


def test_a_failed_comparison_is_explained_and_can_be_repeated(result, jobs):
    error = TooManyJobs("It broke.", "", "Try another.")
    jobs.known["b" * 22] = JobStatus("b" * 22, JobState.FAILED, 0, (), 1.0, None, error)
    page = open_own(result, second="b" * 22)
    assert "Try another" in page.error[0].value
    assert "Compare" in buttons(page)


def test_both_timelines_share_labels_and_colours_and_mark_differences(result):
    add_second(result)
    told = packed(open_own(result))
    other = told["other"]
    names = [told["labels"][at] if at >= 0 else None for _, _, at, _, _ in other["segments"]]
    assert names[0] == "jump"
    assert names[-1] == "wave"
    assert len(set(told["labels"])) == len(told["labels"]) == len(told["colours"])
    assert other["titles"][0] == read_card("lrcn-figures").title
    assert 0 < other["agreement"] < 1
    assert other["differing"][0][0] == 0


def test_viewers_see_both_and_only_the_owner_can_remove_one(result):
    add_second(result)
    page = open_shared(sharing.share(result))
    assert packed(page)["other"]
    assert not {"Compare", "Remove the comparison"} & set(buttons(page))
    page = press(open_own(result), "Remove the comparison")
    assert "other" not in packed(page)
    assert not (result.folder / "second").exists()


def test_both_are_compared_with_ground_truth(result):
    from har.results import import_ground_truth

    add_second(result)
    import_ground_truth(result.folder, b"start_sec,end_sec,label\n0,1,jump\n1,3,wave\n", 3.0)
    page = open_own(result)
    assert "| Metric | First | Second |" in texts(page)
    assert "Not among the labels of the classifier, so always wrong: jump." in texts(page)
