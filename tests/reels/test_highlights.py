"""Films of highlights: every frame and every sound in its place, and nothing left behind."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import psutil
import pytest

from har.errors import LabelsError, LocationError, OptionsError, StopRequested, VideoMissing
from har.progress import Stage
from har.reels import HighlightOptions, make_highlights, plan_highlights
from har.reels.highlights import clock, fitted
from har.render.glyphs import SPELLED_FILM_REMARK
from har.results import apply_corrections, open_annotation
from har.settings import settings
from har.video import probe
from tests.browser.made import make_result
from tests.exports.data import INFO
from tests.reels.conftest import heard_sec, number_in, result_of, samples_of, with_tone
from tests.render.conftest import frames_of
from tests.video.conftest import ffmpeg

pytestmark = pytest.mark.media

BOX = (80, 0, 480, 360)  # of a 4:3 video in a film of 640×360
SMALL = HighlightOptions(lines=360)


def test_a_film_has_a_title_and_each_frame_in_its_place(made, correct, tmp_path):
    correct(made.folder, (0, "walk"), (50, "wave"), (100, "walk"))
    running = []

    def count_ffmpegs(progress):
        if progress.stage is Stage.WRITE_FILM:
            running.append(sum("ffmpeg" in process.name() for process in psutil.Process().children()))

    planned = plan_highlights([apply_corrections(open_annotation(made.folder))], SMALL)  # as on a page
    plan = make_highlights([made.folder], out := tmp_path / "new" / "film.mp4", SMALL, on_progress=count_ffmpegs)
    assert plan == planned
    assert [shot.label for shot in plan.shots] == ["walk", "wave", "walk"]
    assert max(running) <= 3  # the encoder, and two shots in a crossfade: only what is on screen is read
    info, shown = probe(out), frames_of(out)
    assert (info.width, info.height, info.fps, info.has_audio) == (640, 360, Fraction(30000, 1001), False)
    assert info.pixel_format == "yuv420p"
    assert info.plays_in_browsers
    assert len(shown) == plan.frame_count
    title = shown[0]  # what players and messengers show of a film
    assert abs(title[:40].astype(int) - (24, 26, 32)).max() < 6  # dark around the text
    assert (title.min(axis=2) > 200).sum() > 500
    for shot, start, count, first in zip(plan.shots, plan.starts[1:], plan.frame_counts[1:], (0, 50, 100), strict=True):
        for place in (16, count // 2, count - 18):  # outside of the fades
            assert abs(number_in(shown[start + place], *BOX) - (first + place)) <= 1, (shot, place)
    assert shown[-1].max() < 40
    frame = shown[plan.starts[2] + 25].astype(int)
    left_over = frame[60:, :70]  # a dark blurred enlargement
    assert 20 < left_over.mean() < 130  # half as bright as white
    assert abs(np.diff(left_over.mean(axis=2), axis=1)).max() < 40  # no edges: the picture itself has some of 255
    assert abs(np.diff(frame[:, 80:560].mean(axis=2), axis=1)).max() > 80


def test_an_upright_film(made, correct, tmp_path):
    correct(made.folder, (0, "walk"), (60, None))
    make_highlights([made.folder], out := tmp_path / "film.mp4", HighlightOptions(lines=360, portrait=True))
    info = probe(out)
    assert (info.width, info.height) == (360, 640)
    assert abs(number_in(frames_of(out)[80], 0, 185, 360, 270) - 35) <= 1  # after a title of 60, and a crossfade of 15


def test_slow_motion_shows_each_frame_twice(made, correct, tmp_path):
    correct(made.folder, (0, None), (40, "wave"), (100, None))
    options = HighlightOptions(lines=360, speed=0.5)
    plan = make_highlights([made.folder], out := tmp_path / "film.mp4", options)
    shown, start = frames_of(out), plan.starts[1]
    assert plan.frame_counts[1] == 120
    for place in (20, 40, 60):
        assert abs(number_in(shown[start + place], *BOX) - (40 + place / 2)) <= 1


def test_each_sound_is_heard_where_its_picture_is(tmp_path):
    loud, silent = with_tone(tmp_path / "loud.mp4", 3, 1), tmp_path / "silent.mp4"
    ffmpeg("-i", loud, "-an", "-c", "copy", silent)
    folders = [result_of(silent, tmp_path / "a"), result_of(loud, tmp_path / "b")]
    plan = make_highlights(folders, out := tmp_path / "film.mp4", SMALL)
    assert probe(out).has_audio
    assert len(samples_of(out)) / 8000 == pytest.approx(plan.duration_sec, abs=0.05)
    begins = plan.starts[2] / 25 + 1
    assert heard_sec(out) == (pytest.approx(begins, abs=0.06), pytest.approx(begins + 1, abs=0.06))


def test_slow_sound_keeps_its_pitch_and_its_place(tmp_path):
    folder = result_of(with_tone(tmp_path / "video.mp4", 2, 1), tmp_path / "a")
    plan = make_highlights([folder], out := tmp_path / "film.mp4", HighlightOptions(lines=360, speed=0.25))
    samples = samples_of(out)
    begins = round((plan.starts[1] / 25 + 4.5) * 8000)
    spectrum = np.abs(np.fft.rfft(samples[begins : begins + 16000]))
    assert spectrum.argmax() / 2 == pytest.approx(600, abs=10)
    assert np.abs(samples[: begins - 8000]).max() < 1000


UNUSUAL = {
    "4K": ("testsrc=s=3840x2160:r=25:d=0.4",),
    "one frame": ("testsrc=s=320x240:r=25:d=0.04",),
    "odd sides and 60 a second": ("testsrc=s=321x241:r=60:d=1",),
    "variable rate": ("testsrc=s=320x240:r=25:d=2", "-vf", "select=not(mod(n\\,7))+lt(n\\,20)", "-fps_mode", "vfr"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_videos(name, tmp_path):
    video = tmp_path / "video.mp4"
    source = ("-f", "lavfi", "-i", *UNUSUAL[name])
    ffmpeg(*source, "-pix_fmt", "yuv444p", "-c:v", "libx264", "-preset", "ultrafast", video)
    plan = make_highlights([result_of(video, tmp_path / "a")], out := tmp_path / "film.mp4", SMALL)
    assert len(frames_of(out)) == plan.frame_count


def test_a_stopped_result_gives_what_it_has(tmp_path):
    made = make_result(settings().home, [0] * 6, frames=150, stopped_at=90)
    plan = make_highlights([made.folder], tmp_path / "film.mp4", SMALL)
    assert plan.shots[-1].end_sec == pytest.approx(made.duration_sec)


def test_a_stop_leaves_nothing(made, tmp_path):
    seen = []

    def stop_in_the_middle(progress):
        seen.append(progress.stage)
        if progress.stage is Stage.WRITE_FILM and progress.done > 10:
            raise StopRequested

    with pytest.raises(StopRequested):
        make_highlights([made.folder], tmp_path / "film.mp4", SMALL, on_progress=stop_in_the_middle)
    assert seen[0] is Stage.READ_SOUND
    assert list(tmp_path.iterdir()) == []


def test_errors_leave_the_film_that_was_there(made, tmp_path, override):
    out = tmp_path / "film.mp4"
    out.write_bytes(b"an earlier one")
    with pytest.raises(LabelsError):
        make_highlights([made.folder], out, HighlightOptions(labels=("swim",)))
    with pytest.raises(OptionsError, match=r"film\.avi"):
        make_highlights([made.folder], out.with_suffix(".avi"))
    (made.folder / "video.mp4").unlink()
    with pytest.raises(VideoMissing):
        make_highlights([made.folder], out)
    assert out.read_bytes() == b"an earlier one"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_cannot_be_written_to_is_an_error(made, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LocationError, match="No film can be written"):
        make_highlights([made.folder], tmp_path / "file" / "film.mp4", SMALL)


def test_labels_that_no_font_has_are_spelled_and_that_is_said(made, correct, tmp_path, only_our_font):
    correct(made.folder, (0, "跳舞"), (20, None))
    remarks = []
    make_highlights([made.folder], tmp_path / "film.mp4", SMALL, on_remark=remarks.append)
    assert remarks == [SPELLED_FILM_REMARK]


def test_pictures_that_nearly_fill_a_film_are_cropped():
    assert fitted(INFO, (640, 360)) == ((480, 360), False)
    assert fitted(replace(INFO, width=1768, height=994), (854, 480)) == ((854, 480), True)
    assert fitted(replace(INFO, width=1000, height=2), (640, 360)) == ((640, 2), False)


def test_times_are_written_as_players_write_them():
    assert [clock(seconds) for seconds in (0.9, 65, 3725)] == ["0:00", "1:05", "1:02:05"]
