import random

import numpy as np

from har import networks
from har.clips import ClipSpec
from har.training.seeds import seeded

SPEC = ClipSpec(frames=2, height=64, width=64)


def first_weights(seed: int, disturbed: bool) -> list[np.ndarray]:
    with seeded(seed):
        if disturbed:
            random.random()  # as another thread might
        weights: list[np.ndarray] = networks.build("lrcn", 3, SPEC).get_weights()
    return weights


def test_what_others_draw_changes_nothing() -> None:
    alone, beside_others, other_seed = first_weights(3, False), first_weights(3, True), first_weights(4, False)
    for one, same in zip(alone, beside_others, strict=True):
        np.testing.assert_array_equal(one, same)
    assert any(not np.array_equal(one, other) for one, other in zip(alone, other_seed, strict=True))


def test_afterwards_new_layers_draw_as_ever() -> None:
    with seeded(5):
        pass
    random.seed(7)
    drawn = networks.build("lrcn", 3, SPEC).get_weights()
    random.seed(7)
    for one, same in zip(drawn, networks.build("lrcn", 3, SPEC).get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)
