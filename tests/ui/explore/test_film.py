"""The clips on the wall as a film."""

from pathlib import Path

import pytest

from har import reels
from har.jobs import JobState, Lane
from tests.ui.data_pages import buttons, open_page, press, texts, write_clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, label in enumerate(("jump", "run")):
        for clip in range(3):
            write_clip(tmp_path / "data" / label / f"{clip}.mp4", 10 * number + clip)
    return tmp_path / "data"


def test_the_film_shows_the_clips_on_the_wall(folder, jobs):
    page = press(open_page("samples", folder), "Download as film")
    ((function, (videos,)),) = jobs.submitted
    assert function == "montage_job"
    assert sorted(video.label for video in videos) == ["jump", "run"]
    assert jobs.options["lane"] is Lane.DATA
    assert "Cancel" in buttons(page)
    remarks = reels.montage_job(videos)
    jobs.set_status(JobState.DONE, result=(*remarks, "One is left out."))
    page = page.run()
    assert "One is left out" in texts(page)
    assert len(page.get("video")) == 1
    assert page.get("download_button")[0].label.startswith("Download as film (")
    page = press(page, "Shuffle")  # other clips have no film yet
    assert "Download as film" in buttons(page)


def test_too_many_clips_are_refused_before_the_work(folder, override):
    override(max_wall_classes=1)
    page = open_page("samples", folder)
    assert next(button for button in page.button if button.label == "Download as film").disabled
