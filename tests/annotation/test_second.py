"""A second classifier on a video that is annotated already."""

import shutil

import pytest

from har import annotation
from har.annotation import LabelOptions
from har.classifier import read_card
from har.errors import ClassifierMissing, StopRequested, VideoMissing
from har.timeline import TimelineOptions
from tests.annotation.test_run import classifier, video  # noqa: F401  its fixtures


@pytest.fixture
def first(video, classifier, tmp_path):  # noqa: F811
    return annotation.annotate(video, tmp_path, classifier, for_page=True)


def test_what_it_says_lies_beside_and_follows_the_settings_but_its_threshold(first):
    before = {path.name for path in first.folder.iterdir()}
    assert annotation.open_second(first, first.options) is None
    annotation.annotate_second(first.folder, "lrcn-figures")
    card = read_card("lrcn-figures")
    changed = LabelOptions(timeline=TimelineOptions(threshold=0.9, smooth_sec=0.0))
    second = annotation.open_second(first, changed)
    assert second.card.title == card.title
    assert second.options.timeline == TimelineOptions(threshold=card.threshold or 0.4, smooth_sec=0.0)
    assert len(second.labelled.frames.times_sec) == len(first.labelled.frames.times_sec)
    annotation.forget_second(first.folder)
    assert annotation.open_second(first, changed) is None
    assert {path.name for path in first.folder.iterdir()} == before


def test_labels_are_restricted_alike_where_it_has_all_of_them():
    card = read_card("lrcn-figures")
    assert annotation.own_options(card, LabelOptions(("wave", "sit down"))).labels == ("Wave", "SitDown")
    assert annotation.own_options(card, LabelOptions(("wave", "levitating"))).labels is None


def test_one_that_fails_leaves_the_one_before(first, video, tmp_path):  # noqa: F811
    annotation.annotate_second(first.folder, "lrcn-figures")
    with pytest.raises(ClassifierMissing):
        annotation.annotate_second(first.folder, "no-such-classifier")

    def stop(event):
        raise StopRequested

    with pytest.raises(StopRequested):
        annotation.annotate_second(first.folder, "lrcn-figures", on_event=stop)
    aside = video.with_name("aside.mp4")
    shutil.move(video, aside)
    try:
        with pytest.raises(VideoMissing):
            annotation.annotate_second(first.folder, "lrcn-figures")
    finally:
        shutil.move(aside, video)
    assert annotation.open_second(first, first.options) is not None
