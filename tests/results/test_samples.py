"""The ground truth of generated samples."""

from pathlib import Path

import pytest

from har.results.samples import sample_ground_truth, sample_path


def test_ground_truth_of_samples_is_known() -> None:
    truth = sample_ground_truth(sample_path("delivery").absolute())
    assert truth is not None
    assert [part.label for part in truth.segments] == ["Walk", "PickUp", "PutDown", "Wave"]
    assert truth.duration_sec == pytest.approx(17)


@pytest.mark.parametrize("path", [Path("/somewhere/delivery.mp4"), sample_path("another").absolute()])
def test_ground_truth_of_other_videos_is_unknown_whatever_their_name(path: Path) -> None:
    assert sample_ground_truth(path) is None
