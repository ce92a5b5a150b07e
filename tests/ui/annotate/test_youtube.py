"""The box for YouTube addresses: what is behind one is shown, a stretch chosen, and refusals lead somewhere."""

from datetime import time

import pytest

from har.errors import QueueFull, YouTubeRefused
from har.jobs import JobState, JobStatus
from har.youtube import Fetching, Listing, Looks
from har.youtube.listing import Media
from tests.pages.test_annotate import JOB, FakeJobs, open_page, press, texts
from tests.youtube.pools import AtOnce, Later
from ui.annotate.youtube import clock

ID = "aqz-KE-bpKQ"
ADDRESS = f"https://youtu.be/{ID}"
ASIDE = "SECRET-SIGNATURE"


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


class Behind:
    """Says what is behind an address, and how often it was asked."""

    def __init__(self):
        self.asked = []
        self.outcome = listed()

    def __call__(self, address, on_event):
        self.asked.append(address.video_id)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def listed(title="Tai chi in the park", duration_sec=200.4):
    return Listing(ID, title, "A channel", duration_sec, 480, Media(f"https://x/{ASIDE}", None), None)


@pytest.fixture
def looks(monkeypatch):
    looks = Behind()
    together = Looks(AtOnce())
    monkeypatch.setattr("har.youtube.together.look", looks)
    monkeypatch.setattr("ui.annotate.youtube._looks", lambda: together)
    return looks


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
    (slider,) = (slider for slider in page.slider if slider.label == "Stretch")
    return slider


def seconds(page):
    return [60 * at.minute + at.second + 3600 * at.hour for at in trim(page).value]


def test_without_an_address_nobody_is_asked_and_nothing_can_start(jobs, looks):
    page = open_page()
    page.segmented_control(key="source").set_value("From YouTube").run()
    assert looks.asked == []
    assert start_button(page).disabled
    assert page.selectbox[0].value == "i3d-kinetics400"


def test_what_is_behind_an_address_is_shown_before_anything_is_fetched(jobs, looks):
    page = paste(ADDRESS)
    assert "Tai chi in the park" in texts(page)
    assert "A channel · 3:20" in texts(page).replace("\\", "")
    assert images(page) == [f"https://i.ytimg.com/vi/{ID}/mqdefault.jpg"]
    assert seconds(page) == [0, 60]
    assert jobs.submitted == []
    assert not start_button(page).disabled
    page.run()
    page.slider[1].set_value(0.5).run()
    assert looks.asked == [ID]  # asked once, however often the page runs


def test_the_time_in_the_address_starts_the_stretch(jobs, looks):
    assert seconds(paste(f"{ADDRESS}?t=1m30s")) == [90, 150]


@pytest.mark.parametrize("late", ["190", "500"])
def test_a_time_near_or_behind_the_end_is_no_trouble(jobs, looks, late):
    start, end = seconds(paste(f"{ADDRESS}?t={late}"))
    assert 0 <= start < end <= 200


def test_the_chosen_stretch_becomes_a_job_under_the_videos_title(jobs, looks):
    from ui.annotate.result import NAME, folder_of

    page = paste(f"{ADDRESS}?t=30")
    press(page, "Annotate this stretch")
    [(function, arguments)] = jobs.submitted
    assert function == "annotate_youtube_for_page"
    assert arguments[0] == looks.outcome
    assert arguments[1] == (30.0, 90.0)
    (job_id,) = jobs.known
    assert (folder_of(job_id) / NAME).read_text() == "Tai chi in the park"
    assert list(folder_of(job_id).iterdir()) == [folder_of(job_id) / NAME]


def test_the_last_second_of_the_slider_is_the_end_of_the_video(jobs, looks):
    page = paste(ADDRESS)
    trim(page).set_value((time(0), time(0, 3, 20))).run()
    press(page, "Annotate this stretch")
    assert jobs.submitted[0][1][1] == (0.0, 200.4)


def test_a_stretch_is_never_longer_than_allowed(jobs, looks):
    looks.outcome = listed(duration_sec=7200.0)
    page = paste(ADDRESS)
    trim(page).set_value((time(0), time(2))).run()
    assert "At most 15 minutes" in texts(page)
    press(page, "Annotate this stretch")
    assert jobs.submitted[0][1][1] == (0.0, 900.0)


def test_a_stretch_of_nothing_cannot_start(jobs, looks):
    page = paste(ADDRESS)
    trim(page).set_value((time(0), time(0))).run()
    assert "at least a second" in texts(page)
    assert start_button(page).disabled


