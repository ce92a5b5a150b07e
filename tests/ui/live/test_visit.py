"""What a browser's messages of a live visit lead to, and what a stranger's lead to."""

import base64
import json
from pathlib import Path

import pytest

from har.classifier import Classifier
from har.errors import DownloadFailed
from har.jobs import Visitor
from har.live import LiveRoom
from tests.test_live import BRIGHT, DARK, by_frame, jpeg
from ui.live.visit import LiveVisit, card_facts

WHERE = "movinet-ucf101-10"  # its card gives the threshold


def load(where: str | Path) -> Classifier:
    return by_frame()


@pytest.fixture
def room(override) -> LiveRoom:
    override(max_live_visitors=2)
    return LiveRoom()


def make_visit(room: LiveRoom, name: str = "a", load=load) -> LiveVisit:
    return LiveVisit(WHERE, lambda: Visitor(name, lambda: True), room=room, load=load)


@pytest.fixture
def visit(room) -> LiveVisit:
    visit = make_visit(room)
    assert visit.receive({"number": 1, "kind": "start"}) == {"number": 1}
    return visit


def bundle(*brightness: int, first: int = 0) -> list[list[object]]:
    """As it comes from the browser."""
    return [[(first + step) / 5, base64.b64encode(jpeg(value)).decode()] for step, value in enumerate(brightness)]


def send(visit: LiveVisit, frames: object, number: float = 2) -> dict[str, object]:
    answer = visit.receive({"number": number, "kind": "frames", "frames": frames})
    assert answer is not None
    assert answer.pop("number") == number
    return answer


def test_frames_become_labels_with_colours(visit):
    assert send(visit, bundle(DARK, DARK)) == {"filled": 0.5, "labels": [], "next": []}
    answer = send(visit, bundle(DARK, DARK, *[BRIGHT] * 5, first=2))
    (first, *_), (*_, last) = answer["labels"], answer["labels"]
    assert (first[1], last[1]) == ("dark", "bright")
    assert first[2] == pytest.approx(1, abs=0.02)
    assert first[3] != last[3]
    assert answer["next"]
    assert send(visit, bundle(BRIGHT, first=9))["labels"][0][3] == last[3]  # its colour stays
    json.dumps(answer, allow_nan=False)  # all of it can be sent


def test_the_place_is_free_after_the_end(room, visit):
    others = [make_visit(room, name) for name in "bc"]
    assert "problem" not in others[0].receive({"number": 1, "kind": "start"})
    assert "2 other visitors" in others[1].receive({"number": 1, "kind": "start"})["problem"]
    assert visit.receive({"number": 9, "kind": "end"}) == {"number": 9}
    assert "problem" not in others[1].receive({"number": 2, "kind": "start"})
    assert "No live session" in send(visit, bundle(DARK))["problem"]


def test_a_classifier_that_cannot_be_loaded_takes_no_place(room):
    def fail(where: str | Path) -> Classifier:
        raise DownloadFailed("There is no connection to /secret/folder/file.", "It is needed.", "Try again later.")

    answer = make_visit(room, load=fail).receive({"number": 1, "kind": "start"})
    assert "Try again later." in answer["problem"]
    assert "secret" not in answer["problem"]
    assert room.visitor_count == 0


@pytest.mark.parametrize("message", [None, "start", [], {"kind": "start"}, {"number": "1", "kind": "start"}])
def test_what_is_no_message_gets_no_answer(room, message):
    assert make_visit(room).receive(message) is None
    assert room.visitor_count == 0


@pytest.mark.parametrize("kind", ["stop", ["start"]])
def test_an_unknown_kind_is_a_problem(visit, room, kind):
    assert "cannot be read" in visit.receive({"number": 1, "kind": kind})["problem"]
    assert room.visitor_count == 0


@pytest.mark.parametrize(
    "frames",
    [
        None,
        "text",
        {"a": 1},
        [7],
        [["soon", "AA=="]],
        [[1, 2]],
        [[1, "not base64!"]],
        [[1, "ünicode"]],
        [[10**400, "AA=="]],
        [[1, "AA==", 3]],
        [[1, base64.b64encode(bytes(100)).decode()]],
        [[1, base64.b64encode(jpeg(DARK, 17)).decode()]],
        [[number, "AA=="] for number in range(1000)],
    ],
    ids=lambda frames: repr(frames)[:20],
)
def test_frames_that_are_none_end_the_visit_with_a_sentence(visit, room, frames):
    problem = send(visit, frames)["problem"]
    assert "cannot be read" in problem or "17×16" in problem or "came at once" in problem
    assert room.visitor_count == 0


@pytest.mark.promise("private", "Visitors cannot reach each other's live sessions")
def test_a_visit_is_not_reached_by_what_others_send(room, visit):
    send(visit, bundle(DARK, DARK, DARK))
    stranger = make_visit(room, "b")
    for message in ({"visitor": "a"}, {"session": "a"}, {"owner": "a"}):
        answer = stranger.receive({"number": 1, "kind": "frames", "frames": bundle(BRIGHT), **message})
        assert "No live session" in answer["problem"]
        stranger.receive({"number": 2, "kind": "end", **message})
    assert send(visit, bundle(DARK, first=3))["labels"][0][1] == "dark"


def test_the_browser_learns_what_frames_the_network_takes():
    facts = card_facts(WHERE)
    assert (facts["width"], facts["height"], facts["fit"], facts["rate"]) == (172, 172, "crop", 5)
