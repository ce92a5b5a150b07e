"""A shared result: what its owner can do, what viewers see, and what they must never get."""

import os
import time
from dataclasses import replace

import pytest

from har import results
from har import sharing as links
from har.errors import LinkMissing
from har.exports import FORMATS
from har.results.store import write_notes
from har.runs.store import write_plan
from har.settings import settings
from har.sharing import SharedKind, SharedResult
from har.storage import quota
from tests.ui.data_pages import buttons, open_screen, open_script, press, ran, texts
from tests.ui.shared_pages import annotated, everything, open_own, open_shared, segments
from tests.ui.train_pages import finished, open_train
from ui import sharing


def links_of(page):
    return [code.value for code in page.code]


def test_a_viewer_sees_the_result_and_can_download_it(result):
    page = open_shared(links.share(result))
    assert "Shared with you until" in texts(page)
    assert r"holiday\.mp4" in texts(page)
    assert len(page.get("video")) == 1
    assert "Probabilities over time" in [expander.label for expander in page.expander]  # its chart comes when opened
    assert segments(page) == ["squat", "wave"]
    names = [button.proto.label for button in page.get("download_button")]
    assert names[0].startswith("Video with labels")
    assert names[1:] == [form.title for form in FORMATS.values()]


@pytest.mark.promise("private", "When sharing ends, open pages of viewers can download nothing more")
def test_a_guests_open_page_can_download_nothing_after_sharing_has_ended(result):
    page = open_script(
        "import streamlit as st\nfrom ui.downloads import _held\n"
        "st.session_state['make'] = _held(lambda: b'content', 'a.csv', 'text/csv')",
        link=links.share(result),
    )
    make = page.session_state["make"]
    assert make() == b"content"
    links.stop_sharing(result)
    with pytest.raises(LinkMissing):
        make()


def test_what_is_left_out_of_a_video_is_said(result):
    stored = results.open_annotation(result.folder)
    write_notes(result.folder, stored.info.remarked(["The sound *was* left out."]), stored.card, stored.options)
    for page in (open_own(result), open_shared(links.share(result))):
        assert [info.value for info in page.info] == [r"The sound \*was\* left out\."]


@pytest.mark.promise("private", "A shared link shows a result, changes nothing and does not reveal its owner's id")
def test_a_viewer_can_change_nothing_and_learns_nothing_about_the_owner(result, jobs):
    link_id = links.share(result)
    page = open_shared(link_id, burn=result.id, job=result.id, threshold="0.9")  # the owner would get more buttons
    assert buttons(page) == []
    assert not page.get("text_input") + page.get("file_uploader")
    assert [popover.proto.popover.label for popover in page.get("popover")] == ["Download"]
    del page.query_params["burn"], page.query_params["job"]
    sent = everything(ran(page))
    assert len(sent) > 5000
    assert "/media/" in sent
    assert result.id not in sent
    assert result.id not in str(page.session_state) + str(page.query_params)
    assert link_id not in sent
    assert str(settings().home) not in sent
    assert jobs.submitted == []
    assert result.id not in everything(open_own(result))  # but in the address


def test_downloads_contain_nothing_about_the_owner(result):
    stored = results.open_annotation(result.folder)
    for name in FORMATS:
        text = results.export_text(stored, name)
        assert result.id not in text
        assert str(settings().home) not in text


@pytest.mark.parametrize("address", ["", "../../etc/passwd"])
def test_an_invalid_link_is_reported_and_leads_on(address):
    page = open_shared(address)
    assert "nothing at this link" in page.warning[0].value
    assert [link.proto.label for link in page.get("page_link")] == ["Annotate your own video"]


def test_all_dead_links_look_alike(result):
    ended = links.share(result)
    links.stop_sharing(result)
    old = annotated()
    outlived = links.share(old)
    then = time.time() - settings().job_hours * 3600 - 60
    os.utime(old.folder, (then, then))
    quota.remove_expired(())  # as maintenance does
    pages = [everything(open_shared(link_id)) for link_id in (ended, outlived, result.id, "a" * 22)]
    assert len(set(pages)) == 1
    assert not old.folder.exists()


