"""The same seed gives the same initial weights, whatever else runs in the process."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.random import seed_generator


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """In this block, new layers draw their seeds from a generator of their own.

    Keras draws them from Python's global generator, which other threads of a worker use at the same time.
    """
    keras.utils.set_random_seed(seed)
    shared = seed_generator.python_random
    seed_generator.python_random = random.Random(seed)  # noqa: S311 – no secret
    try:
        yield
    finally:
        seed_generator.python_random = shared
