"""The box for a YouTube link: the video is shown, a section chosen, and refusals offer an upload."""

from datetime import time

import pytest

from har.annotation import YouTubeSection
from har.errors import YouTubeRefused
from har.youtube import SharedLookups, VideoDetails
from har.youtube.details import Media
from tests.pages.test_annotate import open_page
from tests.ui.data_pages import open_screen, press, texts
from tests.youtube.executors import ImmediateExecutor, ManualExecutor
from ui.annotate.names import NAME
from ui.annotate.result import folder_of
from ui.annotate.youtube import clock

ID = "aqz-KE-bpKQ"
ADDRESS = f"https://youtu.be/{ID}"
SIGNATURE = "SIGNED-ADDRESS"


class FakeLookup:
    """Returns a video, and records the requests."""

    def __init__(self):
        self.requests = []
        self.outcome = video()

    def __call__(self, address, on_progress):
        self.requests.append(address.video_id)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def video(title="Tai chi in the park", duration_sec=200.4):
    return VideoDetails(ID, title, "A channel", duration_sec, Media(f"https://x/{SIGNATURE}", None), None)


@pytest.fixture
def lookup(monkeypatch, override):
    override(youtube_pause_sec=0)
    lookup = FakeLookup()
    together = SharedLookups(ImmediateExecutor())
    monkeypatch.setattr("har.youtube.shared_lookups.look_up", lookup)
    monkeypatch.setattr("ui.annotate.youtube._lookups", lambda: together)
    return lookup


def paste(text, page=None):
    page = page or open_page()
    page.segmented_control(key="source").set_value("From YouTube").run()
    page.text_input(key="youtube-address").set_value(text).run()
    assert not page.exception
    return page


def start_button(page):
    return next(button for button in page.button if button.label.startswith("Annotate"))


def images(page):
    return [image.url for element in page.get("image") for image in element.proto.imgs]


def trim(page):
    (slider,) = (slider for slider in page.slider if slider.label == "Section")
    return slider


def seconds(page):
    return [60 * at.minute + at.second + 3600 * at.hour for at in trim(page).value]


def section(jobs):
    """Of the video in the submitted job, in seconds."""
    source = jobs.submitted[0][1][0]
    return source.start_sec, source.end_sec


def test_the_video_is_shown_before_anything_is_fetched(jobs, lookup):
    page = open_page()
    page.segmented_control(key="source").set_value("From YouTube").run()
    assert lookup.requests == []
    assert start_button(page).disabled
    page = paste(ADDRESS, page)
    assert "Tai chi in the park" in texts(page)
    assert "A channel · 3:20" in texts(page).replace("\\", "")
    assert images(page) == [f"https://i.ytimg.com/vi/{ID}/mqdefault.jpg"]
    assert seconds(page) == [0, 60]
    assert jobs.submitted == []
    assert not start_button(page).disabled
    page.run()
    page.slider[1].set_value(0.5).run()
    assert lookup.requests == [ID]  # once, however often the page runs


@pytest.mark.parametrize(("late", "section"), [("1m30s", [90, 150]), ("190", [190, 200]), ("500", [0, 60])])
def test_the_section_starts_at_the_time_in_the_link_unless_that_is_after_the_end(lookup, late, section):
    assert seconds(paste(f"{ADDRESS}?t={late}")) == section


def test_the_section_becomes_a_job_with_the_videos_title(jobs, lookup):
    page = paste(f"{ADDRESS}?t=30")
    press(page, "Annotate this section")
    [(function, arguments)] = jobs.submitted
    assert function == "annotate_job"
    assert arguments[0] == YouTubeSection(lookup.outcome, 30.0, 90.0)
    (job_id,) = jobs.known
    assert (folder_of(job_id) / NAME).read_text() == "Tai chi in the park"
    assert list(folder_of(job_id).iterdir()) == [folder_of(job_id) / NAME]


def test_the_section_can_be_the_whole_video_but_not_empty(jobs, lookup):
    page = paste(ADDRESS)
    trim(page).set_value((time(0), time(0))).run()
    assert "at least one second" in texts(page)
    assert start_button(page).disabled
    trim(page).set_value((time(0), time(0, 3, 20))).run()
    press(page, "Annotate this section")
    assert section(jobs) == (0.0, 200.4)


