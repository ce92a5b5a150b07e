"""What a browser sends as a clip may be anything."""

import base64

import pytest

from har.datasets import takes
from tests.datasets.test_takes import recording
from tests.ui.data_pages import open_script

MARK = "m1"


@pytest.fixture
def home(tmp_path, override):
    return override(home=tmp_path).home


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return base64.b64encode(recording(tmp_path_factory.mktemp("recorded"))).decode()


def answers(*messages):
    """What a column's camera answers to messages, one after the other, and the clips of the set."""
    script = """
import streamlit as st
from ui.teach import lesson
from ui.teach.recorder import _ANSWER, receive
taught, _ = lesson.current()
column = taught.columns[0]
for message in st.session_state.messages:
    answer = receive(taught, column, message)
    st.session_state.setdefault(_ANSWER, {})[column.id] = answer
    st.session_state.answers.append(answer)
st.session_state.clips = [path.name for paths in taught.clips().values() for path in paths]
"""
    session = open_script(script, {"messages": messages, "answers": []}).session_state
    return session.answers, session.clips


def message(number, clip, series="first", **changes):
    return {"mark": MARK, "number": number, "series": series, "type": "video/webm", "bytes": clip} | changes


def test_clips_of_a_series_are_one_take_and_the_next_series_is_another(home, clip):
    found, clips = answers(message(1, clip), message(2, clip), message(3, clip, "second"))
    assert [(answer["number"], answer["mark"], answer["error"]) for answer in found] == [
        (number, MARK, "") for number in (1, 2, 3)
    ]
    assert clips == ["take_g01_c01.webm", "take_g01_c02.webm", "take_g02_c01.webm"]


def test_a_clip_that_is_sent_again_is_answered_again_and_added_once(home, clip):
    found, clips = answers(message(1, clip), message(1, clip))
    assert len(clips) == 1
    assert [answer["error"] for answer in found] == ["", ""]
    assert found[0]["turn"] != found[1]["turn"]  # otherwise the browser would not see a new answer


@pytest.mark.promise("hostile", "What a page's camera sends is checked like an upload")
@pytest.mark.parametrize(
    "wrong",
    [
        [1, 2],
        {"bytes": 7},
        {"bytes": "not base64 §"},
        {"bytes": base64.b64encode(b"not a video").decode()},
        {"series": None},
        {"number": "one"},
        {"number": {}, "mark": [1]},
    ],
)
def test_what_is_no_clip_is_refused_with_a_sentence_and_leaves_nothing(home, clip, wrong):
    sent = message(1, base64.b64encode(b"x").decode()) | wrong if isinstance(wrong, dict) else wrong
    (answer,), clips = answers(sent)
    assert clips == []
    assert answer["error"].endswith(".")
    assert str(home) not in answer["error"]


def test_no_more_clips_are_taken_than_allowed(home, clip, monkeypatch):
    monkeypatch.setattr(takes, "MAX_CLIPS", 2)
    found, clips = answers(*(message(number, clip, f"series {number}") for number in range(1, 5)))
    assert len(clips) == 2
    assert [answer["full"] for answer in found] == [False, False, True, True]
    assert "At most 2 can be recorded here" in found[-1]["error"]
