"""Films on a result's page: what goes in is shown, the owner makes them, all viewers see them."""

import os

import pytest

from har import reels, sharing
from har.errors import TooManyJobs
from har.jobs import JobState, JobStatus, Lane
from har.reels import Against, HighlightOptions, SideOptions
from har.results import import_ground_truth, open_annotation, replace_segments
from har.settings import settings
from har.timeline import Piece
from tests.browser.made import make_result
from tests.pages.test_shared import open_own
from tests.ui.data_pages import buttons, open_screen, press, ran, texts
from tests.ui.shared_pages import annotated, open_shared

TRUTH = b"start_sec,end_sec,label\n0,1,squat\n1,3,wave\n"


@pytest.fixture
def result():
    """Three seconds: squat, then wave."""
    return annotated()


def film(result, name=reels.HIGHLIGHTS):
    """Put a film there."""
    (result.folder / name).write_bytes((result.folder / "video.mp4").read_bytes())


def expanders(page):
    return [expander.label for expander in page.expander]


def videos(page):
    """How many there are besides the player's."""
    return len(page.get("video")) - 1


def downloads(page):
    return [button.proto.label for button in page.get("download_button")]


def test_the_preview_shows_what_goes_in_and_follows_the_options(result, jobs):
    page = open_own(result)
    assert "with a title and 2 segments." in texts(page)
    assert "| 0:00 | squat |" in texts(page)
    page.multiselect(key="film-labels").set_value(["wave"])
    page = ran(page)
    assert "with a title and 1 segment." in texts(page)
    assert "| squat |" not in texts(page)
    page.slider(key="threshold").set_value(1.0)
    page = ran(page)
    assert "No segment has a label" in texts(page)
    assert "Make the film" not in buttons(page)


def test_the_film_is_made_as_the_page_shows_it(result, jobs):
    page = open_own(result)
    page.multiselect(key="film-labels").set_value(["wave"])
    page.slider(key="film-sec").set_value(20.0)
    page.toggle(key="film-portrait").set_value(True)
    page.toggle(key="film-slow").set_value(True)
    page.slider(key="smoothing").set_value(0.0)
    page = press(ran(page), "Make the film")
    ((function, (folder, options, label_options)),) = jobs.submitted
    assert (function, folder) == ("highlights_job", result.folder)
    assert options == HighlightOptions(("wave",), 20.0, portrait=True, speed=0.5)
    assert label_options.timeline.smooth_sec == 0.0
    assert jobs.options["lane"] is Lane.DATA
    assert "Cancel" in buttons(page)
    assert "Make the film" not in buttons(page)


def test_the_film_is_found_again_at_the_results_address(result):
    assert not any(label.startswith("Download the film") for label in downloads(open_own(result)))
    film(result)
    page = open_own(result)
    assert any(label.startswith("Download the film (") for label in downloads(page))
    assert videos(page) == 1
    replace_segments(open_annotation(result.folder), (Piece(0.0, "wave", "corrected"),))
    corrected_at = (result.folder / "corrections.json").stat().st_mtime
    os.utime(result.folder / reels.HIGHLIGHTS, (corrected_at - 10,) * 2)
    page = open_own(result)
    assert "before the last corrections" in texts(page)
    assert "with a title and 1 segment." in texts(page)


def test_a_large_film_can_only_be_downloaded(result, override):
    film(result)
    override(max_played_bytes=100)
    page = open_own(result)
    assert videos(page) == 0
    assert any(label.startswith("Download the film (") for label in downloads(page))


def test_viewers_see_films_and_cannot_make_any(result):
    link = sharing.share(result)
    assert "Highlight film" not in expanders(open_shared(link))
    film(result)
    page = open_shared(link)
    assert "Highlight film" in expanders(page)
    assert videos(page) == 1
    assert "Make the film" not in buttons(page)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (JobStatus("b" * 22, JobState.STOPPED, 0, (), 1.0), "No film was written"),
        (JobStatus("b" * 22, JobState.DONE, 0, (), 1.0, ("The sound is left out.",)), "The sound is left out"),
        (JobStatus("b" * 22, JobState.FAILED, 0, (), 1.0, None, TooManyJobs("It broke.", "", "Again.")), "It broke"),
        (JobStatus("b" * 22, JobState.DONE, 0, (), 1.0, 5), ""),
    ],
)
def test_how_the_job_ended_is_shown_and_the_film_can_be_made_again(result, jobs, status, text):
    jobs.known[status.id] = status
    page = open_own(result, film=status.id)
    assert text in texts(page)
    assert "Make the film" in buttons(page)


def test_a_refused_film_is_explained(result, jobs):
    jobs.refusal = TooManyJobs("You have three.", "No more may be.", "Come back later.")
    assert "Come back later" in press(open_own(result), "Make the film").error[0].value


def test_a_film_side_by_side_needs_something_to_compare_with(result, jobs):
    assert "Film side by side" not in expanders(open_own(result))
    import_ground_truth(result.folder, TRUTH, 3.0)
    press(open_own(result), "Make this film")
    ((function, (folder, options, against, _)),) = jobs.submitted
    assert (function, folder) == ("side_by_side_job", result.folder)
    assert (options, against) == (SideOptions(), Against.GROUND_TRUTH)
    film(result, reels.SIDE_BY_SIDE[Against.GROUND_TRUTH])
    assert videos(open_own(result)) == 1
    assert "Film side by side" in expanders(open_shared(sharing.share(result)))


def test_a_long_video_is_shown_from_its_beginning(jobs, override):
    made = make_result(settings().home, [0] * 17)
    import_ground_truth(made.folder, TRUTH, made.duration_sec)
    override(max_film_sec=6.0)
    page = open_screen("annotate", job=made.folder.name)
    assert "Films last at most 6 s" in texts(page)
    press(page, "Make this film")
    assert jobs.submitted[-1][1][1] == SideOptions(max_sec=6.0)


def test_leaving_removes_the_jobs_from_the_address(result, jobs):
    page = press(open_own(result, film="b" * 22), "Annotate another video")
    assert "film" not in page.query_params
