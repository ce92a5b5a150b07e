"""'Why did it say that?' on the result page: who may ask, what is shown, what is said where it cannot be told."""

import json

import numpy as np
import pytest

from har import explain, results, sharing
from har.errors import VideoMissing
from har.explain import Explanation, Facts
from har.jobs import JobState, JobStatus
from har.settings import settings
from tests.pages.test_annotate import FakeJobs
from tests.pages.test_shared import open_own
from tests.ui.data_pages import ran, texts
from tests.ui.shared_pages import annotated, everything, open_shared, packed
from ui.annotate import player

FACTS = Facts(
    title="LRCN on figures",
    label="wave",
    probability=0.8,
    likeliest=(("wave", 0.8), ("squat", 0.2)),
    times_sec=(1.0, 1.5),
    drops=(0.31, -0.02),
    hidden_count=1,
    orders={"shuffled": 0.7, "reversed": 0.1, "frozen": 0.4},
    temperature=0.5,
    layers=("conv2",),
)


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def result():
    return annotated()


@pytest.fixture
def asked(monkeypatch):
    """As if the button in the player had been pressed at this second."""
    seconds = []
    real = player.player

    def pressed(*shown, own=False):
        real(*shown, own=own)
        return seconds.pop() if seconds else None

    monkeypatch.setattr(player, "player", pressed)
    return seconds


def keep(result, window=1, **changes):
    """An explanation as a job leaves it."""
    facts = Facts(**(vars(FACTS) | changes))
    pictures = np.zeros((2, 8, 8, 3), np.uint8)
    found = Explanation(facts, pictures, np.ones((2, 4, 4), np.float32), np.array([0.2, 0.8], np.float32))
    key = results.Place(window, facts.label).key
    explain.write(result.folder / "explained" / key, found)
    return key


def drawn(page):
    """What the frames are drawn from; None: nothing is drawn."""
    found = [each.proto for each in page.get("bidi_component") if each.proto.component_name.endswith("har_why")]
    return json.loads(found[0].json)[0] if found else None


def test_before_anybody_asks_it_says_how_to(result):
    page = open_own(result)
    assert packed(page)["mayAsk"] is True
    assert "press 'Why?'" in texts(page)
    assert drawn(page) is None


def test_a_press_in_the_player_asks_for_the_window_there(result, jobs, asked):
    asked.append(1.6)
    page = open_own(result)
    ((function, (folder, place)),) = jobs.submitted
    assert (function, folder, place) == ("explain_place", result.folder, results.Place(1, "wave"))
    assert jobs.ways["goes_on_alone"] is False
    assert page.query_params["why"] in ([*jobs.known], *jobs.known)
    assert not page.error


def test_what_has_been_explained_is_shown_at_once(result, jobs, asked):
    keep(result)
    asked.append(1.6)
    page = open_own(result)
    assert jobs.submitted == []
    told = drawn(page)
    assert (told["count"], told["drops"], told["come"]) == (2, [0.31, -0.02], True)
    said = texts(page)
    assert "**wave**, 80% in the window from 0:01.0 to 0:01.5" in said
    assert "It misses 0:01.0 most: 31 points." in said
    assert "temperature of 0.5" in said
    assert drawn(ran(page))["come"] is False  # the page does not jump there again


def test_probabilities_nobody_has_checked_are_called_so_and_small_drops_are_not_made_large(result):
    keep(result, temperature=1.0, drops=(0.004, 0.001))
    said = texts(open_own(result))
    assert "either none was fitted" in said
    assert "hangs on none of them" in said


def test_another_label_of_the_same_moment_can_be_asked_for(result, jobs):
    key = keep(result)
    page = open_own(result)
    page.selectbox(key=f"why-not-{key}").set_value("squat")
    ran(page)
    ((_, (_, place)),) = jobs.submitted
    assert place == results.Place(1, "squat")


def test_of_several_one_is_chosen(result):
    keep(result, window=1)
    keep(result, window=2, times_sec=(2.0, 2.5), label="squat")
    page = open_own(result)
    box = next(each for each in page.selectbox if each.label == "Explained so far")
    assert box.options == ["0:01.0 to 0:01.5 · wave", "0:02.0 to 0:02.5 · squat"]
    box.select_index(1)
    assert "**squat**" in texts(ran(page))


def test_why_it_failed_is_told(result, jobs):
    error = VideoMissing("The video of this result is not there any more.", "It is needed.", "Annotate it again.")
    jobs.known["w" * 22] = JobStatus("w" * 22, JobState.FAILED, 0, (), 1.0, error=error)
    page = open_own(result, why="w" * 22)
    assert "not there any more" in page.error[0].value


def test_a_shared_page_shows_what_was_explained_and_asks_for_nothing(result, jobs):
    keep(result)
    page = open_shared(sharing.share(result), why="w" * 22)
    assert packed(page)["mayAsk"] is False
    assert drawn(page)["count"] == 2
    assert not [each for each in page.selectbox if each.label.startswith("Why not")]
    assert jobs.submitted == []
    sent = everything(page)
    assert result.id not in sent
    assert str(settings().home) not in sent


def test_a_shared_page_without_any_has_no_such_part(result):
    assert "Why did it say that?" not in texts(open_shared(sharing.share(result)))


def test_a_damaged_explanation_is_left_out(result):
    key = keep(result)
    (result.folder / "explained" / key / "facts.json").write_text("{")
    assert drawn(open_own(result)) is None
