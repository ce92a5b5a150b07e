import threading

import pytest
from streamlit.testing.v1 import AppTest

from ui import making

STARTED, GO = threading.Event(), threading.Event()
CALLS = []


def make():
    CALLS.append(1)
    STARTED.set()
    GO.wait(10)


def fail():
    CALLS.append(1)
    raise ValueError("no")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(making, "_AT_ONCE_SEC", 0.05)
    CALLS.clear()
    GO.clear()
    making._maker.clear()


def page():
    return AppTest.from_string(
        "import streamlit as st\nfrom ui.making import is_made\nfrom tests.pages import test_making as t\n"
        "st.title('there' if is_made('key', t.make, 'Making …') else 'not yet')"
    )


def test_the_page_is_there_at_once_and_shows_the_thing_when_it_is_made():
    first, second = page().run(), page().run()  # two visitors
    assert first.title[0].value == second.title[0].value == "not yet"
    assert first.caption[0].value.endswith("Making …")
    GO.set()
    making._maker().begin("key", make).result(10)
    assert first.run().title[0].value == second.run().title[0].value == "there"
    assert len(CALLS) == 1


def test_what_failed_is_begun_once_more():
    for tries in (1, 2):
        making._maker().begin("bad", fail).exception(10)
        with pytest.raises(ValueError, match="no"):
            making.is_made("bad", fail, "")
        assert len(CALLS) == tries
