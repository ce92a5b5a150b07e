"""Home: annotates what visitors bring at once, shows a sample result without waiting, and links to the screens."""

import pytest

from har import results
from har.annotation import GeneratedSample
from har.classifier import read_card
from har.datasets.figures import SAMPLES
from har.errors import DiskFull, QueueFull, YouTubeRefused
from har.results import comparison_options
from har.storage import owners
from pages import home
from tests.ui.annotate.test_youtube import ADDRESS, lookup
from tests.ui.data_pages import open_screen, press, ran, texts, video_bytes
from ui.annotate import result
from ui.annotate.names import given_name

__all__ = ["lookup"]


@pytest.fixture
def visited(monkeypatch):
    """The pages that are switched to."""
    pages = []
    monkeypatch.setattr(home.st, "switch_page", lambda page, query_params=None: pages.append((page, query_params)))
    return pages


@pytest.fixture
def page(visited):
    return open_screen("home")


def test_doors_lead_to_the_other_screens(page):
    links = [(link.proto.label, link.proto.page) for link in page.get("page_link")]
    assert links[:4] == [
        ("**Explore**", "explore"),
        ("**Train**", "train"),
        ("**Teach**", "teach"),
        ("**How it works**", "how"),
    ]


def drop(page, content, name="my holiday.mp4"):
    page.file_uploader[0].upload(name, content, "video/mp4")
    return ran(page)


def test_a_dropped_video_is_annotated_at_once_and_leads_to_its_job(page, visited, jobs):
    drop(page, video_bytes())
    ((function, arguments),) = jobs.submitted
    card = read_card("i3d-kinetics400")
    assert (function, arguments[2:5]) == ("annotate_job", (card.name, comparison_options(card), card.stride_sec))
    assert arguments[0].read_bytes() == video_bytes()
    ((target, query),) = visited
    assert (target.url_path, query) == ("annotate", {"job": next(iter(jobs.known))})
    assert given_name(arguments[1]) == "my holiday.mp4"
    assert jobs.options["visitor"].id == page.session_state["owner"]
    assert owners.owner_of(arguments[1]) == page.session_state["owner"]


def test_the_box_is_empty_after_a_start(page, visited, jobs):
    page = ran(drop(page, video_bytes()))
    assert len(jobs.submitted) == len(visited) == 1


def test_a_file_that_is_no_video_is_refused_at_once(page, visited, jobs):
    page = drop(page, b"nothing that moves" * 50)
    assert "is not a video, or its format" in page.error[0].value
    assert not jobs.submitted
    assert not visited


def test_a_full_queue_is_explained_and_can_be_tried_again(page, visited, jobs):
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = drop(page, video_bytes())
    assert "Come back" in page.error[0].value
    assert not visited
    jobs.refusal = None
    press(page, "Try again")
    assert len(jobs.submitted) == len(visited) == 1


def test_a_pasted_link_is_looked_up_and_a_minute_from_its_time_annotated(page, visited, jobs, lookup):
    page.text_input(key="youtube-address").set_value(f"{ADDRESS}?t=90")
    ran(page)
    source = jobs.submitted[0][1][0]
    assert (source.start_sec, source.end_sec) == (90, 150)
    assert jobs.submitted[0][1][2] == "i3d-kinetics400"
    ((target, query),) = visited
    assert (target.url_path, query) == ("annotate", {"job": next(iter(jobs.known))})


def test_a_link_to_the_end_of_a_video_starts_at_its_beginning(page, visited, jobs, lookup):
    page.text_input(key="youtube-address").set_value(f"{ADDRESS}?t=500")
    ran(page)
    source = jobs.submitted[0][1][0]
    assert (source.start_sec, source.end_sec) == (0, 60)


def test_a_refusal_by_youtube_is_shown(page, visited, jobs, lookup):
    lookup.outcome = YouTubeRefused("YouTube refuses.", "An answer was expected.", "Upload it.")
    page.text_input(key="youtube-address").set_value(ADDRESS)
    assert "YouTube refuses" in ran(page).error[0].value
    assert not jobs.submitted
    assert not visited


@pytest.mark.parametrize("name", ["training", "delivery"])
def test_other_samples_are_annotated_by_the_network_that_knows_their_actions(page, visited, jobs, name):
    press(page, SAMPLES[name].title)
    ((function, arguments),) = jobs.submitted
    assert (function, arguments[0], arguments[2]) == ("annotate_job", GeneratedSample(name), "lrcn-figures")
    assert visited[0][1] == {"job": next(iter(jobs.known))}


def test_a_sample_result_opens_as_the_visitors_own(page, visited):
    press(page, "Six actions in a row")
    ((target, query),) = visited
    assert target.url_path == "annotate"
    assert result.is_there(query["job"])
    press(page, "Six actions in a row")  # the same result again
    assert visited[1][1] == query


def test_an_expired_sample_result_is_made_again(page, visited, monkeypatch):
    press(page, "Six actions in a row")
    monkeypatch.setattr(result, "is_there", lambda job_id: False)
    press(page, "Six actions in a row")
    assert visited[0][1] != visited[1][1]


def test_visitors_do_not_share_a_sample_result(page, visited):
    press(page, "Six actions in a row")
    press(open_screen("home"), "Six actions in a row")
    assert visited[0][1] != visited[1][1]


def test_a_full_disk_is_reported(page, visited, monkeypatch):
    def full(folder):
        raise DiskFull("There is no room.", "Some is needed.", "Try again.")

    monkeypatch.setattr(results, "copy_bundled_sample", full)
    press(page, "Six actions in a row")
    assert "There is no room" in page.error[0].value
    assert not visited


def test_limits_are_stated(page):
    told = texts(page)
    assert "200 MB" in told
    assert "24 hours" in told
    assert "at most 600" in told
