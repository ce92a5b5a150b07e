"""What Explore opens for an address, and what it answers a browser. A real browser: tests/browser."""

import base64
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import LabelledVideo, open_dataset
from har.settings import settings
from har.video import write_video
from ui import preview_wall
from ui.explore import samples


@pytest.fixture(scope="module")
def name() -> Iterator[str]:
    """A data set of two classes and three recordings, one of whose files is no video."""
    folder = settings().datasets / "explored"
    for label in ("jump", "run & <b>"):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in (1, 2, 3):
            frames = np.random.default_rng(number).integers(0, 255, (5, 48, 64, 3), np.uint8)
            write_video(folder / label / f"v_x_g0{number}_c01.mp4", iter(frames), Fraction(25))
    (folder / "jump" / "v_x_g01_c02.avi").write_text("no video")
    yield "explored"
    shutil.rmtree(folder)


def open_page(**query: str) -> AppTest:
    page = AppTest.from_string("from pages import explore\nexplore.main()", default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def texts(page: AppTest) -> str:
    kinds = ("error", "warning", "info", "caption", "markdown", "title", "header", "subheader")
    return "\n".join(element.value for kind in kinds for element in page.get(kind) if hasattr(element, "value"))


def test_it_opens_on_the_set_that_is_always_there(name: str) -> None:
    page = open_page()
    assert not page.exception
    assert page.selectbox[0].value == "figures"
    assert "each of the 10 classes" in texts(page)
    assert name in page.selectbox[0].options


def test_an_address_opens_a_data_set_a_class_and_a_clip(name: str) -> None:
    assert "each of the 2 classes" in texts(open_page(dataset=name))
    page = open_page(dataset=name, label="jump")
    assert "4 clips in 3 groups" in texts(page)
    page = open_page(dataset=name, label="jump", clip="v_x_g02_c01.mp4")
    assert not page.exception
    assert "v\\_x\\_g02\\_c01\\.mp4" in texts(page)


def test_a_label_with_signs_in_it_means_nothing_else(name: str) -> None:
    page = open_page(dataset=name, label="run & <b>")
    assert not page.exception
    assert page.header[0].value == r"run \& \<b\>"


def test_a_clip_that_is_no_video_is_told(name: str) -> None:
    page = open_page(dataset=name, label="jump", clip="v_x_g01_c02.avi")
    assert not page.exception
    assert "not a video" in page.error[0].value


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"dataset": "/etc"}, "There is no data set"),
        ({"dataset": ".."}, "There is no data set"),
        ({"dataset": "own-aaaaaaaaaaaaaaaaaaaaaa"}, "There is no data set"),
        ({"dataset": "figures", "label": "Nonsense"}, "has no class Nonsense"),
        ({"dataset": "figures", "label": "Squat", "clip": "../x"}, "has no clip"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(query: dict[str, str], told: str) -> None:
    page = open_page(**query)
    assert not page.exception
    assert told in texts(page)


def test_under_an_unknown_data_set_there_are_ways_on(name: str) -> None:
    page = open_page(dataset="own-aaaaaaaaaaaaaaaaaaaaaa", label="Squat")
    assert page.selectbox[0].value is None
    next(button for button in page.button if button.label == "Look at Figures").click()
    page = page.run()
    assert not page.exception
    assert page.selectbox[0].value == "figures"
    assert "Squat" not in texts(page)
    page = open_page(dataset="nonsense")
    page.selectbox[0].set_value(name)
    page = page.run()
    assert "each of the 2 classes" in texts(page)


def test_filters_leave_what_they_say(name: str) -> None:
    page = open_page(dataset=name)
    page.multiselect[1].set_value(["g02"]).run()
    assert "each of the 2 classes" in texts(page)
    page.multiselect[0].set_value(["jump"]).run()
    assert "A random clip of the class." in texts(page)
    page.toggle[0].set_value(True).run()
    assert "1 clip. Choose" in texts(page)


def test_twenty_classes_at_most_and_one_clip_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples.st, "session_state", {})
    videos = [LabelledVideo(Path(f"{label}-{n}.mp4"), f"{label:02}") for label in range(30) for n in range(5)]
    first = samples._one_of_each(videos)
    assert len({video.label for video in first}) == len(first) == 20
    assert samples._one_of_each(videos) == first
    monkeypatch.setattr(samples.st, "session_state", {samples._TURN: 1})
    assert samples._one_of_each(videos) != first


@pytest.mark.parametrize(
    "state", [None, 7, {"wanted": None}, {"wanted": {"ids": "abc"}}, {"wanted": {"ids": [1, None, {}]}}, {"wanted": []}]
)
def test_whatever_a_browser_asks_for_is_no_more_than_text(state: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_wall.st, "session_state", {"key": state})
    assert preview_wall._asked("key") in ([], ["a", "b", "c"])
    monkeypatch.setattr(preview_wall.st, "session_state", {"key": {"wanted": {"ids": ["x"] * 1000}}})
    assert len(preview_wall._asked("key")) == 60


def test_pictures_are_made_once_and_failures_are_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = open_dataset(name)
    maker = preview_wall._Maker()
    monkeypatch.setattr(preview_wall, "_maker", lambda: maker)
    monkeypatch.setattr(preview_wall, "_WAIT_SEC", 30.0)
    cells = [preview_wall.Cell(video, video.label) for video in dataset.videos]
    pictures = preview_wall._pictures(cells)
    assert set(pictures) == {cell.id for cell in cells}
    for cell in cells:
        data = base64.b64decode(pictures[cell.id])
        assert data.startswith(b"\xff\xd8") or (data == b"" and cell.video.path.suffix == ".avi")

    def never(video: LabelledVideo) -> Path:
        raise AssertionError("made twice")

    monkeypatch.setattr(preview_wall, "strip", never)
    assert preview_wall._pictures(cells) == pictures


def test_ids_tell_nothing_of_paths(name: str) -> None:
    video = open_dataset(name).videos[0]
    assert name not in preview_wall.Cell(video, "x").id
    assert len(preview_wall.Cell(video, "x").id) == 16
