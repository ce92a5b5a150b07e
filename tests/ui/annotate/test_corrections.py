"""Corrections from the player, their reset, import and training clips. In a browser: tests/browser."""

import json

import pytest

from har import results, sharing
from har.datasets import user_sets
from har.jobs import JobState
from har.results import CORRECTIONS
from har.storage import quota
from tests.ui.data_pages import buttons, in_address, open_script, press, ran, texts
from tests.ui.shared_pages import annotated, everything, open_own, open_shared, packed
from ui.annotate import corrections, files

NOW = [[0.0, "squat", None], [1.0, "juggling", "corrected"], [2.0, "wave", "confirmed"]]


@pytest.fixture
def corrected(result):
    stored = results.open_annotation(result.folder)
    results.save_corrections(stored, {"now": NOW, "past": [None], "future": []})
    return result


def send(result, value):
    """Call the component's callback with a value from the browser."""
    return open_script(
        "import streamlit as st\nfrom har import results\nfrom ui.annotate import corrections\n"
        f"stored = results.open_annotation(__import__('pathlib').Path({str(result.folder)!r}))\n"
        f"st.session_state['player'] = {{'corrections': {value!r}}}\n"
        "corrections.receive(stored)\ncorrections.panel(stored)"
    )


def test_a_result_has_no_corrections_until_the_player_sends_them(result):
    page = open_own(result)
    edit = packed(page)["edit"]
    assert (edit["own"], edit["corrections"]["now"], edit["serial"]) == (True, None, "")
    assert "Reset to the model's answer" not in buttons(page)
    assert "sliders" not in texts(page)
    assert next(button for button in page.button if button.label == "Save as training clips").disabled
    send(result, {"serial": "7:1", "now": NOW, "past": [None], "future": []})
    assert json.loads((result.folder / CORRECTIONS).read_text())["now"] == NOW
    edit = packed(ran(page))["edit"]
    assert edit["corrections"]["now"] == NOW
    assert edit["corrections"]["past"] == [None]


@pytest.mark.parametrize(
    "value", [{"serial": "x", "now": [[5.0, "squat", None]]}, {"serial": ["x"] * 10_000, "now": 7}]
)
def test_invalid_corrections_are_refused_with_an_explanation(corrected, value):
    before = (corrected.folder / CORRECTIONS).read_bytes()
    page = send(corrected, value)
    assert "cannot be used" in page.error[0].value
    assert (corrected.folder / CORRECTIONS).read_bytes() == before
    assert not send(corrected, [value]).error  # what is no object is ignored


def change(serial, after, label="walk"):
    now = [[0.0, label, "corrected"]]
    return {"serial": serial, "after": after, "now": now, "past": [None], "future": []}


def stored_label(result):
    return json.loads((result.folder / CORRECTIONS).read_text())["now"][0][1]


@pytest.mark.promise("jobs", "A tab that shows old corrections cannot overwrite newer ones")
def test_a_change_of_old_corrections_is_refused_and_the_stored_ones_are_shown(result):
    assert not send(result, change("one:1", "", "walk")).error
    page = send(result, change("two:1", "", "wave"))
    assert "changed in another tab" in page.error[0].value
    assert stored_label(result) == "walk"
    assert packed(open_own(result))["edit"]["serial"] == "one:1"


def test_changes_that_follow_each_other_are_stored(result):
    assert not send(result, change("one:1", "", "walk")).error
    assert not send(result, change("one:3", "", "wave")).error  # the second, sent in between, may not have arrived
    assert not send(result, change("two:1", "one:3", "squat")).error  # another tab, opened since
    assert stored_label(result) == "squat"


def test_a_reset_in_an_old_tab_is_refused(corrected):
    page = open_own(corrected)
    send(corrected, change("two:1", json.loads((corrected.folder / CORRECTIONS).read_text())["revision"], "wave"))
    assert "changed in another tab" in press(page, "Reset to the model's answer").error[0].value
    assert stored_label(corrected) == "wave"


def test_corrections_override_the_sliders(corrected):
    page = open_own(corrected, threshold="1.0")
    assert "these sliders have no effect on the timeline" in texts(page)
    assert "1 corrected, 1 confirmed, of 3 segments" in texts(page)
    assert "was written before the last corrections" in texts(page)
    shown = corrections.corrected(results.open_annotation(corrected.folder))
    assert [part.label for part in shown.labelled.timeline.segments] == ["squat", "juggling", "wave"]


