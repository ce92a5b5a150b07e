"""Training, four clips at a time, with the same weights."""

from functools import partial

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import Int, UInt8

from benchmarks import tutorial
from benchmarks.table.rows import Bench, Figure, Measurement, compare, discard, fit_line, seconds
from benchmarks.table.tutorial_process import time_tutorial
from har import networks
from har.clips import ClipSpec
from har.networks.summary import summarise
from har.progress import Progress
from har.recipe import recipe_for
from har.training import EpochRecord
from har.training.examples import Examples
from har.training.loop import fit

LABELS = len(tutorial.LABELS)
_FITS = 3  # repetitions
_SIDE = 2048  # of matrices, large enough that only the arithmetic counts


def lrcn(bench: Bench) -> Measurement:
    """A CNN for each frame, then an LSTM."""
    return _compare(bench, "lrcn", tutorial.lrcn(LABELS), bench.size(120, 8))


def convlstm(bench: Bench) -> Measurement:
    """Convolutional LSTMs."""
    return _compare(bench, "convlstm", tutorial.convlstm(LABELS), bench.size(40, 8))


def growth(bench: Bench) -> Measurement:
    """How an epoch of LRCN grows with the number of clips."""
    model = with_weights_of(tutorial.lrcn(LABELS), "lrcn")
    counts = [120, 480, 1200, 1920] if not bench.quick else [4, 8, 12]
    clips = np.random.default_rng(0).integers(0, 255, (max(counts), *model.input_shape[1:]), np.uint8)
    _epoch_sec(model, "lrcn", clips[: counts[0]])
    lines = [
        fit_line(counts, [_epoch_sec(model, "lrcn", clips[:count]) for count in counts])
        for _ in range(min(_FITS, bench.rounds))
    ]
    return Measurement(
        (
            Figure("R² of a straight line", tuple(line.r_squared for line in lines), ""),
            Figure("a clip", tuple(1000 * line.slope for line in lines), "ms", "at most"),
        ),
        f"the second epoch over {', '.join(map(str, counts))} clips, batches of {tutorial.BATCH}",
    )


def with_weights_of(theirs: keras.Model, network: str) -> keras.Model:
    """Our network with the weights of the tutorial's, after checking that both give the same output."""
    spec = ClipSpec(tutorial.FRAMES, tutorial.SIDE, tutorial.SIDE)
    model = networks.build(network, theirs.output_shape[-1], spec, plain=True)
    for mine, other in zip(model.trainable_weights, theirs.trainable_weights, strict=True):
        mine.assign(other)
    clip = np.random.default_rng(0).integers(0, 255, (1, *spec.shape), np.uint8)
    if not np.allclose(model(clip), theirs(clip / 255), atol=1e-4):
        raise SystemExit(f"our {network} and the tutorial's are not the same network")
    return model


def _compare(bench: Bench, network: str, theirs: keras.Model, count: int) -> Measurement:
    model = with_weights_of(theirs, network)
    clips = np.random.default_rng(0).integers(0, 255, (count, *model.input_shape[1:]), np.uint8)
    macs = summarise(model, network).macs
    with_onednn = partial(time_tutorial, "epoch", network, count, onednn=True)
    return compare(
        bench,
        lambda: _epoch_sec(model, network, clips),
        {
            "the tutorial's way": lambda: time_tutorial("epoch", network, count),
            **({} if bench.quick else {"the tutorial's way with oneDNN": with_onednn}),
            "the arithmetic alone": lambda: 3 * count * macs / macs_per_sec(),
        },
        f"the second epoch over {count} clips, batches of {tutorial.BATCH}; {8 * clips.nbytes >> 20} MiB of clips in "
        f"memory against {clips.nbytes >> 20}; the arithmetic: {macs / 1e6:.0f} million multiply-adds a clip, "
        f"three times for both directions, as fast as products of matrices of {_SIDE}×{_SIDE} numbers",
    )


def macs_per_sec() -> float:
    """Multiply-adds per second of large matrix products: an upper bound for networks on this machine."""
    matrix = tf.random.uniform((_SIDE, _SIDE))
    return _SIDE**3 / min(seconds(lambda: discard((matrix @ matrix).numpy())) for _ in range(5))


def _epoch_sec(model: keras.Model, network: str, clips: UInt8[np.ndarray, "clips time height width 3"]) -> float:
    """Duration of the second of two epochs, with the tutorial's recipe."""
    targets, history = _targets(len(clips)), list[EpochRecord]()
    examples, one = Examples(list(clips), targets), Examples(list(clips[:1]), targets[:1])

    def record(progress: Progress) -> None:
        if isinstance(progress.event, EpochRecord):
            history.append(progress.event)

    fit(model, examples, one, recipe_for(network, "tutorial", epochs=2), record)
    return len(clips) / history[1].examples_per_sec


def _targets(count: int) -> Int[np.ndarray, "clips"]:
    return np.arange(count) % LABELS
