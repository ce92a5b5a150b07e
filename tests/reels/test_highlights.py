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
from har.render.glyphs import SPELLED_FILM_REMARK, _without_glyph
from har.results import apply_corrections, open_annotation
from har.settings import settings
from har.video import probe
from tests.browser.made import make_result
from tests.exports.data import INFO
from tests.reels.conftest import frames, number_in, result_of, samples_of
from tests.video.conftest import ffmpeg

pytestmark = pytest.mark.media

BOX = (80, 0, 480, 360)  # of a 4:3 video in a film of 640×360
SMALL = HighlightOptions(lines=360)


def test_a_film_has_a_title_and_each_frame_in_its_place(made, correct, tmp_path):
    correct(made.folder, (0, "walk"), (100, "wave"), (200, "walk"))
    plan = make_highlights([made.folder], out := tmp_path / "new" / "film.mp4", SMALL)
    assert [shot.label for shot in plan.shots] == ["walk", "wave", "walk"]
    info, shown = probe(out), frames(out)
    assert (info.width, info.height, info.fps, info.has_audio) == (640, 360, Fraction(30000, 1001), False)
    assert info.pixel_format == "yuv420p"
    assert info.plays_in_browsers
    assert len(shown) == plan.frame_count
    title = shown[0]  # what players and messengers show of a film
    assert abs(title[:40].astype(int) - (24, 26, 32)).max() < 6  # dark around the text
    assert (title.min(axis=2) > 200).sum() > 500
    for shot, start, count, first in zip(
        plan.shots, plan.starts[1:], plan.frame_counts[1:], (0, 100, 200), strict=True
    ):
        for place in (20, count // 2, count - 35):  # outside of the fades
            assert abs(number_in(shown[start + place], *BOX) - (first + place)) <= 1, (shot, place)
    assert shown[-1].max() < 40


def test_what_is_left_over_is_a_dark_blurred_enlargement(made, tmp_path):
    make_highlights([made.folder], out := tmp_path / "film.mp4", SMALL)
    frame = frames(out)[100].astype(int)
    border = frame[60:, :70]
    assert 20 < border.mean() < 130  # half as bright as white
    assert abs(np.diff(border.mean(axis=2), axis=1)).max() < 40  # no edges: the picture itself has some of 255
    assert abs(np.diff(frame[:, 80:560].mean(axis=2), axis=1)).max() > 80


def test_an_upright_film(made, tmp_path):
    make_highlights([made.folder], out := tmp_path / "film.mp4", HighlightOptions(lines=360, portrait=True))
    info = probe(out)
    assert (info.width, info.height) == (360, 640)
    assert abs(number_in(frames(out)[80], 0, 185, 360, 270) - 35) <= 1  # after a title of 60, and a crossfade of 15


def test_slow_motion_shows_each_frame_twice(made, correct, tmp_path):
    correct(made.folder, (0, None), (40, "wave"), (100, None))
    options = HighlightOptions(lines=360, speed=0.5)
    plan = make_highlights([made.folder], out := tmp_path / "film.mp4", options)
    shown, start = frames(out), plan.starts[1]
    assert plan.frame_counts[1] == 120
    for place in (20, 40, 60):
        assert abs(number_in(shown[start + place], *BOX) - (40 + place / 2)) <= 1


def test_each_sound_is_heard_where_its_picture_is(tmp_path):
    loud, silent = tmp_path / "loud.mp4", tmp_path / "silent.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=4"]
    tone = "aevalsrc=0.5*sin(2*PI*600*t)*between(t\\,2\\,3):d=4"  # only in its third second
    ffmpeg(*picture, "-f", "lavfi", "-i", tone, "-pix_fmt", "yuv420p", "-shortest", loud)
    ffmpeg(*picture, "-pix_fmt", "yuv420p", silent)
    folders = [result_of(silent, tmp_path / "a"), result_of(loud, tmp_path / "b")]
    plan = make_highlights(folders, out := tmp_path / "film.mp4", SMALL)
    assert probe(out).has_audio
    samples = samples_of(out)
    assert len(samples) / 8000 == pytest.approx(plan.duration_sec, abs=0.05)
    power = np.convolve(np.abs(samples), np.ones(400) / 400, "same")
    heard = np.flatnonzero(power > 2000) / 8000
    begins = plan.starts[2] / 25 + 2
    assert heard.min() == pytest.approx(begins, abs=0.06)
    assert heard.max() == pytest.approx(begins + 1, abs=0.06)


