"""Frames hidden and reordered: what the network is then asked is what it would say of such clips."""

import numpy as np
import pytest

from har.clips import ClipSpec
from har.explain.perturbations import answers_in, hidden, reordered
from tests.test_recognition import make_classifier


def test_hidden_frames_stand_still_with_the_one_before():
    assert hidden(20, 10).tolist() == [*range(8), 7, 7, 7, 7, 7, *range(13, 20)]
    assert hidden(20, 0).tolist() == [3, 3, 3, *range(3, 20)]
    assert hidden(20, 19).tolist() == [*range(17), 16, 16, 16]
    assert hidden(2, 1).tolist() == [1, 1]


def test_other_orders_have_the_frames_of_the_clip_and_no_others():
    orders = reordered(20)
    assert sorted(orders["shuffled"]) == list(range(20)) == orders["reversed"].tolist()[::-1]
    assert set(orders["frozen"]) == {10}


@pytest.mark.parametrize(
    ("network", "options"), [("lrcn", {}), ("lrcn", {"wide": True, "motion": True}), ("convlstm", {"plain": True})]
)
def test_each_order_is_answered_as_the_whole_network_would(network, options):
    classifier = make_classifier(network, ClipSpec(6, 64, 64, 0.6), **options)
    clip = np.random.default_rng(0).integers(0, 255, (6, 64, 64, 3), np.uint8)
    orders = np.stack([np.arange(6), *reordered(6).values(), *(hidden(6, place) for place in range(6))])
    told = []
    found = answers_in(classifier, clip, orders, lambda done, total: told.append((done, total)))
    np.testing.assert_allclose(found, np.concatenate([classifier(clip[order][None]) for order in orders]), atol=1e-5)
    assert np.ptp(found, axis=0).max() > 1e-3
    assert told[-1][0] == told[-1][1]
