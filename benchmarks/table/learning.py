"""Training, four clips at a time, with the same weights."""

from functools import partial

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import Int, UInt8

from benchmarks import tutorial
from benchmarks.table.apart import tutorials_way
from benchmarks.table.rows import Bench, Figure, Found, in_turn, seconds, straight, unsaid
from har import networks
from har.clips import ClipSpec
from har.networks.summary import facts
from har.recipe import recipe_for
from har.training import EpochDone
from har.training.examples import Examples
from har.training.loop import fit

LABELS = len(tutorial.LABELS)
_LINES = 3  # are drawn
_SIDE = 2048  # of matrices: large enough that nothing but the arithmetic counts


def lrcn(bench: Bench) -> Found:
    """The CNN for each frame, and an LSTM."""
    return _compared(bench, "lrcn", tutorial.lrcn(LABELS), bench.size(120, 8))


def convlstm(bench: Bench) -> Found:
    """LSTMs whose states are images."""
    return _compared(bench, "convlstm", tutorial.convlstm(LABELS), bench.size(40, 8))


def growth(bench: Bench) -> Found:
    """An epoch of LRCN over more and more clips: a straight line, as far as it goes."""
    model = with_weights_of(tutorial.lrcn(LABELS), "lrcn")
    counts = [120, 480, 1200, 1920] if not bench.quick else [4, 8, 12]
    clips = np.random.default_rng(0).integers(0, 255, (max(counts), *model.input_shape[1:]), np.uint8)
    _epoch_sec(model, "lrcn", clips[: counts[0]])
    lines = [
        straight(counts, [_epoch_sec(model, "lrcn", clips[:count]) for count in counts])
        for _ in range(min(_LINES, bench.rounds))
    ]
    return Found(
        (
            Figure("R² of a straight line", tuple(line.r_squared for line in lines), ""),
            Figure("a clip", tuple(1000 * line.slope for line in lines), "ms", "at most"),
        ),
        f"the second epoch over {', '.join(map(str, counts))} clips, batches of {tutorial.BATCH}",
    )


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
    clips = np.random.default_rng(0).integers(0, 255, (count, *model.input_shape[1:]), np.uint8)
    macs = facts(model, network).macs
    with_onednn = partial(tutorials_way, "epoch", network, count, onednn=True)
    return in_turn(
        bench,
        lambda: _epoch_sec(model, network, clips),
        {
            "the tutorial's way": lambda: tutorials_way("epoch", network, count),
            **({} if bench.quick else {"the tutorial's way with oneDNN": with_onednn}),
            "the arithmetic alone": lambda: 3 * count * macs / macs_per_sec(),
        },
        f"the second epoch over {count} clips, batches of {tutorial.BATCH}; {8 * clips.nbytes >> 20} MiB of clips in "
        f"memory against {clips.nbytes >> 20}; the arithmetic: {macs / 1e6:.0f} million multiply-adds a clip, "
        f"three times for both ways, as quick as products of matrices of {_SIDE}×{_SIDE} numbers",
    )


def macs_per_sec() -> float:
    """The most multiply-adds that this machine's two-dimensional products come to: a network's are smaller."""
    matrix = tf.random.uniform((_SIDE, _SIDE))
    return _SIDE**3 / min(seconds(lambda: unsaid((matrix @ matrix).numpy())) for _ in range(5))


def _epoch_sec(model: keras.Model, network: str, clips: UInt8[np.ndarray, "clips time height width 3"]) -> float:
    """Of the second of two, by the tutorial's recipe."""
    targets, history = _targets(len(clips)), list[EpochDone]()
    examples, one = Examples(list(clips), targets), Examples(list(clips[:1]), targets[:1])

    def told(event: object) -> None:
        if isinstance(event, EpochDone):
            history.append(event)

    fit(model, examples, one, recipe_for(network, "tutorial", epochs=2), told)
    return len(clips) / history[1].examples_per_sec


def _targets(count: int) -> Int[np.ndarray, "clips"]:
    return np.arange(count) % LABELS