def test_a_damaged_result_looks_deleted(result):
    (result.folder / "notes.json").write_text("{")
    assert "nothing at this link" in texts(open_shared(links.share(result)))


def test_a_link_does_not_open_the_owners_pages(result, jobs):
    link_id = links.share(result)
    page = open_own(SharedResult(SharedKind.ANNOTATION, link_id))
    assert "no result at this address" in texts(page)
    run = finished()
    link_id = links.share(SharedResult(SharedKind.RUN, run.id))
    assert "no training run at this address" in texts(open_train(link_id))
    assert "no training run" in texts(open_screen("annotate", classifier=link_id))
    assert run.folder.exists()


def test_a_link_contains_the_sliders_values(result):
    page = press(open_own(result), "Create a link")
    page.slider(key="threshold").set_value(0.6)
    page.slider(key="smoothing").set_value(1.5)
    ran(page)
    (link,) = links_of(page)
    assert link.endswith("&threshold=0.6&smoothing=1.5")
    shared = open_shared(links.find_link(result), threshold="0.6", smoothing="1.5")
    assert [slider.value for slider in shared.slider] == [0.6, 1.5]
    assert segments(page) == segments(shared) != ["squat", "wave"]


def test_the_link_contains_the_chosen_labels(result):
    page = press(open_own(result, could="squat"), "Create a link")
    assert links_of(page)[0].endswith("&could=squat")
    shared = open_shared(links.find_link(result), could="squat")
    assert segments(shared) == ["squat"]
    assert segments(open_shared(links.find_link(result))) == ["squat", "wave"]


@pytest.mark.parametrize("value", ["7", "nan", "<b>"])
def test_invalid_slider_values_are_ignored(result, value):
    page = open_shared(links.share(result), threshold=value)
    assert 0 <= page.slider[0].value <= 1


def test_leaving_a_result_clears_the_address(result):
    page = press(open_own(result, threshold="0.6", film="b" * 22), "Annotate another video")
    assert not {"job", "threshold", "film"} & set(page.query_params)
    assert "Create a link" not in buttons(page)


# Runs


def shared_run(**changes):
    run = finished(owner="w" * 22, **changes)
    return run, links.share(SharedResult(SharedKind.RUN, run.id))


def test_only_the_owner_can_share_a_report():
    run = finished(owner="w" * 22)
    assert "Create a link" not in buttons(open_train(run, owner="v" * 22))
    page = press(open_train(run, owner="w" * 22), "Create a link")
    assert links_of(page) == [f"shared?link={links.find_link(SharedResult(SharedKind.RUN, run.id))}"]


def test_a_viewer_can_only_read_and_download_a_report():
    other = finished(owner="w" * 22, split="random")
    run, link_id = shared_run(dataset="own-" + "s" * 22)
    write_plan(replace(run, plan=replace(run.plan, pair=other.id)))
    page = open_shared(link_id)
    assert "90%" in [metric.value for metric in page.metric]
    assert "Random versus grouped split" in texts(page)
    assert "cannot be played" in texts(page)  # the owner's clips
    assert buttons(page) == []
    assert [button.proto.label for button in page.get("download_button")] == ["Download"]
    sent = everything(page)
    assert "/media/" in sent or "deferred" in sent
    for secret in (run.id, run.id[:6], other.id, "own-", "w" * 22, str(settings().home)):
        assert secret not in sent
    assert "owner" not in page.session_state


def test_viewing_a_shared_report_does_not_extend_its_life():
    run, link_id = shared_run()
    for path in (*run.folder.iterdir(), run.folder):
        os.utime(path, (time.time() - 3600,) * 2)
    before = sharing.until(SharedResult(SharedKind.RUN, run.id))
    page = open_shared(link_id)
    assert sharing.until(SharedResult(SharedKind.RUN, run.id)) == before
    assert before in texts(page).replace("\\", "")
