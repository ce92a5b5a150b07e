"""'Why this label?' on a result's page: requests, display, failures."""

import json
from dataclasses import replace

import numpy as np
import pytest

from har import explain, results, sharing
from har.errors import VideoMissing
from har.explain import Facts
from har.explain.explanation import Explanation
from har.jobs import JobState
from har.results import LabelOptions
from har.results.store import write_notes
from har.settings import settings
from har.timeline import TimelineOptions
from tests.ui.data_pages import in_address, ran, texts
from tests.ui.shared_pages import everything, open_own, open_shared, packed
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


@pytest.fixture
def requested(monkeypatch):
    """The times at which the button in the player is pressed."""
    seconds = []
    real = player.player

    def pressed(*shown, **options):
        real(*shown, **options)
        return seconds.pop() if seconds else None

    monkeypatch.setattr(player, "player", pressed)
    return seconds


def store(result, window=1, **changes):
    """Store an explanation as a job does."""
    facts = Facts(**(vars(FACTS) | changes))
    pictures = np.zeros((2, 8, 8, 3), np.uint8)
    found = Explanation(facts, pictures, np.ones((2, 4, 4), np.float32), np.array([0.2, 0.8], np.float32))
    key = results.ExplanationTarget(window, facts.label).key
    explain.write_explanation(result.folder / "explained" / key, found)
    return key


def drawn(page):
    """The data of the frames; None if there are none."""
    found = [each.proto for each in page.get("bidi_component") if each.proto.component_name.endswith("har_why")]
    return json.loads(found[0].json)[0] if found else None


def test_a_press_in_the_player_submits_a_job_for_that_window(result, jobs, requested):
    page = open_own(result)
    assert packed(page)["mayAsk"] is True
    assert "press 'Why?'" in texts(page)
    assert drawn(page) is None
    requested.append(1.6)
    page = ran(page)
    ((function, (folder, place)),) = jobs.submitted
    assert (function, folder, place) == ("explain_target", result.folder, results.ExplanationTarget(1, "wave"))
    assert jobs.options["detached"] is False
    assert in_address(page, "why") in jobs.known
    assert not page.error
    jobs.set_status(JobState.FAILED, error=VideoMissing("The video is not there any more.", "It is needed.", "Wait."))
    assert "not there any more" in ran(page).error[0].value


@pytest.mark.parametrize(("labels", "corrected", "explained"), [(("squat",), None, "squat"), (None, "squat", "squat")])
def test_the_label_on_the_picture_is_explained(result, jobs, requested, labels, corrected, explained):
    """That of the chosen ones, and that of the owner if the classifier knows it."""
    stored = results.open_annotation(result.folder)
    if labels is not None:
        write_notes(result.folder, stored.info, stored.card, replace(stored.options, labels=labels))
    else:
        results.save_corrections(stored, {"now": [[0.0, corrected, "corrected"]]})
    page = open_own(result)
    requested.append(1.6)
    ran(page)
    ((_, (_, place)),) = jobs.submitted
    assert place.label == explained


def test_where_it_is_unsure_the_closest_label_is_explained(result):
    """The one that the page shows, which is smoothed; the window's most probable label is 'squat'."""
    stored = results.open_annotation(result.folder)
    unsure = stored.relabelled(LabelOptions(timeline=TimelineOptions(threshold=1.0)))
    assert unsure.frames.label(15) is None
    assert results.target_at(unsure, 1.5) == results.ExplanationTarget(0, "wave")


def test_a_stored_explanation_is_shown_at_once(result, jobs, requested):
    store(result)
    requested.append(1.6)
    page = open_own(result)
    assert jobs.submitted == []
    sent = drawn(page)
    assert (sent["count"], sent["drops"], sent["scrollTo"]) == (2, [0.31, -0.02], True)
    said = texts(page)
    assert "**wave**, 80% in the window from 0:01.0 to 0:01.5" in said
    assert "The largest drop is at 0:01.0: 31 points." in said
    assert "temperature of 0.5" in said
    assert drawn(ran(page))["scrollTo"] is False


def test_missing_calibration_and_small_drops_are_reported(result):
    store(result, temperature=1.0, drops=(0.004, 0.001))
    said = texts(open_own(result))
    assert "none was fitted" in said
    assert "less than one point" in said


def test_another_label_of_the_same_window_can_be_explained(result, jobs):
    key = store(result)
    page = open_own(result)
    page.selectbox(key=f"why-not-{key}").set_value("squat")
    ran(page)
    ((_, (_, place)),) = jobs.submitted
    assert place == results.ExplanationTarget(1, "squat")


def test_one_of_several_explanations_is_chosen(result):
    store(result, window=1)
    store(result, window=2, times_sec=(2.0, 2.5, 2.0), drops=(0.3, 0.0, 0.0), label="squat")  # back and forth
    page = open_own(result)
    box = next(each for each in page.selectbox if each.label == "Explained so far")
    assert box.options == ["0:01.0 to 0:01.5 · wave", "0:02.0 to 0:02.5 · squat"]
    box.select_index(1)
    assert "**squat**" in texts(ran(page))


@pytest.mark.promise("private", "Only the owner of a result can request explanations")
def test_viewers_see_explanations_and_cannot_request_any(result, jobs):
    link = sharing.share(result)
    assert "Why this label?" not in texts(open_shared(link))
    key = store(result)
    page = open_shared(link, why="w" * 22)
    assert packed(page)["mayAsk"] is False
    assert drawn(page)["count"] == 2
    assert not [each for each in page.selectbox if each.label.startswith("Why not")]
    assert jobs.submitted == []
    sent = everything(page)
    assert result.id not in sent
    assert str(settings().home) not in sent
    (result.folder / "explained" / key / "facts.json").write_text("{")  # damaged
    assert drawn(ran(page)) is None
