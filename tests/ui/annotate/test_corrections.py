"""What the page keeps of what a player says, and the ways back. What happens in the browser: tests/browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from har import results, sharing
from har.datasets.sources import user
from har.jobs import JobState, JobStatus
from har.results import CORRECTIONS
from tests.pages.test_annotate import FakeJobs
from tests.pages.test_shared import open_own
from tests.ui.data_pages import buttons, press, ran, texts
from tests.ui.shared_pages import annotated, everything, open_shared, packed
from ui.annotate import corrections

NOW = [[0.0, "squat", None], [1.0, "juggling", "corrected"], [2.0, "wave", "confirmed"]]


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def result():
    return annotated()


@pytest.fixture
def corrected(result):
    stored = results.open_annotation(result.folder)
    results.keep_corrections(stored, {"now": NOW, "past": [None], "future": []})
    return result


def say(result, value):
    """What the component's callback does when the browser tells this."""
    script = (
        "import streamlit as st\nfrom har import results\nfrom ui.annotate import corrections\n"
        f"stored = results.open_annotation(__import__('pathlib').Path({str(result.folder)!r}))\n"
        f"st.session_state['player'] = {{'corrections': {value!r}}}\n"
        "corrections.take(stored)\ncorrections.panel(stored)"
    )
    return ran(AppTest.from_string(script, default_timeout=60))


def test_nothing_is_corrected_at_first(result):
    page = open_own(result)
    edit = packed(page)["edit"]
    assert (edit["own"], edit["corrections"]["now"], edit["serial"]) == (True, None, "")
    assert "Take back all corrections" not in buttons(page)
    assert "sliders" not in texts(page)
    assert next(button for button in page.button if button.label == "Keep as training clips").disabled


def test_what_the_player_says_is_kept_and_found_again(result):
    say(result, {"serial": "7:1", "now": NOW, "past": [None], "future": []})
    assert json.loads((result.folder / CORRECTIONS).read_text())["now"] == NOW
    edit = packed(open_own(result))["edit"]
    assert edit["corrections"]["now"] == NOW
    assert edit["corrections"]["past"] == [None]


@pytest.mark.parametrize(
    "value",
    [
        {"serial": "x", "now": [[5.0, "squat", None]]},
        {"now": [[0.0, "a\nb", None]], "past": [], "future": []},
        {"now": [[0.0, "squat", None]], "past": [[]], "future": []},
        {"serial": ["x"] * 10_000, "now": 7},
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(corrected, value):
    before = (corrected.folder / CORRECTIONS).read_bytes()
    page = say(corrected, value)
    assert "cannot be used" in page.error[0].value
    assert (corrected.folder / CORRECTIONS).read_bytes() == before


@pytest.mark.parametrize("value", [None, 7, "x", [], ["now"]])
def test_what_is_no_object_is_passed_over(corrected, value):
    assert not say(corrected, value).error


def test_a_corrected_result_says_so_and_goes_before_the_sliders(corrected):
    page = open_own(corrected, threshold="1.0")
    assert "the timeline follows the corrections" in texts(page)
    assert "1 corrected, 1 confirmed, of 3 segments" in texts(page)
    assert "was written before the last corrections" in texts(page)
    stored = results.open_annotation(corrected.folder)
    assert [part.label for part in corrections.corrected(stored).labelled.timeline.segments] == [
        "squat",
        "juggling",
        "wave",
    ]


def test_all_is_taken_back_with_one_button_and_the_way_back_stays(corrected):
    page = press(open_own(corrected), "Take back all corrections")
    edit = packed(page)["edit"]
    assert edit["corrections"]["now"] is None
    assert edit["corrections"]["past"] == [None, NOW]
    assert edit["serial"].startswith("page:")
    assert "Take back all corrections" not in buttons(page)


def test_somebody_else_sees_it_and_gets_neither_steps_nor_ways_to_change(corrected):
    page = open_shared(sharing.share(corrected))
    edit = packed(page)["edit"]
    assert not edit["own"]
    assert edit["corrections"] == {"now": NOW, "past": [], "future": []}
    assert not {"Take back all corrections", "Keep as training clips (2)"} & set(buttons(page))
    assert not page.get("file_uploader")
    assert corrected.id not in everything(page)


def test_a_damaged_file_shows_the_classifiers_timeline(corrected):
    (corrected.folder / CORRECTIONS).write_text("{")
    page = open_own(corrected)
    assert packed(page)["edit"]["corrections"]["now"] is None
    assert "cannot be used" in page.error[0].value


def brought(result, content):
    page = open_own(result)
    page.file_uploader[0].upload("mine.json", content, "application/json")
    return press(page.run(), "Use it")


def test_a_file_is_brought(result, corrected):
    stored = results.corrected(results.open_annotation(corrected.folder))
    taken = results.export_text(stored, results.LABEL_STUDIO).encode()
    other = annotated()
    page = brought(other, taken)
    assert packed(page)["edit"]["corrections"]["now"] == NOW
    assert not page.error


def test_a_file_that_is_none_is_refused_in_words(result):
    page = brought(result, b"<html>")
    assert "cannot be used" in page.error[0].value
    assert not (result.folder / CORRECTIONS).exists()


def test_clips_are_kept_by_a_job_in_a_set_that_stays_the_visitors(corrected, jobs):
    page = press(open_own(corrected), "Keep as training clips (2)")
    ((function, (folder, name)),) = jobs.submitted
    assert (function, folder) == ("keep_for_page", corrected.folder)
    assert user.folder_of(name)
    (job_id,) = [job for job in jobs.known if job != corrected.id]
    assert page.query_params["keep"] in (job_id, [job_id])
    kept = results.Kept("g01", {"juggling": 1, "wave": 1}, 1)
    jobs.known[job_id] = JobStatus(job_id, JobState.DONE, 0, (), 1.0, kept)
    page = page.run()
    assert "Kept as group g01" in page.success[0].value
    (link,) = page.get("page_link")
    assert name in str(link.proto)


def test_another_visitor_has_another_set(corrected, jobs):
    press(open_own(corrected), "Keep as training clips (2)")
    press(open_own(corrected), "Keep as training clips (2)")
    (_, (_, first)), (_, (_, second)) = jobs.submitted
    assert first != second


def test_the_set_of_the_address_is_used(corrected, jobs):
    name = user.new_name()
    press(open_own(corrected, dataset=name), "Keep as training clips (2)")
    assert jobs.submitted[0][1][1] == name
