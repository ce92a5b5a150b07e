"""The player's video and data. In a browser: tests/browser/test_player.py."""

from dataclasses import replace

from har import results, sharing
from har.errors import DiskFull
from har.jobs import JobState
from har.results import LabelOptions
from har.results.store import write_notes
from har.settings import settings
from har.timeline import TimelineOptions
from tests.ui.data_pages import buttons, press, ran, texts
from tests.ui.shared_pages import open_own, open_shared, packed, segments


def video(page):
    (found,) = page.get("video")
    return found.proto


def test_a_slider_changes_timeline_and_captions_but_not_the_video(result):
    page = open_own(result)
    before, marked = video(page), packed(page)["mark"]
    assert before.url.endswith(".mp4")
    assert [track.label for track in before.subtitles] == ["Labels"]
    assert packed(page)["times"] == {"count": 30, "first": 0.0, "rate": [10, 1]}
    assert packed(page)["truth"] is None
    assert packed(ran(page))["mark"] == marked
    page.slider(key="threshold").set_value(1.0)
    page = ran(page)
    assert segments(page) == ["unsure"]
    assert packed(page)["mark"] != marked
    assert video(page).url == before.url
    assert video(page).subtitles[0].url != before.subtitles[0].url
    assert "still shows the settings it was written with" in texts(page)
    assert "Update the labelled video" in buttons(page)


def test_a_result_of_an_earlier_version_plays_its_labelled_copy(result):
    """Its copy has the labels burned in."""
    (result.folder / "proxy.mp4").rename(result.folder / "preview.mp4")
    assert video(open_own(result)).url.endswith(".mp4")


def test_without_a_video_the_timeline_is_still_shown(result):
    (result.folder / "proxy.mp4").unlink()
    page = open_own(result)
    assert not page.get("video")
    assert "no video to play" in texts(page)
    assert segments(page) == ["squat", "wave"]


def test_what_is_wrong_with_the_file_and_what_was_done_about_it_is_said(result):
    stored = results.open_annotation(result.folder)
    info = replace(stored.info, warning="It ends early", remarks=("I3D was used instead",))
    write_notes(result.folder, info, stored.card, stored.options)
    page = open_own(result)
    assert [each.value for each in page.warning] == ["It ends early"]
    assert "I3D was used instead" in [each.value for each in page.info]


def test_the_labelled_video_of_a_short_video_is_written_in_the_background(result, jobs):
    (result.folder / results.ANNOTATED).unlink()
    page = open_own(result)
    ((function, (folder, options)),) = jobs.submitted
    assert (function, folder) == ("burn_in_again", result.folder)
    assert options == LabelOptions()
    assert "burn" not in page.query_params  # 'Back' leads to where the visitor came from
    assert not {"Write the labels into the video", "Update the labelled video"} & set(buttons(page))
    (entry,) = (button for button in page.button if button.label.startswith("Video with labels"))
    assert entry.disabled
    jobs.set_status(JobState.FAILED, error=DiskFull("The disk is full.", "A video takes some of it.", "Come back."))
    page.run()
    assert len(jobs.submitted) == 1  # not again and again
    assert "The disk is full" in texts(page)
    assert "Video with labels (being written)" not in buttons(page)
    assert "Write the labels into the video" in buttons(page)


def test_the_labelled_video_is_written_on_request_and_a_failure_is_explained(result, jobs, override):
    override(burn_in_sec=0)
    assert not {"Write the labels into the video", "Update the labelled video"} & set(buttons(open_own(result)))
    (result.folder / results.ANNOTATED).unlink()
    page = press(open_own(result, threshold="0.9"), "Write the labels into the video")
    ((function, (folder, options)),) = jobs.submitted
    assert (function, folder) == ("burn_in_again", result.folder)
    assert options == LabelOptions(timeline=TimelineOptions(threshold=0.9))
    assert not [button for button in page.get("download_button") if button.proto.label.startswith("Video")]
    jobs.set_status(JobState.FAILED, error=DiskFull("The disk is full.", "A video takes some of it.", "Come back."))
    page = ran(page)
    assert "The disk is full" in texts(page)
    assert "Write the labels into the video" in buttons(page)


def test_viewers_see_a_samples_ground_truth(result, monkeypatch):
    """The result's video lies where samples do."""
    stored = results.open_annotation(result.folder)
    monkeypatch.setattr("har.results.samples._folder", lambda: stored.info.path.parent)
    monkeypatch.setattr(
        "har.datasets.figures.SAMPLES", {"video": type("S", (), {"actions": (("Squat", 1), ("Wave", 2))})}
    )
    data = packed(open_shared(sharing.share(result)))
    assert [data["labels"][part[2]] for part in data["truth"]] == ["squat", "wave"]
    assert 0 < data["right"] <= 1
    assert str(settings().home) not in str(data)
