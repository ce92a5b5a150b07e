"""Films on a result's page: what goes in is shown, the owner makes them, all viewers see them."""

import os

import pytest

from har import reels, sharing
from har.errors import TooManyJobs
from har.jobs import JobState, Lane
from har.reels import Against, HighlightOptions, SideOptions
from har.results import import_ground_truth, open_annotation, replace_segments
from har.settings import settings
from har.timeline import Piece
from tests.browser.made import make_result
from tests.ui.data_pages import buttons, open_screen, press, ran, texts
from tests.ui.shared_pages import open_own, open_shared

TRUTH = b"start_sec,end_sec,label\n0,1,squat\n1,3,wave\n"


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


def test_the_film_is_found_again_at_the_results_address_and_viewers_cannot_make_any(result, override):
    page, shared = open_own(result), open_shared(sharing.share(result))
    assert not any(label.startswith("Download the film") for label in downloads(page))
    assert "Highlight film" not in expanders(shared)
    film(result)
    for seen in (ran(page), ran(shared)):
        assert any(label.startswith("Download the film (") for label in downloads(seen))
        assert videos(seen) == 1
    assert "Highlight film" in expanders(shared)
    assert "Make the film" not in buttons(shared)
    override(max_played_bytes=100)  # then it can only be downloaded
    assert videos(ran(page)) == 0
    assert any(label.startswith("Download the film (") for label in downloads(page))


def test_a_film_that_is_older_than_the_corrections_says_so(result):
    film(result)
    replace_segments(open_annotation(result.folder), (Piece(0.0, "wave", "corrected"),))
    corrected_at = (result.folder / "corrections.json").stat().st_mtime
    os.utime(result.folder / reels.HIGHLIGHTS, (corrected_at - 10,) * 2)
    page = open_own(result)
    assert "before the last corrections" in texts(page)
    assert "with a title and 1 segment." in texts(page)


@pytest.mark.parametrize(
    ("state", "fields", "text"),
    [
        (JobState.STOPPED, {}, "No film was written"),
        (JobState.DONE, {"result": ("The sound is left out.",)}, "The sound is left out"),
        (JobState.FAILED, {"error": TooManyJobs("It broke.", "", "Again.")}, "It broke"),
        (JobState.DONE, {"result": 5}, ""),
    ],
)
def test_how_the_job_ended_is_shown_and_the_film_can_be_made_again(result, jobs, state, fields, text):
    jobs.set_status(state, job_id="b" * 22, **fields)
    page = open_own(result, film="b" * 22)
    assert text in texts(page)
    assert "Make the film" in buttons(page)


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
