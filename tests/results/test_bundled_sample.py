"""The sample that is bundled with its finished result."""

from pathlib import Path

import numpy as np
import pytest

from har import results
from har.classifier import load
from har.datasets.figures import make_sample
from har.exports import FORMATS
from har.recognition import score
from har.results import bundled_sample
from har.results.samples import sample_ground_truth, sample_path
from har.timeline import load_scores
from har.video import probe


@pytest.mark.training
@pytest.mark.promise("display", "The bundled sample result equals what its classifier says today")
def test_bundled_scores_equal_those_of_the_bundled_classifier(tmp_path):
    """For the bundled file and for a newly drawn one. If it fails: `make pictures`."""
    classifier, stored = load(bundled_sample.CLASSIFIER), load_scores(bundled_sample.SCORES_FILE)
    drawn = tmp_path / "drawn.mp4"
    make_sample(drawn, bundled_sample.SAMPLE)
    for video, tolerance in ((bundled_sample.VIDEO_FILE, 1e-3), (drawn, 0.02)):
        now = score(probe(video), classifier)
        assert now.scores.labels == stored.scores.labels
        np.testing.assert_allclose(now.scores.start_sec, stored.scores.start_sec)
        np.testing.assert_allclose(now.scores.probabilities, stored.scores.probabilities, atol=tolerance)
        np.testing.assert_allclose(now.times_sec, stored.times_sec)


@pytest.fixture
def opened(tmp_path):
    results.copy_bundled_sample(tmp_path / "job")
    return results.open_annotation(tmp_path / "job")


def test_bundled_sample_opens_like_any_result(opened):
    assert results.playable_file(opened.folder).read_bytes() == bundled_sample.VIDEO_FILE.read_bytes()
    assert opened.info.path == sample_path(bundled_sample.SAMPLE)
    assert opened.info.path.exists()
    assert (opened.folder / FORMATS["csv"].file_name).read_text() == results.export_text(opened, "csv")
    comparison = results.compare_with_ground_truth(opened)
    assert comparison.unknown == ()
    assert comparison.metrics.edit_score == 1


def test_an_existing_sample_is_not_replaced(opened, tmp_path):
    path = sample_path(bundled_sample.SAMPLE)
    path.write_bytes(bundled_sample.VIDEO_FILE.read_bytes() + b"\0\0\0\x08free")
    results.copy_bundled_sample(tmp_path / "another")
    assert path.read_bytes().endswith(b"free")
    path.unlink()


@pytest.mark.parametrize("path", [Path("/somewhere/delivery.mp4"), sample_path("another").absolute()])
def test_ground_truth_of_other_videos_is_unknown_whatever_their_name(path):
    assert sample_ground_truth(path) is None
