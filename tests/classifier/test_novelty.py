"""'None of these': which windows are unlike the training clips."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.classifier import Classifier, read_card
from har.classifier.card import write_card
from har.classifier.novelty import KnownClip, Novelty, fit_novelty, neighbours, smoothed
from har.clips import ClipSpec
from har.errors import ClassifierDamaged
from har.networks.parts import ENCODER, HEAD, PUBLISHED_LABELS
from har.recognition import score
from har.video import probe, write_video
from tests.classifier.conftest import CARD

PUBLISHED = 30  # labels
RUN, SIT = 0, 1


def distribution(place: int, share: float = 0.9) -> np.ndarray:
    """Most of the probability on one published label, the rest on all."""
    rows = np.full(PUBLISHED, (1 - share) / (PUBLISHED - 1))
    rows[place] = share
    return rows


def clips(recordings: int = 8) -> tuple[list[np.ndarray], list[int], list[str]]:
    """Recordings of 'run', which look like published label 3, and of 'sit', which look like 7; three windows each."""
    random = np.random.default_rng(0)
    of_each = [(label, place, f"g{number}") for label, place in ((RUN, 3), (SIT, 7)) for number in range(recordings)]
    windows = [
        np.stack([distribution(place, share) for share in random.uniform(0.6, 0.9, 3)]) for _, place, _ in of_each
    ]
    return windows, [label for label, _, _ in of_each], [recording for _, _, recording in of_each]


def fitted() -> Novelty:
    return fit_novelty(*clips(), 1)


def is_novel(novelty: Novelty, windows: list[np.ndarray], labels: list[int]) -> list[bool]:
    return (novelty.distances(np.stack(windows), np.array(labels)) > 1).tolist()


@pytest.mark.promise("numbers", "A head on MoViNet says 'none of these' to what is unlike its training clips")
def test_windows_unlike_all_training_clips_are_novel():
    windows = [distribution(3, 0.75), distribution(20), distribution(7, 0.75)]
    assert is_novel(fitted(), windows, [RUN, RUN, SIT]) == [False, True, False]


def test_a_window_is_compared_with_the_clips_of_its_own_label():
    assert is_novel(fitted(), [distribution(7)], [RUN]) == [True]


def test_few_windows_of_the_training_clips_lie_beyond_the_limit():
    windows, labels, recordings = clips(60)
    novelty = fit_novelty(windows, labels, recordings, 0)
    lost = np.mean(is_novel(novelty, list(np.concatenate(windows)), np.repeat(labels, 3).tolist()))
    assert 0.04 < lost < 0.11


def test_neighbours_of_the_same_shot_count():
    distances, shots = np.array([0.0, 3.0, 0.0, 6.0, 0.0]), np.array([0, 0, 0, 1, 1])
    np.testing.assert_allclose(smoothed(distances, shots, 1), [1.5, 1.0, 1.5, 3.0, 3.0])
    np.testing.assert_allclose(smoothed(distances, shots, 0), distances)
    np.testing.assert_allclose(smoothed(distances, shots, 9), [1, 1, 1, 3, 3])


def test_neighbours_begin_at_most_half_a_window_earlier():
    spec = ClipSpec(frames=15, height=8, width=8, span_sec=3.0)
    assert [neighbours(spec, stride) for stride in (1, 3, 7, 8, 15)] == [7, 2, 1, 0, 0]


def test_the_limit_comes_from_other_recordings():
    """Clips of one recording are alike, which says nothing about others."""
    windows, labels, _ = clips(6)
    places = [3, 3, 3, 10, 10, 10, 7, 7, 7, 12, 12, 12]
    windows = [np.stack([distribution(place)] * 2) for place in places]
    alike = fit_novelty(windows, labels, list(range(12)), 0)
    grouped = fit_novelty([*windows, *windows], labels * 2, [str(place) for place in places] * 2, 0)
    assert grouped.limit > alike.limit


def test_too_few_other_recordings_give_no_limit():
    assert fit_novelty(*clips(5), 0) is None
    windows, labels, _ = clips(8)
    assert fit_novelty(windows, labels, ["one"] * 16, 0) is None


def test_many_clips_are_thinned_out():
    novelty = fit_novelty(*clips(150), 0)
    assert len(novelty.clips) == 200
    assert {clip.label for clip in novelty.clips} == {RUN, SIT}


def test_without_a_label_its_clips_do_not_count():
    assert is_novel(fitted().without(SIT), [distribution(7)], [SIT]) == [True]


class Pixel:
    """Features of a frame: its first pixel."""

    input_shape = (2, 2, 3)

    def __call__(self, frames):
        return frames[:, 0, 0, :1].astype(np.float32)


class Half:
    """The first label in dark windows, the second in bright ones."""

    input_shape = (4, 1)

    def __call__(self, windows):
        bright = windows.mean(axis=(1, 2)) > 100
        return np.where(bright[:, None], np.float32([0.2, 0.8]), np.float32([0.8, 0.2]))


class Seen:
    """Published labels: 3 in black windows, 20 in grey ones, 7 in white ones."""

    input_shape = (4, 1)

    def __call__(self, windows):
        level = np.digitize(windows.mean(axis=(1, 2)), [50, 200])
        return np.stack([distribution((3, 20, 7)[each]) for each in level]).astype(np.float32)


@pytest.fixture
def classifier():
    spec = ClipSpec(frames=4, height=2, width=2, span_sec=1.0)
    card = replace(CARD, labels=("run", "sit"), spec=spec, novelty=fitted(), temperature=1.5)
    return Classifier(card, {ENCODER: Pixel(), HEAD: Half(), PUBLISHED_LABELS: Seen()})


def film(*levels: int) -> np.ndarray:
    return np.stack([np.full((4, 2, 2, 3), level, np.uint8) for level in levels])


def test_novelty_of_windows(classifier):
    features = classifier.encode(np.concatenate(film(0, 90, 255))).reshape(3, 4, 1)
    probabilities = classifier.classify(features)
    assert (classifier.novelty(features, probabilities) > 1).tolist() == [False, True, False]
    plain = Classifier(replace(classifier.card, novelty=None), classifier._parts)
    assert plain.novelty(features, probabilities).tolist() == [0, 0, 0]


def test_a_video_gets_no_label_where_it_is_unlike_the_training_clips(classifier, tmp_path):
    levels = [0] * 40 + [90] * 40 + [255] * 40
    write_video(tmp_path / "film.mp4", (np.full((16, 16, 3), level, np.uint8) for level in levels), Fraction(10))
    so_far = []
    info = probe(tmp_path / "film.mp4")
    scores = score(info, classifier, on_scores=lambda get: so_far.append(get()), find_cuts=False).scores
    middle = (scores.start_sec + scores.end_sec) / 2
    for low, high, label in ((0, 3, RUN), (5, 7, None), (9, 12, SIT)):
        rows = scores.probabilities[(middle > low) & (middle < high)]
        assert len(rows) > 2
        assert (rows.argmax(axis=1) == label).all() if label is not None else not rows.any()
    assert so_far
    for earlier in so_far:  # what was shown does not change
        np.testing.assert_array_equal(earlier.probabilities, scores.probabilities[: len(earlier.probabilities)])


def test_the_published_head_answers_as_published(classifier):
    published = classifier.as_published()
    assert published(film(90)).shape == (1, PUBLISHED)
    np.testing.assert_allclose(published(film(90))[0], distribution(20), rtol=1e-5)
    assert Classifier(classifier.card, {ENCODER: Pixel(), HEAD: Half()}).as_published() is None


def test_a_card_keeps_it(tmp_path: Path, classifier):
    write_card(tmp_path / "card.json", classifier.card)
    assert read_card(tmp_path).novelty == classifier.card.novelty


@pytest.mark.parametrize(
    "novelty",
    [
        Novelty(0.0, (KnownClip(0, (3,), (1.0,)),)),
        Novelty(1.0, ()),
        Novelty(1.0, (KnownClip(len(CARD.labels), (3,), (1.0,)),)),
        Novelty(1.0, (KnownClip(0, (-1,), (1.0,)),)),
        Novelty(1.0, (KnownClip(0, (10**9,), (1.0,)),)),
        Novelty(1.0, (KnownClip(0, (3, 4), (1.0,)),)),
        Novelty(1.0, (KnownClip(0, (3,), (0.0,)),)),
        Novelty(1.0, (KnownClip(0, (), ()),)),
    ],
)
def test_a_card_with_an_invalid_one_is_refused(tmp_path: Path, novelty):
    write_card(tmp_path / "card.json", replace(CARD, novelty=novelty))
    with pytest.raises(ClassifierDamaged, match="training clips"):
        read_card(tmp_path)
