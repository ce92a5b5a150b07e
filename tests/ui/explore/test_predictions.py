"""The wall of test clips with predictions."""

import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import figures
from har.evaluation import ClipPrediction, Evaluation, Proportion, Report
from tests.ui.data_pages import ran, texts
from tests.ui.train_pages import evaluation, finished, outcome
from ui import preview_wall
from ui.explore import predictions, samples

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
    page = AppTest.from_string(
        "from pages import explore\nfrom ui import visitor\nvisitor.owner()\nexplore.main()", default_timeout=60
    )
    page.session_state["owner"] = owner * 22
    page.query_params["view"] = "tested"
    return ran(page)


def test_errors_come_first_then_what_is_unsure(shown: list[preview_wall.Cell]) -> None:
    other = {"Kick": "Wave", "Wave": "Kick"}
    label = VIDEOS[0].label
    finished(
        outcome(of_clips((0, label, 0.9), (1, VIDEOS[1].label, 0.5), (2, other[VIDEOS[2].label], 0.8))), owner="p" * 22
    )
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


def test_without_a_training_the_way_there_is_shown(shown: list[preview_wall.Cell]) -> None:
    page = open_page("r")
    assert "Once you have trained on this data set" in texts(page)
    assert any(button.label == "Train on this data set" for button in page.button)


def test_a_click_leads_to_the_clip() -> None:
    dataset = figures.list_figures(["Kick", "Wave"])
    assert samples.name_of(VIDEOS[0], dataset) == VIDEOS[0].path.name