def test_a_section_is_never_longer_than_allowed(jobs, lookup):
    lookup.outcome = video(duration_sec=7200.0)
    page = paste(ADDRESS)
    trim(page).set_value((time(0), time(2))).run()
    assert "Up to 15 minutes: the section ends" in texts(page)
    press(page, "Annotate this section")
    assert section(jobs) == (0.0, 900.0)


@pytest.mark.parametrize("duration_sec", [0.8, 30 * 3600.0])
def test_very_short_and_very_long_videos_have_a_section(jobs, lookup, duration_sec):
    lookup.outcome = video(duration_sec=duration_sec)
    page = paste(ADDRESS)
    press(page, "Annotate this section")
    start, end = section(jobs)
    assert 0 <= start < end <= duration_sec


@pytest.mark.promise("youtube", "When YouTube refuses, the page says so and offers an upload")
def test_a_refusal_by_youtube_offers_an_upload_and_is_not_repeated(jobs, lookup):
    lookup.outcome = YouTubeRefused("YouTube refuses this server.", "It is no fault.", "Download and upload it.")
    page = paste(ADDRESS)
    assert "Download and upload it" in page.error[0].value.replace("\\", "")
    assert len(page.get("file_uploader")) == 1
    assert start_button(page).disabled
    page.run()
    assert lookup.requests == [ID]
    lookup.outcome = video()
    press(page, "Try again")
    assert "Tai chi" in texts(page)
    assert not page.error


def test_another_address_is_refused_without_a_lookup(jobs, lookup):
    page = paste("http://169.254.169.254/latest")
    assert "YouTube link" in page.error[0].value
    assert lookup.requests == []
    assert not page.get("file_uploader")


def test_a_title_is_shown_as_plain_text(jobs, lookup):
    lookup.outcome = video(title="[click](javascript:alert(1)) <img src=x onerror=alert(1)> :red[x] $y$ **b**")
    page = paste(ADDRESS)
    (shown,) = (element.value for element in page.markdown if "click" in element.value)
    assert "\\[click\\]\\(javascript" in shown
    assert "\\<img" in shown
    assert SIGNATURE not in str(page.main)


def test_times_have_minutes_and_hours():
    assert [clock(sec) for sec in (0, 5.9, 65, 3723)] == ["0:00", "0:05", "1:05", "1:02:03"]


@pytest.fixture
def slow(lookup, monkeypatch):
    """Lookups that end when the test ends them."""
    pool = ManualExecutor()
    together = SharedLookups(pool)
    monkeypatch.setattr("ui.annotate.youtube._lookups", lambda: together)
    monkeypatch.setattr("ui.annotate.youtube._GRACE_SEC", 0.0)
    return pool


def test_a_lookup_can_be_cancelled_and_repeated(jobs, lookup, slow):
    page = paste(ADDRESS)
    assert "Waiting for other visitors" in texts(page)
    assert start_button(page).disabled
    page = press(page, "Cancel")
    assert "Cancelled before YouTube answered" in texts(page)
    slow.run()
    assert lookup.requests == []
    page.run()
    assert len(slow.submitted) == 1  # not once per run of the page
    page = press(page, "Look it up")
    slow.run()
    assert "Tai chi in the park" in texts(page.run())


def test_a_refusal_that_arrives_late_is_shown_and_not_asked_for_again(jobs, lookup, slow):
    lookup.outcome = YouTubeRefused("YouTube refuses this server.", "It is no fault.", "Download and upload it.")
    page = paste(ADDRESS)
    page.run()
    slow.run()
    page.run()
    for _ in range(2):
        assert "Download and upload it" in page.error[0].value.replace("\\", "")
        page.run()
    assert lookup.requests == [ID]
    press(page, "Try again")
    assert len(slow.submitted) == 2


def test_one_visitors_cancel_leaves_another_waiting(jobs, lookup, slow):
    anns = paste(ADDRESS, open_screen("annotate", {"owner": "a" * 22}))
    press(paste(ADDRESS, open_screen("annotate", {"owner": "b" * 22})), "Cancel")
    slow.run()
    assert len(slow.submitted) == 1
    assert "Tai chi in the park" in texts(anns.run())