def test_slow_sound_keeps_its_pitch_and_its_place(tmp_path):
    video = tmp_path / "video.mp4"
    tone = "aevalsrc=0.5*sin(2*PI*600*t)*between(t\\,2\\,3):d=4"
    picture = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=4"]
    ffmpeg(*picture, "-f", "lavfi", "-i", tone, "-pix_fmt", "yuv420p", "-shortest", video)
    options = HighlightOptions(lines=360, speed=0.25)
    plan = make_highlights([result_of(video, tmp_path / "a")], out := tmp_path / "film.mp4", options)
    samples = samples_of(out)
    begins = round((plan.starts[1] / 25 + 8.5) * 8000)
    spectrum = np.abs(np.fft.rfft(samples[begins : begins + 16000]))
    assert spectrum.argmax() / 2 == pytest.approx(600, abs=10)
    assert np.abs(samples[: begins - 8000]).max() < 1000


@pytest.mark.parametrize(
    "source",
    [
        ["-f", "lavfi", "-i", "testsrc=s=3840x2160:r=25:d=1"],
        ["-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=0.04"],
        ["-f", "lavfi", "-i", "testsrc=s=321x241:r=60:d=2"],
        [
            "-f",
            "lavfi",
            "-i",
            "testsrc=s=320x240:r=25:d=4",
            "-vf",
            "select=not(mod(n\\,7))+lt(n\\,30)",
            "-fps_mode",
            "vfr",
        ],
    ],
    ids=["4K", "one frame", "odd sides and 60 a second", "variable rate"],
)
def test_unusual_videos(source, tmp_path):
    video = tmp_path / "video.mp4"
    ffmpeg(*source, "-pix_fmt", "yuv444p", "-c:v", "libx264", "-preset", "ultrafast", video)
    plan = make_highlights([result_of(video, tmp_path / "a")], out := tmp_path / "film.mp4", SMALL)
    assert len(frames(out)) == plan.frame_count


def test_a_stopped_result_gives_what_it_has(tmp_path):
    made = make_result(settings().home, [0] * 6, stopped_at=90)
    plan = make_highlights([made.folder], tmp_path / "film.mp4", SMALL)
    assert plan.shots[-1].end_sec == pytest.approx(made.duration_sec)


def test_only_what_is_on_screen_is_read(made, correct, tmp_path):
    correct(made.folder, *((frame, "wave" if frame % 80 else "walk") for frame in range(0, 240, 40)))
    counts = []

    def count(progress):
        if progress.stage is Stage.WRITE_FILM:
            counts.append(sum("ffmpeg" in process.name() for process in psutil.Process().children()))

    assert len(make_highlights([made.folder], tmp_path / "film.mp4", SMALL, on_progress=count).shots) == 6
    assert max(counts) <= 3  # the encoder, and two shots in a crossfade


def test_a_stop_leaves_nothing(made, tmp_path):
    seen = []

    def stop_in_the_middle(progress):
        seen.append(progress.stage)
        if progress.stage is Stage.WRITE_FILM and progress.fraction > 0.3:
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


def test_labels_that_no_font_has_are_spelled_and_that_is_said(made, correct, tmp_path, monkeypatch, no_system_fonts):
    for name, value in no_system_fonts.items():
        monkeypatch.setenv(name, value)
    _without_glyph.cache_clear()
    correct(made.folder, (0, "跳舞"), (60, None))
    remarks = []
    make_highlights([made.folder], tmp_path / "film.mp4", SMALL, on_remark=remarks.append)
    _without_glyph.cache_clear()
    assert remarks == [SPELLED_FILM_REMARK]


def test_the_plan_on_a_page_is_that_of_the_film(made, tmp_path):
    planned = plan_highlights([apply_corrections(open_annotation(made.folder))], SMALL)
    assert make_highlights([made.folder], tmp_path / "film.mp4", SMALL) == planned


def test_pictures_that_nearly_fill_a_film_are_cropped():
    assert fitted(INFO, (640, 360)) == ((480, 360), False)
    assert fitted(probe_of(1768, 994), (854, 480)) == ((854, 480), True)
    assert fitted(probe_of(1000, 2), (640, 360)) == ((640, 2), False)


def probe_of(width, height):
    return replace(INFO, width=width, height=height)


def test_times_are_written_as_players_write_them():
    assert [clock(seconds) for seconds in (0.9, 65, 3725)] == ["0:00", "1:05", "1:02:05"]
