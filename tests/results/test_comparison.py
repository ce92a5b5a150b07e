"""A second classifier on a video that is annotated already."""

import shutil

import pytest

from har import annotation, results
from har.classifier import read_card
from har.errors import ClassifierMissing, StopRequested, VideoMissing
from har.results import LabelOptions
from har.timeline import TimelineOptions
from tests.test_annotation import classifier, video  # noqa: F401  its fixtures


@pytest.fixture
def first(video, classifier, tmp_path):  # noqa: F811
    return annotation.annotate(video, tmp_path, classifier, for_page=True)


def test_what_it_says_lies_beside_and_follows_the_settings_but_its_threshold(first):
    before = {path.name for path in first.folder.iterdir()}
    assert results.open_second(first, first.options) is None
    results.annotate_second(first.folder, "lrcn-figures")
    card = read_card("lrcn-figures")
    changed = LabelOptions(timeline=TimelineOptions(threshold=0.9, smooth_sec=0.0))
    second = results.open_second(first, changed)
    assert second.card.title == card.title
    assert second.options.timeline == TimelineOptions(threshold=card.threshold or 0.4, smooth_sec=0.0)
    assert len(second.labelled.frames.times_sec) == len(first.labelled.frames.times_sec)
    results.forget_second(first.folder)
    assert results.open_second(first, changed) is None
    assert {path.name for path in first.folder.iterdir()} == before


def test_labels_are_restricted_alike_where_it_has_all_of_them():
    card = read_card("lrcn-figures")
    assert results.own_options(card, LabelOptions(("wave", "sit down"))).labels == ("Wave", "SitDown")
    assert results.own_options(card, LabelOptions(("wave", "levitating"))).labels is None


def test_one_that_fails_leaves_the_one_before(first, video, tmp_path):  # noqa: F811
    results.annotate_second(first.folder, "lrcn-figures")
    with pytest.raises(ClassifierMissing):
        results.annotate_second(first.folder, "no-such-classifier")

    def stop(event):
        raise StopRequested

    with pytest.raises(StopRequested):
        results.annotate_second(first.folder, "lrcn-figures", on_event=stop)
    aside = video.with_name("aside.mp4")
    shutil.move(video, aside)
    try:
        with pytest.raises(VideoMissing):
            results.annotate_second(first.folder, "lrcn-figures")
    finally:
        shutil.move(aside, video)
    assert results.open_second(first, first.options) is not None
