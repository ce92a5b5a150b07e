"""Sample videos: several actions in one shot, and their ground truth."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from har.datasets.figures import ACTIONS, REVERSED, SAMPLES, draw_sequence, make_sample, true_segments
from har.datasets.figures.dataset_files import GROUPS
from har.datasets.figures.samples import Sample
from har.errors import OptionsError
from har.video import probe

pytestmark = pytest.mark.media


def test_the_first_sample_is_thirty_seconds_of_six_actions() -> None:
    segments = true_segments(SAMPLES["six-actions"].actions)
    assert len({segment.label for segment in segments}) == 6
    assert (segments[0].start_sec, segments[-1].end_sec) == (0, 30)


@pytest.mark.parametrize("name", SAMPLES)
def test_segments_have_no_gaps_opposites_follow_each_other_and_the_actor_is_not_in_the_data_set(name: str) -> None:
    sample = SAMPLES[name]
    assert sample.group not in GROUPS
    segments = true_segments(sample.actions)
    assert segments[0].start_sec == 0
    assert all(before.end_sec == after.start_sec for before, after in pairwise(segments))
    labels = [segment.label for segment in segments]
    assert set(labels) <= set(ACTIONS)
    for backwards, forwards in REVERSED.items():
        before = [labels[index - 1] for index, label in enumerate(labels) if label == backwards]
        assert before == [forwards] * labels.count(backwards)


def test_a_sequence_is_one_shot_without_jumps_and_reproducible() -> None:
    actions = [("Wave", 1.6), ("Squat", 1.6), ("Wave", 1.6), ("Punch", 1.6)]
    frames = np.stack(list(draw_sequence(26, actions)))
    assert frames.shape == (160, 240, 320, 3)
    change = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean(axis=(1, 2, 3))
    assert change.max() < 1.8 * np.percentile(change, 95)  # 3 if actions are joined without blending
    assert all(np.array_equal(*pair) for pair in zip(frames[:30], draw_sequence(26, actions), strict=False))


def test_a_sample_file_is_as_long_as_its_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAMPLES, "short", Sample("Short", 28, (("Wave", 1.0), ("Squat", 1.0))))
    segments = make_sample(tmp_path / "sample.mp4", "short")
    assert segments[-1].end_sec == 2.0
    info = probe(tmp_path / "sample.mp4")
    assert info.fps == Fraction(25)
    assert info.duration_sec == pytest.approx(2.0, abs=0.05)


def test_an_unknown_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="six-actions"):
        make_sample(tmp_path / "sample.mp4", "ballet")
