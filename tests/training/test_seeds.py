import random
from contextlib import nullcontext

import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.training.seeds import seeded

pytestmark = pytest.mark.training

SPEC = ClipSpec(frames=2, height=64, width=64)


def initial_weights(seed: int | None, other_draws: int = 0) -> np.ndarray:
    with seeded(seed) if seed is not None else nullcontext():
        for _ in range(other_draws):
            random.random()  # as another thread might
        return np.concatenate([weight.ravel() for weight in networks.build("lrcn", 3, SPEC).get_weights()])


def test_initial_weights_depend_on_the_seed_alone() -> None:
    np.testing.assert_array_equal(initial_weights(3), initial_weights(3, other_draws=1))
    assert (initial_weights(3) != initial_weights(4)).any()


def test_afterwards_layers_draw_from_the_global_generator_again() -> None:
    with seeded(5):
        pass
    weights = []
    for _ in range(2):
        random.seed(7)
        weights.append(initial_weights(None))
    np.testing.assert_array_equal(*weights)
