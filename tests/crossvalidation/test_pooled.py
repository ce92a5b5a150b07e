from statistics import stdev

import pytest

from har.crossvalidation import Pooled
from har.evaluation import Proportion


def row(seed, right, count, shuffled=1):
    return {"seed": seed, "right": right, "count": count, "orders": {"shuffled": shuffled}}


def test_more_seeds_do_not_narrow_the_interval():
    one = Pooled([row(0, 8, 10), row(0, 4, 10)])
    two = Pooled([*one.rows, row(1, 6, 10), row(1, 6, 10)])
    assert (one.accuracy, one.clips) == (0.6, 20)
    assert (two.accuracy, two.clips) == (0.6, 20)
    assert one.interval == two.interval == Proportion(12, 20).interval


def test_folds_are_weighted_by_their_clips():
    assert Pooled([row(0, 9, 10), row(0, 0, 90)]).accuracy == pytest.approx(0.09)


def test_standard_deviations_of_seeds_and_of_trainings():
    pooled = Pooled([row(0, 8, 10), row(0, 4, 10), row(1, 10, 10), row(1, 10, 10)])
    assert pooled.shares == [0.6, 1.0]
    assert pooled.spread == pytest.approx(stdev([0.6, 1.0]))
    assert pooled.fold_spread == pytest.approx(stdev([0.8, 0.4, 1.0, 1.0]))
    assert Pooled([row(0, 1, 2)]).spread is None
    assert Pooled([row(0, 1, 2)]).fold_spread is None
    assert pooled.shuffled == 0.1
