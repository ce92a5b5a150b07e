"""Clips with hidden and reordered frames have the probabilities of the whole network for such clips."""

import numpy as np
import pytest

from har.clips import ClipSpec
from har.evaluation import ORDERS
from har.explain.perturbations import order_hiding, probabilities_of_orders
from tests.test_recognition import make_classifier


def test_hidden_frames_are_replaced_by_the_one_before():
    assert order_hiding(20, 10).tolist() == [*range(8), 7, 7, 7, 7, 7, *range(13, 20)]
    assert order_hiding(20, 0).tolist() == [3, 3, 3, *range(3, 20)]
    assert order_hiding(20, 19).tolist() == [*range(17), 16, 16, 16]
    assert order_hiding(2, 1).tolist() == [1, 1]


def test_other_orders_use_only_frames_of_the_clip():
    orders = {name: order(np.arange(20)) for name, order in ORDERS.items()}
    assert sorted(orders["shuffled"]) == list(range(20)) == orders["reversed"].tolist()[::-1]
    assert set(orders["frozen"]) == {10}


@pytest.mark.training
@pytest.mark.parametrize(
    ("network", "options"), [("lrcn", {}), ("lrcn", {"wide": True, "motion": True}), ("convlstm", {"plain": True})]
)
def test_each_order_has_the_probabilities_of_the_whole_network(network, options):
    classifier = make_classifier(network, ClipSpec(6, 64, 64, 0.6), **options)
    clip = np.random.default_rng(0).integers(0, 255, (6, 64, 64, 3), np.uint8)
    others = [order(np.arange(6)) for order in ORDERS.values()]
    orders = np.stack([np.arange(6), *others, *(order_hiding(6, place) for place in range(6))])
    batches = []
    found = probabilities_of_orders(classifier, clip, orders, lambda done, total: batches.append((done, total)))
    np.testing.assert_allclose(found, np.concatenate([classifier(clip[order][None]) for order in orders]), atol=1e-5)
    assert np.ptp(found, axis=0).max() > 1e-3
    assert batches[-1][0] == batches[-1][1]
