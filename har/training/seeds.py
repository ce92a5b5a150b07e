"""The same seed, the same first weights, whatever else runs in the process."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.random import seed_generator


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it, new layers draw their seeds from a generator of their own.

    Keras draws them from Python's one generator. In a worker other threads draw from that too, and in between.

    Args:
        seed: of that generator, and of the ones that `keras.utils.set_random_seed` knows.
    """
    keras.utils.set_random_seed(seed)
    shared = seed_generator.python_random
    seed_generator.python_random = random.Random(seed)  # noqa: S311 – no secret
    try:
        yield
    finally:
        seed_generator.python_random = shared
