"""The sample that is shipped as a finished result."""

import numpy as np
import pytest

from har import annotation, results
from har.classifier import load
from har.datasets.figures import make_sample
from har.recognition import score
from har.results import ANNOTATED, bundled_sample
from har.results.samples import sample_path
from har.timeline import load_scores
from har.video import probe


def test_the_stored_scores_are_what_the_shipped_classifier_says_today(tmp_path):
    """Of the shipped file, and of the sample as it is drawn today. If it fails: `make pictures`."""
    classifier, stored = load(bundled_sample.CLASSIFIER), load_scores(bundled_sample.STORED)
    drawn = tmp_path / "drawn.mp4"
    make_sample(drawn, bundled_sample.SAMPLE)
    for video, apart in ((bundled_sample.VIDEO, 1e-3), (drawn, 0.02)):
        now = score(probe(video), classifier)
        assert now.scores.labels == stored.scores.labels
        np.testing.assert_allclose(now.scores.start_sec, stored.scores.start_sec)
        np.testing.assert_allclose(now.scores.probabilities, stored.scores.probabilities, atol=apart)
        np.testing.assert_allclose(now.times_sec, stored.times_sec)


@pytest.fixture
def opened(tmp_path):
    results.open_sample(tmp_path / "job")
    return results.open_annotation(tmp_path / "job")


def test_it_opens_as_a_result_like_any_other(opened):
    assert results.to_play(opened.folder).read_bytes() == bundled_sample.VIDEO.read_bytes()
    assert opened.info.path == sample_path(bundled_sample.SAMPLE)
    assert opened.info.path.exists()
    assert (opened.folder / results.CSV).read_text() == results.export_text(opened, results.CSV)
    found = results.against_truth(opened)
    assert found is not None
    assert found.unknown == ()
    assert found.measures.edit_score == 1


def test_labels_can_be_burned_in_afterwards(opened):
    annotation.burn_again(opened.folder, opened.options)
    assert probe(opened.folder / ANNOTATED).frame_count == opened.info.frame_count


def test_a_sample_that_was_drawn_already_stays(opened, tmp_path):
    path = sample_path(bundled_sample.SAMPLE)
    path.write_bytes(bundled_sample.VIDEO.read_bytes() + b"\0\0\0\x08free")
    results.open_sample(tmp_path / "another")
    assert path.read_bytes().endswith(b"free")
    path.unlink()
