"""Training, four clips at a time, with the same weights."""

import keras
import numpy as np

from benchmarks import tutorial
from benchmarks.table.rows import Bench, Found, in_turn
from har import networks
from har.clips import ClipSpec
from har.recipe import recipe_for
from har.training import EpochDone
from har.training.examples import Examples
from har.training.loop import fit

LABELS = 4


def lrcn(bench: Bench) -> Found:
    """The CNN for each frame, and an LSTM."""
    return _compared(bench, "lrcn", tutorial.lrcn(LABELS), bench.size(120, 8))


def convlstm(bench: Bench) -> Found:
    """LSTMs whose states are images."""
    return _compared(bench, "convlstm", tutorial.convlstm(LABELS), bench.size(40, 8))


def with_weights_of(theirs: keras.Model, network: str) -> keras.Model:
    """Our network with the weights of the tutorial's; both must say the same of a clip."""
    spec = ClipSpec(tutorial.FRAMES, tutorial.SIDE, tutorial.SIDE)
    model = networks.build(network, theirs.output_shape[-1], spec, plain=True)
    for mine, other in zip(model.trainable_weights, theirs.trainable_weights, strict=True):
        mine.assign(other)
    clip = np.random.default_rng(0).integers(0, 255, (1, *spec.shape), np.uint8)
    if not np.allclose(model(clip), theirs(clip / 255), atol=1e-4):
        raise SystemExit(f"our {network} and the tutorial's are not the same network")
    return model


def _compared(bench: Bench, network: str, theirs: keras.Model, count: int) -> Found:
    model = with_weights_of(theirs, network)
    random = np.random.default_rng(0)
    clips = random.integers(0, 255, (count, *model.input_shape[1:]), np.uint8)
    targets = np.arange(count) % LABELS
    pixels, rows = clips / 255, np.eye(LABELS)[targets]  # float64
    recipe = recipe_for(network, "tutorial", epochs=2)
    examples, one = Examples(list(clips), targets), Examples(list(clips[:1]), targets[:1])

    def ours() -> float:
        history: list[EpochDone] = []
        fit(model, examples, one, recipe, lambda event: history.append(event) if isinstance(event, EpochDone) else None)
        return count / history[1].examples_per_sec

    return in_turn(
        bench,
        ours,
        {"the tutorial's way": lambda: tutorial.epoch_seconds(theirs, pixels, rows)},
        f"the second epoch over {count} clips, batches of {tutorial.BATCH}; {pixels.nbytes >> 20} MiB of clips in "
        f"memory against {clips.nbytes >> 20}",
    )
