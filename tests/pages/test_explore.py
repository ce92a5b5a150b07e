"""What Explore opens for an address. A real browser: tests/browser."""

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import LabelledVideo, user_sets
from har.settings import settings
from har.storage import owners, quota
from har.video import write_video
from tests.ui.data_pages import press, ran, texts
from ui.explore import samples


@pytest.fixture(scope="module")
def name() -> Iterator[str]:
    """A data set of two classes and three recordings; one of its files is not a video."""
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
    script = "from pages import explore\nfrom ui import visitor\nvisitor.owner()\nexplore.main()"
    page = AppTest.from_string(script, default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    return ran(page)


def test_figures_are_the_default_data_set(name: str) -> None:
    page = open_page()
    assert page.selectbox[0].value == "figures"
    assert "each of the 10 classes" in texts(page)
    assert name in page.selectbox[0].options


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, "each of the 2 classes"),
        ({"label": "jump"}, "4 clips in 3 groups"),
        ({"label": "jump", "clip": "v_x_g02_c01.mp4"}, r"v\_x\_g02\_c01\.mp4"),
        ({"label": "run & <b>"}, r"run \& \<b\>"),
        ({"label": "jump", "clip": "v_x_g01_c02.avi"}, "not a video"),
    ],
)
def test_address_opens_a_data_set_a_class_and_a_clip(name: str, query: dict[str, str], text: str) -> None:
    assert text in texts(open_page(dataset=name, **query))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"dataset": "/etc"}, "There is no data set"),
        ({"dataset": ".."}, "There is no data set"),
        ({"dataset": "own-aaaaaaaaaaaaaaaaaaaaaa"}, "There is no data set"),
        ({"dataset": "figures", "label": "Nonsense"}, "has no class Nonsense"),
        ({"dataset": "figures", "label": "Squat", "clip": "../x"}, "has no clip"),
        ({"dataset": "figures", "view": "nonsense"}, "each of the 10 classes"),
    ],
)
def test_unknown_address_is_explained(query: dict[str, str], text: str) -> None:
    assert text in texts(open_page(**query))


def test_unknown_data_set_leads_to_others(name: str) -> None:
    page = open_page(dataset="own-aaaaaaaaaaaaaaaaaaaaaa", label="Squat")
    assert page.selectbox[0].value is None
    page = press(page, "Open Figures")
    assert page.selectbox[0].value == "figures"
    assert "Squat" not in texts(page)
    page = open_page(dataset="nonsense")
    page.selectbox[0].set_value(name)
    assert "each of the 2 classes" in texts(ran(page))


def test_filters_apply(name: str) -> None:
    page = open_page(dataset=name)
    page.multiselect[1].set_value(["g02"]).run()
    assert "each of the 2 classes" in texts(page)
    page.multiselect[0].set_value(["jump"]).run()
    assert "A random clip of the class." in texts(page)
    page.toggle[0].set_value(True).run()
    assert "1 clip. Click" in texts(page)


def test_random_clips_are_one_per_class_of_at_most_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples.st, "session_state", {})
    videos = [LabelledVideo(Path(f"{label}-{n}.mp4"), f"{label:02}") for label in range(30) for n in range(5)]
    first = samples._one_per_class(videos)
    assert len({video.label for video in first}) == len(first) == 20
    assert samples._one_per_class(videos) == first
    monkeypatch.setattr(samples.st, "session_state", {samples._SHUFFLES: 1})
    assert samples._one_per_class(videos) != first


def test_an_upload_is_chosen_once_it_has_become_a_data_set() -> None:
    own = user_sets.new_name()
    page = open_page(dataset=own, view="get-data")
    assert page.selectbox[0].value is None
    quota.claim(own, page.session_state["owner"])
    (user_sets.dataset_folder(own) / "run").mkdir(parents=True)
    write_video(user_sets.dataset_folder(own) / "run" / "a.mp4", iter(np.zeros((5, 48, 64, 3), np.uint8)), Fraction(25))
    page = ran(page)
    assert page.selectbox[0].value == own
    assert "Your own clips" in page.selectbox[0].options


@pytest.mark.promise("private", "Clips that a visitor adds never go into another visitor's data set")
def test_somebody_elses_data_set_is_shown_but_nothing_is_added_to_it() -> None:
    theirs = user_sets.new_name()
    quota.claim(theirs, "another visitor")
    folder = user_sets.dataset_folder(theirs) / "run"
    folder.mkdir(parents=True)
    write_video(folder / "a.mp4", iter(np.zeros((5, 48, 64, 3), np.uint8)), Fraction(25))
    page = open_page(dataset=theirs, view="get-data")
    assert "Another visitor's clips" in page.selectbox[0].options
    assert "belongs to another visitor" in page.info[0].value
    label = next(box for box in page.text_input if box.label == "Label")
    label.set_value("Jump")
    page.file_uploader[0].upload("a.mp4", b"a video", "video/mp4")
    page = ran(page)
    next(button for button in page.button if button.label == "Add these clips").click()
    page = ran(page)
    found = page.query_params["dataset"]
    name = found if isinstance(found, str) else found[0]
    assert name != theirs
    assert owners.owner_of(user_sets.dataset_folder(name)) == page.session_state["owner"]
