"""A shared result: what its owner can do, what a visitor sees, and what no visitor ever gets."""

import os
import time

import pytest
from streamlit.testing.v1 import AppTest

from har import results
from har import sharing as links
from har.runs import delete_run
from har.runs.folder import write_plan
from har.settings import settings
from har.sharing import Kind, Result
from har.storage import quota
from tests.pages.test_annotate import FakeJobs
from tests.ui.data_pages import buttons, press, ran, texts
from tests.ui.shared_pages import annotated, everything, open_shared, segments
from tests.ui.train_pages import finished, open_train
from ui import sharing

OURS = {"Cancel", "Stop", "Delete it", "End sharing", "Make a link", "Burn in with these settings", "Annotate"}
OURS |= {
    "Burn the labels in",
    "Annotate another video",
    "Compare",
    "Remove the comparison",
    "Remove the truth",
    "Use in Annotate",
    "Open the other run",
    "Train another, or see all runs",
    "Share",
}


@pytest.fixture(autouse=True)
def jobs(use_jobs):
    """None are to be asked for on a shared page: where they are, the test fails, but for the owner's pages."""
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def result():
    return annotated()


def open_own(result, **query):
    page = AppTest.from_string("from pages import annotate\nannotate.main()", default_timeout=60)
    page.query_params["job"] = result.id
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def links_of(page):
    return [code.value for code in page.code]


def test_its_owner_makes_a_link_and_ends_it(result):
    page = open_own(result)
    assert links_of(page) == []
    page = press(page, "Make a link")
    link_id = links.link_to(result)
    assert links_of(page) == [f"shared?link={link_id}"]
    assert "It leads here until" in texts(page)
    page = press(page, "End sharing")
    assert links_of(page) == []
    assert links.link_to(result) is None
    assert "nothing under this link" in texts(open_shared(link_id))


def test_a_visitor_sees_the_result_and_takes_it_away(result):
    page = open_shared(links.share(result))
    assert "A result shared with you, here until" in texts(page)
    assert r"holiday\.mp4" in texts(page)
    assert len(page.get("video")) == 1
    assert len(page.get("plotly_chart")) == 1
    assert segments(page) == ["squat", "wave"]
    names = [button.proto.label for button in page.get("download_button")]
    assert [name.split(" ")[0] for name in names] == [
        "Video",
        "Table,",
        "Segments",
        "Captions",
        "Captions",
        "For",
        "As",
    ]


def test_a_visitor_can_change_nothing_and_finds_no_way_to_the_owner(result, jobs):
    link_id = links.share(result)
    page = open_shared(link_id, burn=result.id, job=result.id, threshold="0.9")  # a slider moved offers its owner more
    assert OURS.isdisjoint(buttons(page))
    assert not page.get("text_input") + page.get("file_uploader") + page.get("popover")
    del page.query_params["burn"], page.query_params["job"]
    sent = everything(ran(page))
    assert len(sent) > 5000
    assert "/media/" in sent
    assert result.id not in sent
    assert result.id not in str(page.session_state) + str(page.query_params)
    assert link_id not in sent
    assert str(settings().home) not in sent
    assert jobs.submitted == []


def test_the_owners_page_does_tell_the_owners_id_to_nobody_but_the_address(result):
    links.share(result)
    assert result.id not in everything(open_own(result))


def test_what_is_taken_away_tells_nothing_of_the_owner(result):
    stored = results.open_annotation(result.folder)
    for file in (results.JSON, results.CSV, results.VTT, results.SRT):
        text = results.export_text(stored, file)
        assert result.id not in text
        assert str(settings().home) not in text


@pytest.mark.parametrize("address", ["", "a" * 22, "../../etc/passwd", "<b>"])
def test_a_link_that_leads_nowhere_says_so_and_leads_on(address):
    page = open_shared(address)
    assert "nothing under this link" in page.warning[0].value
    assert [link.proto.label for link in page.get("page_link")] == ["Annotate a video of your own"]


def test_all_dead_links_look_alike(result):
    ended = links.share(result)
    links.end_sharing(result)
    old = annotated()
    outlived = links.share(old)
    then = time.time() - settings().job_hours * 3600 - 60
    os.utime(old.folder, (then, then))
    quota.sweep(())  # as the housekeeper does from time to time
    pages = [everything(open_shared(link_id)) for link_id in (ended, outlived, result.id, "a" * 22)]
    assert len(set(pages)) == 1
    assert not old.folder.exists()


