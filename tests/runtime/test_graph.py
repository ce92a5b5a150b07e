"""Of the shipped files, so without TensorFlow."""

import numpy as np
import pytest

from har.classifier import folder_of, read_card
from har.classifier.graphs import prepared
from har.runtime import Graph
from tests.runtime.smooth import smooth_clips


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(prepared(folder_of("lrcn-figures"), read_card("lrcn-figures"))["encoder"])


@pytest.fixture(scope="module")
def frames(graph: Graph) -> np.ndarray:
    return smooth_clips(1, (21, *graph.input_shape))[0]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 20])
def test_a_batch_of_any_size_gives_the_features_of_each_frame(graph: Graph, frames: np.ndarray, count: int) -> None:
    np.testing.assert_array_equal(graph(frames[:count]), graph(frames)[:count])


def test_the_same_input_gives_the_same_bits(graph: Graph, frames: np.ndarray) -> None:
    again = Graph(prepared(folder_of("lrcn-figures"), read_card("lrcn-figures"))["encoder"])
    np.testing.assert_array_equal(graph(frames), again(frames))


def test_frames_of_another_size_are_refused(graph: Graph, frames: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected examples of shape"):
        graph(frames[:, :32])
