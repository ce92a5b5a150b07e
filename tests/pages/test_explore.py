"""What Explore opens for an address. A real browser: tests/browser."""

import shutil
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from har.datasets import user_sets
from har.settings import settings
from har.storage import owners, quota
from tests.ui.data_pages import in_address, open_screen, press, ran, texts, write_clip


@pytest.fixture(scope="module")
def name() -> Iterator[str]:
    """A data set of two classes."""
    folder = settings().datasets / "explored"
    for number, label in enumerate(("jump", "run")):
        write_clip(folder / label / "v_x_g01_c01.mp4", number)
    yield "explored"
    shutil.rmtree(folder)


def open_page(**query: str) -> AppTest:
    return open_screen("explore", **query)


def add_clip(name: str) -> None:
    """A clip of the label 'run' in a visitor's data set."""
    write_clip(user_sets.dataset_folder(name) / "run" / "a.mp4")


def test_figures_are_the_default_data_set_and_the_address_opens_another(name: str) -> None:
    page = open_page()
    assert page.selectbox[0].value == "figures"
    assert "each of the 10 classes" in texts(page)
    assert name in page.selectbox[0].options
    assert "each of the 2 classes" in texts(open_page(dataset=name))
    assert "has no class Nonsense" in texts(open_page(dataset=name, label="Nonsense"))
    assert "each of the 2 classes" in texts(open_page(dataset=name, view="nonsense"))


def test_unknown_data_set_leads_to_others(name: str) -> None:
    page = open_page(dataset="own-aaaaaaaaaaaaaaaaaaaaaa", label="Squat")
    assert page.selectbox[0].value is None
    assert "There is no data set" in texts(page)
    page = press(page, "Open Figures")
    assert page.selectbox[0].value == "figures"
    assert "Squat" not in texts(page)
    page = open_page(dataset="nonsense")
    page.selectbox[0].set_value(name)
    assert "each of the 2 classes" in texts(ran(page))


def test_an_upload_is_chosen_once_it_has_become_a_data_set() -> None:
    own = user_sets.new_name()
    page = open_page(dataset=own, view="get-data")
    assert page.selectbox[0].value is None
    quota.claim(own, page.session_state["owner"])
    add_clip(own)
    page = ran(page)
    assert page.selectbox[0].value == own
    assert "Your own clips" in page.selectbox[0].options


@pytest.mark.promise("private", "Clips that a visitor adds never go into another visitor's data set")
def test_somebody_elses_data_set_is_shown_but_nothing_is_added_to_it() -> None:
    theirs = user_sets.new_name()
    quota.claim(theirs, "another visitor")
    add_clip(theirs)
    page = open_page(dataset=theirs, view="get-data")
    assert "Another visitor's clips" in page.selectbox[0].options
    assert "belongs to another visitor" in page.info[0].value
    next(box for box in page.text_input if box.label == "Label").set_value("Jump")
    page.file_uploader[0].upload("a.mp4", b"a video", "video/mp4")
    page = press(ran(page), "Add these clips")
    name = in_address(page, "dataset")
    assert name != theirs
    assert owners.owner_of(user_sets.dataset_folder(name)) == page.session_state["owner"]
