"""Comparing with a second classifier."""

import pytest

from har import results
from har.classifier import read_card
from har.errors import ClassifierMissing, StopRequested, VideoMissing
from har.results import LabelOptions
from har.timeline import TimelineOptions
from tests.ui.shared_pages import annotated


@pytest.fixture
def first():
    return results.open_annotation(annotated().folder)


@pytest.mark.training
def test_comparison_follows_the_options_except_for_the_threshold(first):
    before = {path.name for path in first.folder.iterdir()}
    assert results.open_comparison(first, first.options) is None
    results.add_comparison(first.folder, "lrcn-figures")
    card = read_card("lrcn-figures")
    changed = LabelOptions(timeline=TimelineOptions(threshold=0.9, smooth_sec=0.0))
    second = results.open_comparison(first, changed)
    assert second.card.title == card.title
    assert second.options.timeline == TimelineOptions(threshold=card.threshold or 0.4, smooth_sec=0.0)
    assert len(second.labelled.frames.times_sec) == len(first.labelled.frames.times_sec)
    results.remove_comparison(first.folder)
    assert results.open_comparison(first, changed) is None
    assert {path.name for path in first.folder.iterdir()} == before


def test_comparison_has_the_same_labels_if_the_classifier_has_all_of_them():
    card = read_card("lrcn-figures")
    assert results.comparison_options(card, LabelOptions(("wave", "sit down"))).labels == ("Wave", "SitDown")
    assert results.comparison_options(card, LabelOptions(("wave", "levitating"))).labels is None


@pytest.mark.training
def test_failed_comparison_leaves_the_earlier_one(first):
    results.add_comparison(first.folder, "lrcn-figures")
    with pytest.raises(ClassifierMissing):
        results.add_comparison(first.folder, "no-such-classifier")

    def stop(progress):
        raise StopRequested

    with pytest.raises(StopRequested):
        results.add_comparison(first.folder, "lrcn-figures", on_progress=stop)
    first.info.path.unlink()
    with pytest.raises(VideoMissing):
        results.add_comparison(first.folder, "lrcn-figures")
    assert results.open_comparison(first, first.options) is not None
