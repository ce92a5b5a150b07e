"""The wall of test clips with predictions."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from har.classifier import read_card
from har.datasets import figures
from har.errors import QueueFull
from har.evaluation import ClipPrediction, Evaluation, Proportion, Report
from har.jobs import JobState, Lane
from tests.fakes import FakeJobs
from tests.ui import data_pages
from tests.ui.data_pages import open_screen, press, ran, texts, write_clip
from tests.ui.train_pages import evaluation, finished, outcome
from ui import preview_wall
from ui.explore import predictions

VIDEOS = figures.list_figures(["Kick", "Wave"]).videos


def of_clips(*clips: tuple[int, str, float]) -> Evaluation:
    """Of clips of the generated data set: place, predicted label, confidence. Unsure below 0.55."""
    found = tuple(
        ClipPrediction(str(VIDEOS[place].path), VIDEOS[place].label, predicted, confidence, VIDEOS[place].group)
        for place, predicted, confidence in clips
    )
    example = evaluation()
    return Evaluation(Report(("Kick", "Wave"), found, 0), example.calibration, {"shuffled": Proportion(1, len(found))})


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[preview_wall.Cell]:
    cells: list[preview_wall.Cell] = []

    def keep(given: list[preview_wall.Cell], **_: object) -> None:
        cells[:] = given

    monkeypatch.setattr(predictions, "wall", keep)
    return cells


def open_page(owner: str) -> AppTest:
    return open_screen("explore", {"owner": owner * 22}, view="tested")


def test_errors_come_first_then_what_is_unsure(shown: list[preview_wall.Cell]) -> None:
    wrong = {"Kick": "Wave", "Wave": "Kick"}[VIDEOS[2].label]
    clips = of_clips((0, VIDEOS[0].label, 0.9), (1, VIDEOS[1].label, 0.5), (2, wrong, 0.8))
    finished(outcome(clips), owner="p" * 22)
    page = open_page("p")
    assert [cell.mark for cell in shown] == ["wrong", "unsure", "right"]
    assert [cell.video.path for cell in shown] == [VIDEOS[2].path, VIDEOS[1].path, VIDEOS[0].path]
    assert "80%" in shown[0].detail
    pills = page.get("button_group")[-1]
    assert pills.label == "Show"
    pills.set_value(["right"])
    ran(page)
    assert [cell.mark for cell in shown] == ["right"]


def test_clips_that_are_gone_are_counted(shown: list[preview_wall.Cell]) -> None:
    finished(outcome(evaluation()), owner="q" * 22)
    page = open_page("q")
    assert shown == []
    assert "20 of 20 test clips are no longer in the data set" in texts(page)


def test_a_bundled_classifier_predicts_the_clips_it_has_not_seen(
    shown: list[preview_wall.Cell], jobs: FakeJobs
) -> None:
    page = open_page("r")
    assert page.selectbox(key="tested-classifier-figures-convlstm-figures").options == [
        read_card(name).title for name in ("convlstm-figures", "lrcn-figures")
    ]
    assert shown == []
    assert jobs.submitted == []  # only on request
    press(page, "Predict 200 clips")
    assert jobs.submitted == [("evaluate_by_name", ("convlstm-figures", "figures"))]
    assert jobs.options["lane"] is Lane.DATA  # annotating does not wait for it
    jobs.set_status(JobState.DONE, result=of_clips((0, VIDEOS[0].label, 0.9), (1, VIDEOS[1].label, 0.3)).report)
    ran(page)
    assert [cell.mark for cell in shown] == ["unsure", "right"]


def test_predictions_that_were_cancelled_or_refused_can_be_requested_again(jobs: FakeJobs) -> None:
    page = open_page("s")
    jobs.refusal = QueueFull("The queue is full.", "", "Try again later.")
    assert "The queue is full" in texts(press(page, "Predict 200 clips"))
    jobs.refusal = None
    press(page, "Predict 200 clips")
    jobs.set_status(JobState.STOPPED)
    press(ran(page), "Predict 200 clips")
    assert len(jobs.submitted) == 2


def test_the_choice_remains_while_a_clip_is_open(jobs: FakeJobs) -> None:
    page = open_page("t")
    ran(page.selectbox(key="tested-classifier-figures-convlstm-figures").select("lrcn-figures"))
    page.query_params["view"] = "split"
    ran(page)
    assert "tested-classifier-figures-convlstm-figures" not in [box.key for box in page.selectbox]
    page.query_params["view"] = "tested"
    ran(page)
    assert page.selectbox(key="tested-classifier-figures-convlstm-figures").value == "lrcn-figures"


def test_without_a_classifier_the_way_to_one_is_shown(shown: list[preview_wall.Cell], tmp_path: Path) -> None:
    write_clip(tmp_path / "Juggling" / "a.mp4")
    assert "Once you have trained on this data set" in texts(data_pages.open_page("predictions", tmp_path))