@pytest.mark.parametrize("duration_sec", [0.8, 1.0, 30 * 3600.0])
def test_very_short_and_very_long_videos_have_a_stretch_too(jobs, looks, duration_sec):
    looks.outcome = listed(duration_sec=duration_sec)
    page = paste(ADDRESS)
    press(page, "Annotate this stretch")
    start, end = jobs.submitted[0][1][1]
    assert 0 <= start < end <= duration_sec


def test_a_robot_check_leads_to_the_upload_box_and_is_not_repeated(jobs, looks):
    looks.outcome = YouTubeRefused("YouTube refuses this server.", "It is no fault.", "Download and upload it.")
    page = paste(ADDRESS)
    assert "Download and upload it" in page.error[0].value.replace("\\", "")
    assert len(page.get("file_uploader")) == 1
    assert start_button(page).disabled
    page.run()
    assert looks.asked == [ID]
    looks.outcome = listed()
    press(page, "Ask YouTube again")
    assert "Tai chi" in texts(page)
    assert not page.error


def test_an_address_that_leads_elsewhere_is_refused_without_asking(jobs, looks):
    page = paste("http://169.254.169.254/latest")
    assert "another server" in page.error[0].value
    assert looks.asked == []
    assert not page.get("file_uploader")


def test_a_strangers_title_has_no_meaning_on_the_page(jobs, looks):
    looks.outcome = listed(title="[click](javascript:alert(1)) <img src=x onerror=alert(1)> :red[x] $y$ **b**")
    page = paste(ADDRESS)
    (shown,) = (element.value for element in page.markdown if "click" in element.value)
    assert "\\[click\\]\\(javascript" in shown
    assert "\\<img" in shown
    assert ASIDE not in str(page.main)


def test_a_full_queue_is_told(jobs, looks):
    jobs.refuse = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    page = press(paste(ADDRESS), "Annotate this stretch")
    assert "Come back" in page.error[0].value


def test_fetching_tells_speed_and_time_left():
    from pages.annotate import _describe

    running = JobStatus(JOB, JobState.RUNNING, 0, (Fetching(0.5, 2_000_000, 1_500_000.0, 7.6),), 8.0)
    assert _describe(running) == (0.05, "Fetching from YouTube: 50% at 1.5 MB/s, 8 s to go")
    running = JobStatus(JOB, JobState.RUNNING, 0, (Fetching(0.0, 0, 0.0, None),), 1.0)
    assert _describe(running) == (0.0, "Fetching from YouTube: 0% at 0.0 MB/s")


def test_times_are_written_as_people_read_them():
    assert [clock(sec) for sec in (0, 5.9, 65, 3723)] == ["0:00", "0:05", "1:05", "1:02:03"]


@pytest.fixture
def slow(looks, monkeypatch):
    """Looks that take as long as the test wants."""
    pool = Later()
    together = Looks(pool)
    monkeypatch.setattr("ui.annotate.youtube._looks", lambda: together)
    monkeypatch.setattr("ui.annotate.youtube._AT_ONCE_SEC", 0.0)
    return pool


def test_a_look_can_be_cancelled_and_begun_again(jobs, looks, slow):
    page = paste(ADDRESS)
    assert "asking YouTube" in texts(page)
    assert start_button(page).disabled
    page = press(page, "Cancel")
    assert "Cancelled before YouTube had answered" in texts(page)
    slow.do()
    assert looks.asked == []
    page.run()
    assert len(slow.asked) == 1  # a page that runs again does not ask again
    page = press(page, "Ask YouTube")
    slow.do()
    assert "Tai chi in the park" in texts(page.run())


def test_one_visitors_cancel_leaves_another_waiting(jobs, looks, slow, monkeypatch):
    who = ["ann"]
    monkeypatch.setattr("ui.annotate.youtube._me", lambda: who[0])
    anns = paste(ADDRESS)
    who[0] = "ben"
    press(paste(ADDRESS), "Cancel")
    slow.do()
    assert len(slow.asked) == 1
    assert "Tai chi in the park" in texts(anns.run())


def test_another_address_lets_go_of_the_first(jobs, looks, slow):
    page = paste(ADDRESS)
    page = paste(f"https://youtu.be/{'b' * 11}", page)
    slow.do(0)
    slow.do(1)
    assert looks.asked == ["b" * 11]
