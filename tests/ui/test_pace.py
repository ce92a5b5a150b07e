"""A job's bar and remaining time, as a page shows them while it follows the job."""

import pytest

from har.progress import TRAINING, Progress, Stage
from ui.pace import Pace, rough_duration

SPANS = {Stage.PREPARE_PLAYER: (0.1, 0.2), Stage.SCORE: (0.25, 0.8), Stage.WRITE_VIDEO: (0.8, 0.98)}


def follow(pace, stage, *seen, total=10.0):
    """Follow a stage. `seen`: how much of 10 was done, and after how many seconds of the job."""
    texts = []
    for done, now_sec in seen:
        pace.follow(Progress(stage, done, total), now_sec)
        texts.append(pace.time_left())
    return texts


def numbers(texts):
    return [int(text.split()[2]) for text in texts if " s left" in text]


def test_stages_take_their_parts_of_the_bar():
    pace = Pace(SPANS)
    follow(pace, Stage.SCORE, (0, 1), (5, 5))
    assert pace.share == pytest.approx(0.525)
    follow(pace, Stage.WRITE_VIDEO, (5, 9))
    assert pace.share == pytest.approx(0.89)


def test_the_bar_does_not_go_back_when_an_earlier_stage_is_repeated():
    pace = Pace(SPANS)
    follow(pace, Stage.SCORE, (10, 5))
    follow(pace, Stage.PREPARE_PLAYER, (0, 6))
    assert pace.share == pytest.approx(0.8)


def test_saving_a_classifier_has_room_in_the_bar():
    pace = Pace(TRAINING)
    follow(pace, Stage.TEST, (10, 5))
    assert pace.share == pytest.approx(0.97)
    follow(pace, Stage.SAVE, (0, 20), total=0.0)
    assert pace.share == pytest.approx(0.97)


def test_time_is_known_once_some_seconds_of_a_stage_have_been_seen():
    assert follow(Pace(), Stage.SCORE, (0, 10), (1, 12), (5, 30)) == ["", "", " · about 20 s left"]


def test_time_counts_down_while_nothing_is_reported():
    seen = [(0, 0), (2, 10), *((2, now_sec) for now_sec in range(11, 51))]
    shown = numbers(follow(Pace(), Stage.SCORE, *seen))
    assert shown[0] == 40
    assert shown == sorted(shown, reverse=True)
    assert set(shown) == {40, 35, 30, 25, 20, 15, 10, 5}


def test_time_never_goes_up_when_a_job_becomes_slower():
    steps = [(done, 10 * done) for done in range(5)] + [(5 + done, 60 + 20 * done) for done in range(5)]
    every_second = [(max(done for done, at in steps if at <= now_sec), now_sec) for now_sec in range(int(steps[-1][1]))]
    shown = numbers(follow(Pace(), Stage.SCORE, *every_second))
    assert shown == sorted(shown, reverse=True)
    assert min(shown) <= 10


def test_a_time_that_proves_far_too_low_is_hidden():
    pace = Pace()
    assert follow(pace, Stage.SCORE, (0, 0), (5, 10)) == ["", " · about 10 s left"]
    assert follow(pace, Stage.SCORE, (5, 21), (5.5, 60)) == ["", ""]


def test_time_of_a_job_includes_the_stages_that_follow():
    (_, left) = follow(Pace(SPANS), Stage.SCORE, (0, 0), (5, 22))
    assert left == " · about 40 s left"  # 22 s of recognising, and 0.2 of the bar at 0.0125 a second


def test_a_small_stage_gives_its_own_time_alone():
    assert follow(Pace(TRAINING), Stage.DECODE, (0, 0), (5, 20))[-1] == " · about 20 s for this step"


def test_a_job_that_starts_again_begins_with_an_empty_bar():
    pace = Pace(SPANS)
    follow(pace, Stage.SCORE, (0, 0), (9, 100))
    assert follow(pace, Stage.PREPARE_PLAYER, (0, 1)) == [""]
    assert pace.share == pytest.approx(0.1)


def test_a_known_time_is_preferred():
    pace = Pace(TRAINING)
    pace.follow(Progress(Stage.TRAIN, 1, 10), 10, 70)
    assert pace.time_left("at most") == " · at most 70 s left"


@pytest.mark.parametrize(
    ("sec", "words"), [(1, "a few seconds"), (31, "about 35 s"), (100, "about 2 min"), (7000, "about 2 h")]
)
def test_durations_are_rounded_up(sec, words):
    assert rough_duration(sec) == words