def test_viewers_see_corrections_without_their_history_or_controls(corrected):
    page = open_shared(sharing.share(corrected))
    edit = packed(page)["edit"]
    assert not edit["own"]
    assert edit["corrections"] == {"now": NOW, "past": [], "future": []}
    assert not {"Reset to the model's answer", "Save as training clips (2)"} & set(buttons(page))
    assert not page.get("file_uploader")
    assert corrected.id not in everything(page)


def test_a_damaged_file_shows_the_classifiers_timeline(corrected):
    (corrected.folder / CORRECTIONS).write_text("{")
    page = open_own(corrected)
    assert packed(page)["edit"]["corrections"]["now"] is None
    assert "cannot be used" in page.error[0].value


def import_file(result, content):
    page = open_own(result)
    page.file_uploader[0].upload("mine.json", content, "application/json")
    return press(page.run(), "Import")


def test_exported_corrections_can_be_imported_and_other_files_are_refused(result, corrected):
    stored = results.apply_corrections(results.open_annotation(corrected.folder))
    exported = results.export_text(stored, "label-studio").encode()
    other = annotated()
    page = import_file(other, b"<html>")
    assert "cannot be used" in page.error[0].value
    assert not (other.folder / CORRECTIONS).exists()
    page = import_file(other, exported)
    assert packed(page)["edit"]["corrections"]["now"] == NOW
    assert not page.error


def test_downloads_have_the_visitors_file_name_and_can_be_merged_and_imported(result, corrected):
    (result.folder / "name.txt").write_text("Tai chi vs. karate, 1/2", encoding="utf-8")  # a title
    other = annotated("beach.MOV")
    stored = [results.open_annotation(each.folder) for each in (result, other)]
    written = {
        name: [json.loads(files._export(each, name)) for each in stored]
        for name in ("json", "label-studio", "activitynet")
    }
    names = ["Tai chi vs. karate, 1_2.mp4", "beach.MOV"]
    assert [file["video"]["name"] for file in written["json"]] == names
    assert [task["data"]["video"] for (task,) in written["label-studio"]] == names
    databases = [file["database"] for file in written["activitynet"]]
    assert [list(database) for database in databases] == [["Tai chi vs. karate, 1_2"], ["beach"]]
    merged = {"version": "", "database": databases[1] | databases[0]}
    results.replace_segments(stored[0], None)
    for content in (merged, written["label-studio"][1] + written["label-studio"][0]):
        page = import_file(result, json.dumps(content).encode())
        assert not page.error
        assert packed(page)["edit"]["corrections"]["now"] == NOW


def test_training_clips_are_cut_by_a_job_into_the_visitors_data_set(corrected, jobs):
    page = press(open_own(corrected), "Save as training clips (2)")
    ((function, (folder, dataset)),) = jobs.submitted
    assert (function, folder) == ("save_training_clips", corrected.folder)
    assert dataset == user_sets.dataset_folder(dataset.name)
    (job_id,) = jobs.known
    assert in_address(page, "keep") == job_id
    kept = results.SavedClips("g01", {"juggling": 1, "wave": 1}, 1)
    jobs.set_status(JobState.DONE, result=kept)
    page = page.run()
    assert "Saved as group g01" in page.success[0].value
    (link,) = page.get("page_link")
    assert dataset.name in str(link.proto)


def test_visitors_have_data_sets_of_their_own_of_which_that_in_the_address_is_used(corrected, jobs):
    theirs, mine = user_sets.new_name(), user_sets.new_name()
    quota.claim(theirs, "another visitor")
    press(open_own(corrected), "Save as training clips (2)")
    press(open_own(corrected, dataset=theirs), "Save as training clips (2)")
    page = open_own(corrected, dataset=mine)
    quota.claim(mine, page.session_state["owner"])
    press(page, "Save as training clips (2)")
    used = [dataset.name for _, (_, dataset) in jobs.submitted]
    assert len(set(used)) == 3
    assert theirs not in used
    assert used[-1] == mine
