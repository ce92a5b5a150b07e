"""A wall of classes: each clip in its cell with its label, from its middle, repeated if it is short."""

from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

from har.cli import main
from har.datasets import LabelledVideo, one_per_class, open_dataset
from har.errors import NotAVideo, OptionsError, StopRequested
from har.progress import Stage
from har.reels import find_montage, make_montage, montage_job
from har.reels.montage import _columns
from har.video import probe, write_video
from tests.reels.conftest import number_in
from tests.render.conftest import frames_of
from tests.video.barcode import barcode

pytestmark = pytest.mark.media


def dataset(folder, *lengths):
    """A clip of so many numbered frames in each class."""
    for number, length in enumerate(lengths):
        clips = folder / f"class{number}"
        write_video(clips / "clip.mp4", (barcode(frame) for frame in range(length)), Fraction(25))
    return folder


def numbers(wall, columns, count):
    """What the cells of each frame show."""
    width, height = 320, 240
    row = height + 29 + 3 * 4
    cells = [(number % columns * (width + 4), number // columns * row, width, height) for number in range(count)]
    return np.array([[number_in(frame, *cell) for cell in cells] for frame in wall])


def test_a_wall_shows_the_middle_of_each_clip_and_repeats_short_ones(tmp_path):
    folder = dataset(tmp_path / "data", 200, 30, 100)
    videos = sorted(open_dataset(str(folder)).videos, key=lambda video: video.label)
    shown = make_montage(videos, out := tmp_path / "wall.mp4")
    assert shown == videos
    info, wall = probe(out), frames_of(out)
    assert (info.width, info.height, len(wall), info.fps) == (3 * 324, 282, 100, 25)
    assert info.plays_in_browsers
    long, short, exact = numbers(wall, 3, 3).T
    assert (long == np.arange(50, 150)).all()
    assert (short == np.arange(100) % 30).all()
    assert (exact == np.arange(100)).all()
    for column in range(3):  # each has a caption below
        assert (wall[0][241:270, column * 324 : column * 324 + 320].min(axis=2) > 180).sum() > 100


def test_a_gif_repeats_for_ever(tmp_path):
    folder = dataset(tmp_path / "data", 60)
    make_montage(open_dataset(str(folder)).videos, out := tmp_path / "wall.gif")
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in out.read_bytes()
    assert len(frames_of(out)) == 50
    assert probe(out).duration_sec == pytest.approx(4.0)


def test_rows_are_filled_where_that_is_possible():
    assert [_columns(count) for count in (1, 2, 3, 6, 10, 12, 20, 30, 60)] == [1, 2, 3, 3, 5, 4, 5, 6, 9]


def test_the_same_seed_chooses_the_same_classes_and_clips(tmp_path):
    videos = [LabelledVideo(tmp_path / f"{label}{clip}.mp4", f"class{label}") for label in range(30) for clip in "abc"]
    chosen = one_per_class(videos, 20, seed=3)
    assert len({video.label for video in chosen}) == 20
    assert one_per_class(videos, 20, seed=3) == chosen
    assert one_per_class(videos, 20, seed=4) != chosen
    assert len(one_per_class(videos)) == 30


def test_a_clip_that_cannot_be_read_is_left_out(tmp_path):
    folder = dataset(tmp_path / "data", 60, 60)
    (folder / "class0/clip.mp4").write_bytes(b"no video")
    videos, remarks = open_dataset(str(folder)).videos, []
    shown = make_montage(videos, out := tmp_path / "wall.mp4", on_remark=remarks.append)
    assert [video.label for video in shown] == ["class1"]
    assert len(remarks) == 1
    assert remarks[0].startswith("class0 is left out: ")
    assert len(frames_of(out)) == 100
    with pytest.raises(NotAVideo):
        make_montage(videos[:1], tmp_path / "other.mp4")
    assert not (tmp_path / "other.mp4").exists()


def test_the_number_of_clips_is_limited(tmp_path, override):
    override(max_wall_classes=2)
    videos = [LabelledVideo(tmp_path / "a.mp4", str(number)) for number in range(3)]
    for wrong in (videos, []):
        with pytest.raises(OptionsError, match="HAR_MAX_WALL_CLASSES"):
            make_montage(wrong, tmp_path / "wall.mp4")


def test_a_stop_leaves_nothing(tmp_path):
    videos = open_dataset(str(dataset(tmp_path / "data", 60))).videos

    def stop(progress):
        if progress.stage is Stage.WRITE_FILM:
            raise StopRequested

    with pytest.raises(StopRequested):
        montage_job(videos, on_progress=stop)
    assert find_montage(videos) is None
    assert montage_job(videos) == ()
    assert len(frames_of(find_montage(videos))) == 100
    write_video(videos[0].path, (barcode(frame) for frame in range(50)), Fraction(25))
    assert find_montage(videos) is None  # another clip of the same name


def test_the_command(tmp_path):
    folder = dataset(tmp_path / "data", 60, 60, 60)
    out = tmp_path / "wall.mp4"
    done = CliRunner().invoke(main, ["montage", str(folder), "--classes", "2", "--seed", "1", "--out", str(out)])
    assert done.output == f"2 classes, written to {out}\n"
    done = CliRunner().invoke(main, ["montage", str(folder), "--out", str(tmp_path / "wall.webm")])
    assert done.exit_code == 2
    assert "Films are written as .mp4 or .gif." in done.output