def test_a_damaged_result_is_no_result(result):
    (result.folder / "notes.json").write_text("{")
    assert "nothing under this link" in texts(open_shared(links.share(result)))


def test_a_link_is_no_key_to_the_owners_pages(result, jobs):
    link_id = links.share(result)
    page = open_own(Result(Kind.ANNOTATION, link_id))
    assert "no result under this address" in texts(page)
    run = finished()
    link_id = links.share(Result(Kind.RUN, run.id))
    assert "no training run under this address" in texts(open_train(link_id))
    page = AppTest.from_string("from pages import annotate\nannotate.main()", default_timeout=60)
    page.query_params["classifier"] = link_id
    assert "no training run" in texts(ran(page))
    assert run.folder.exists()


def test_the_settings_go_into_the_link_and_come_out_of_the_address(result):
    page = press(open_own(result), "Make a link")
    page.slider(key="threshold").set_value(0.6)
    page.slider(key="smoothing").set_value(1.5)
    ran(page)
    (link,) = links_of(page)
    assert link.endswith("&threshold=0.6&smoothing=1.5")
    shared = open_shared(links.link_to(result), threshold="0.6", smoothing="1.5")
    assert [slider.value for slider in shared.slider] == [0.6, 1.5]
    assert segments(page) == segments(shared) != ["squat", "wave"]


@pytest.mark.parametrize("value", ["7", "-1", "nan", "<b>", ""])
def test_settings_that_cannot_be_are_left_out(result, value):
    page = open_shared(links.share(result), threshold=value)
    assert 0 <= page.slider[0].value <= 1


def test_leaving_a_result_takes_its_settings_out_of_the_address(result):
    page = open_own(result, threshold="0.6")
    page = press(page, "Annotate another video")
    assert "job" not in page.query_params
    assert "Make a link" not in buttons(page)


# Runs


def shared_run(**changes):
    run = finished(owner="w" * 22, **changes)
    return run, links.share(Result(Kind.RUN, run.id))


def test_a_report_is_shared_by_its_owner_alone():
    run = finished(owner="w" * 22)
    assert "Make a link" not in buttons(open_train(run, owner="v" * 22))
    page = press(open_train(run, owner="w" * 22), "Make a link")
    assert links_of(page) == [f"shared?link={links.link_to(Result(Kind.RUN, run.id))}"]


def test_a_report_is_read_and_taken_away_but_no_more():
    other = finished(owner="w" * 22, split="random")
    run, link_id = shared_run()
    write_plan(type(run)(run.id, type(run.plan)(**(vars(run.plan) | {"pair": other.id})), None))
    page = open_shared(link_id)
    assert "90%" in [metric.value for metric in page.metric]
    assert "What a random split flatters" in texts(page)
    assert OURS.isdisjoint(buttons(page))
    assert [button.proto.label for button in page.get("download_button")] == ["Take away"]
    sent = everything(page)
    assert "/media/" in sent or "deferred" in sent
    for secret in (run.id, run.id[:6], other.id, "w" * 22, str(settings().home)):
        assert secret not in sent
    assert "owner" not in page.session_state


def test_clips_that_somebody_brought_are_not_played_to_others():
    _, link_id = shared_run(dataset="own-" + "s" * 22)
    page = open_shared(link_id)
    assert "cannot be played" in texts(page)
    assert "own-" not in everything(page)


def test_looking_at_a_shared_report_does_not_keep_it():
    run, link_id = shared_run()
    for path in (*run.folder.iterdir(), run.folder):
        os.utime(path, (time.time() - 3600,) * 2)
    before = sharing.until(Result(Kind.RUN, run.id))
    page = open_shared(link_id)
    assert sharing.until(Result(Kind.RUN, run.id)) == before
    assert before in texts(page).replace("\\", "")


def test_a_deleted_run_takes_its_link_along():
    run, link_id = shared_run()
    delete_run(run.id)
    assert "nothing under this link" in texts(open_shared(link_id))
    links.sweep()
    assert not (settings().links / link_id).exists()
