"""What an LSTM and a ConvLSTM do at each step, with every gate in the open, in NumPy.

Keras gives only the states. Here the same recurrence runs on a layer's weights and keeps the gates as well:

    i = σ(Wi x + Ui h + bi)      how much of the candidate is written
    f = σ(Wf x + Uf h + bf)      how much of the cell stays
    g = tanh(Wg x + Ug h + bg)   the candidate
    o = σ(Wo x + Uo h + bo)      how much of the cell is told
    c' = f c + i g               the cell
    h' = o tanh(c')              the state that is handed on

(Hochreiter & Schmidhuber 1997; with a forget gate, Gers et al. 2000.) In a ConvLSTM (Shi et al. 2015,
https://arxiv.org/abs/1506.04214) W and U are convolutions, and all of these are pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float

NAMES = ("input", "forget", "candidate", "output", "cell", "hidden")


@dataclass(frozen=True)
class Gates:
    """Each of them after each step, `(time, units)`, or `(time, height, width, units)` of a ConvLSTM."""

    input: Float[np.ndarray, "time *place units"]
    forget: Float[np.ndarray, "time *place units"]
    candidate: Float[np.ndarray, "time *place units"]
    output: Float[np.ndarray, "time *place units"]
    cell: Float[np.ndarray, "time *place units"]
    hidden: Float[np.ndarray, "time *place units"]

    def over_place(self) -> "Gates":
        """The mean over the picture, so that a ConvLSTM is told like an LSTM."""
        places = tuple(range(1, self.hidden.ndim - 1))
        return Gates(*(getattr(self, field.name).mean(axis=places, dtype=np.float32) for field in fields(self)))


def lstm_gates(
    features: Float[np.ndarray, "time features"],
    kernel: Float[np.ndarray, "features gates"],
    recurrent_kernel: Float[np.ndarray, "units gates"],
    bias: Float[np.ndarray, "gates"],
) -> Gates:
    """The gates of `keras.layers.LSTM` on one sequence.

    Args:
        features: what it is given.
        kernel: W of the gates side by side, in Keras' order: input, forget, candidate, output.
        recurrent_kernel: U, likewise.
        bias: likewise.
    """
    drive = features @ kernel + bias
    return _run(drive, lambda hidden: hidden @ recurrent_kernel, drive[0, : len(recurrent_kernel)].shape)


def convlstm_gates(
    maps: Float[np.ndarray, "time height width channels"],
    kernel: Float[np.ndarray, "side side channels gates"],
    recurrent_kernel: Float[np.ndarray, "side side units gates"],
    bias: Float[np.ndarray, "gates"],
) -> Gates:
    """The gates of `har.networks.convlstm.ConvLSTM` on one sequence of pictures.

    Args:
        maps: what it is given.
        kernel: W; its convolution keeps to the picture ('valid'), so the state is smaller.
        recurrent_kernel: U; its convolution keeps the state's size ('same').
        bias: of the gates.
    """
    drive = np.stack([_convolved(picture, kernel) for picture in maps]) + bias
    rim = len(recurrent_kernel) // 2

    def recur(hidden: np.ndarray) -> np.ndarray:
        return _convolved(np.pad(hidden, ((rim, rim), (rim, rim), (0, 0))), recurrent_kernel)

    return _run(drive, recur, (*drive.shape[1:3], recurrent_kernel.shape[2]))


def _run(drive: np.ndarray, recur: Callable[[np.ndarray], np.ndarray], shape: tuple[int, ...]) -> Gates:
    """Args: what comes from the input, `(time, *place, gates)`; what the last state adds; the state's shape."""
    cell = hidden = np.zeros(shape, np.float32)
    steps = []
    for step in drive:
        i, f, g, o = np.split(step + recur(hidden), 4, axis=-1)
        i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
        cell = f * cell + i * g
        hidden = o * np.tanh(cell)
        steps.append((i, f, g, o, cell, hidden))
    return Gates(*(np.stack(each).astype(np.float32) for each in zip(*steps, strict=True)))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    result: np.ndarray = 0.5 * (1 + np.tanh(0.5 * x))  # does not overflow
    return result


def _convolved(
    picture: Float[np.ndarray, "height width channels"], kernel: Float[np.ndarray, "side side channels out"]
) -> Float[np.ndarray, "high wide out"]:
    """As networks do: the kernel is not mirrored, and keeps to the picture."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape[:2], axis=(0, 1))
    result: np.ndarray = np.einsum("hwcyx,yxco->hwo", windows, kernel, optimize=True)
    return result
