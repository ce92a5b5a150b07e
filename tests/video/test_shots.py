"""Cuts are found on the frames that are decoded for something else, and each sample belongs to one shot."""

import os
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from har.video import probe, read_frames, write_video
from tests.video.conftest import FORMATS, ffmpeg

SHOTS = (20, 13, 9, 28)  # frames; the third is black
FIRSTS = [20, 33, 42]


def scene(shot, step):
    """Coloured blocks that move sideways; their mean colour shows which shot it is."""
    blocks = np.random.default_rng(shot).integers(0, 256, (6, 8, 3))
    picture = blocks.repeat(20, 0).repeat(20, 1)
    bright = (picture - picture.mean((0, 1))) / 2 + (60 + 50 * shot)
    return np.roll(bright.clip(0, 255).astype(np.uint8) if shot != 2 else np.zeros_like(picture, np.uint8), step, 1)


LEVELS = np.array([scene(shot, 0).mean() for shot in range(len(SHOTS))])


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    path = tmp_path_factory.mktemp("edited") / "edited.mp4"
    frames = (scene(shot, step) for shot, count in enumerate(SHOTS) for step in range(count))
    write_video(path, frames, Fraction(25))
    return path


def read(path, fps=Fraction(10), **options):
    with read_frames(probe(path), size=(60, 80), fps=fps, collect_times=True, **options) as reader:
        return reader, list(reader)


@pytest.fixture(scope="module")
def encoded(edited):
    def encode(name):
        ffmpeg("-i", edited, *FORMATS[name].split(), edited.with_name(name))
        return probe(edited.with_name(name))

    return cache(encode)


@pytest.mark.parametrize("fps", [Fraction(4), Fraction(25, 2), Fraction(40)])
@pytest.mark.parametrize("name", ["h264.mp4", "late.mp4", "ntsc.mkv", "variable.mkv", "xvid.avi", "mpeg2.ts"])
def test_every_sample_belongs_to_the_shot_that_it_shows(encoded, name, fps):
    shots = []
    with read_frames(encoded(name), size=(60, 80), fps=fps, collect_times=True, find_cuts=True) as reader:
        for number, frame in enumerate(reader):
            shots.append(sum(cut.sample <= number for cut in reader.cuts))  # all cuts up to here are known
            assert shots[-1] == np.abs(LEVELS - frame.mean()).argmin(), number
    assert [cut.frame for cut in reader.cuts] == FIRSTS
    assert [cut.time_sec for cut in reader.cuts] == reader.times_sec[FIRSTS].tolist()
    assert set(shots) == {0, 1, 2, 3}


def test_finding_cuts_does_not_change_the_samples(edited):
    with_cuts, without = read(edited, find_cuts=True), read(edited)
    np.testing.assert_array_equal(with_cuts[1], without[1])
    np.testing.assert_array_equal(with_cuts[0].times_sec, without[0].times_sec)
    assert len(with_cuts[0].cuts) == 3
    assert not without[0].cuts


def test_motion_a_flash_another_exposure_and_stutter_are_no_cuts(source, tmp_path):
    light = [0] * 20 + [80] + [0] * 20 + [60] * 20
    flash = ((scene(0, step) // 2 + extra).astype(np.uint8) for step, extra in enumerate(light))
    write_video(tmp_path / "flash.mp4", flash, Fraction(25))
    write_video(tmp_path / "stutter.mp4", (scene(0, 3 * (step // 5)) for step in range(60)), Fraction(25))
    for path in (source, tmp_path / "flash.mp4", tmp_path / "stutter.mp4"):  # each frame of `source` is another number
        assert not read(path, find_cuts=True)[0].cuts, path.name


def open_pipes():
    links = (f"/dev/fd/{name}" for name in os.listdir("/dev/fd"))
    return sum(os.path.exists(link) and os.readlink(link).startswith("pipe:") for link in links)


def test_leaving_early_closes_the_pipe(edited):
    before = open_pipes()
    with read_frames(probe(edited), size=(60, 80), fps=Fraction(25), find_cuts=True) as reader:
        next(reader)
        assert open_pipes() > before
    assert open_pipes() == before


def test_ffmpeg_never_waits_for_a_pipe_that_is_not_read(tmp_path):
    fast = (scene(shot, step) for shot in (0, 1) for step in range(200))
    write_video(tmp_path / "fast.mp4", fast, Fraction(1000))  # many small copies between two samples
    reader, samples = read(tmp_path / "fast.mp4", Fraction(5), find_cuts=True)
    assert [cut.frame for cut in reader.cuts] == [200]
    assert len(samples) == 2
