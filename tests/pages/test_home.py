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


def test_doors_lead_to_the_other_screens_and_limits_are_stated(page):
    links = [(link.proto.label, link.proto.page) for link in page.get("page_link")]
    assert links[:4] == [
        ("**Explore**", "explore"),
        ("**Train**", "train"),
        ("**Teach**", "teach"),
        ("**How it works**", "how"),
    ]
    assert all(limit in texts(page) for limit in ("200 MB", "24 hours", "at most 600"))


def drop(page, content, name="my holiday.mp4"):
    page.file_uploader[0].upload(name, content, "video/mp4")
    return ran(page)


def test_a_dropped_video_is_annotated_at_once_and_leads_to_its_job(page, visited, jobs):
    page = drop(page, video_bytes())
    ((function, arguments),) = jobs.submitted
    card = read_card("i3d-kinetics400")
    assert (function, arguments[2:5]) == ("annotate_job", (card.name, comparison_options(card), card.stride_sec))
    assert arguments[0].read_bytes() == video_bytes()
    ((target, query),) = visited
    assert (target.url_path, query) == ("annotate", {"job": next(iter(jobs.known))})
    assert given_name(arguments[1]) == "my holiday.mp4"
    assert jobs.options["visitor"].id == page.session_state["owner"]
    assert owners.owner_of(arguments[1]) == page.session_state["owner"]
    ran(page)  # with an empty box
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


@pytest.mark.parametrize(("time", "section"), [("90", (90, 150)), ("500", (0, 60))])  # the second is after the end
def test_a_pasted_link_is_looked_up_and_a_minute_from_its_time_annotated(page, visited, jobs, lookup, time, section):
    page.text_input(key="youtube-address").set_value(f"{ADDRESS}?t={time}")
    ran(page)
    ((_, (source, _, classifier, *_)),) = jobs.submitted
    assert ((source.start_sec, source.end_sec), classifier) == (section, "i3d-kinetics400")
    ((target, query),) = visited
    assert (target.url_path, query) == ("annotate", {"job": next(iter(jobs.known))})


def test_a_refusal_by_youtube_is_shown(page, visited, jobs, lookup):
    lookup.outcome = YouTubeRefused("YouTube refuses.", "An answer was expected.", "Upload it.")
    page.text_input(key="youtube-address").set_value(ADDRESS)
    assert "YouTube refuses" in ran(page).error[0].value
    assert not jobs.submitted
    assert not visited


def test_other_samples_are_annotated_by_the_network_that_knows_their_actions(page, visited, jobs):
    for name in ("training", "delivery"):
        press(page, SAMPLES[name].title)
        function, arguments = jobs.submitted[-1]
        assert (function, arguments[0], arguments[2]) == ("annotate_job", GeneratedSample(name), "lrcn-figures")
        assert visited[-1][1] == {"job": list(jobs.known)[-1]}


def test_a_sample_result_opens_as_the_visitors_own_until_it_expires(page, visited, monkeypatch):
    press(page, "Six actions in a row")
    ((target, first),) = visited
    assert target.url_path == "annotate"
    assert result.is_there(first["job"])
    press(page, "Six actions in a row")
    press(open_screen("home"), "Six actions in a row")  # another visitor
    monkeypatch.setattr(result, "is_there", lambda job_id: False)
    press(page, "Six actions in a row")
    again, others, renewed = (query for _, query in visited[1:])
    assert again == first
    assert others != first
    assert renewed != first


def test_a_full_disk_is_reported(page, visited, monkeypatch):
    def full(folder):
        raise DiskFull("There is no room.", "Some is needed.", "Try again.")

    monkeypatch.setattr(results, "copy_bundled_sample", full)
    press(page, "Six actions in a row")
    assert "There is no room" in page.error[0].value
    assert not visited
