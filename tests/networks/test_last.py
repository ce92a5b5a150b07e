"""What the last layers are given is all that the answer is made of, in every kind of network."""

import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.networks.last import embedder, widths


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("network", "side", "options", "names"),
    [
        ("lrcn", 64, {}, {"labels"}),
        ("lrcn", 64, {"wide": True, "motion": True}, {"frame_labels", "motion_labels"}),
        ("convlstm", 64, {"plain": True}, {"labels"}),
        ("convlstm", 64, {"wide": True}, {"frame_labels", "motion_labels"}),
        ("lrcn-lite0", 64, {"motion": True, "solved": True}, {"sequence_labels", "solved_labels0", "solved_labels1"}),
        ("i3d-head", 64, {}, {"labels"}),
    ],
)
def test_the_answer_is_a_weighted_sum_of_it(network, side, options, names):
    frames = 16 if network == "i3d-head" else 5
    model = networks.build(network, 3, ClipSpec(frames, side, side), **options)
    found = networks.parts(model)
    head = model if found is None else found[1]
    rng = np.random.default_rng(0)
    layers = {layer.name: layer for layer in head.layers}
    for name in names:
        layers[name].kernel.assign(rng.normal(0, 0.3, layers[name].kernel.shape))
    clips = rng.integers(0, 255, (2, *model.input_shape[1:]), np.uint8)
    given = embedder(model)(clips)
    assert {name: rows.shape for name, rows in given.items()} == {
        name: (2, width) for name, width in widths(model).items()
    }
    assert given.keys() == names
    scores = sum(rows @ layers[name].kernel.numpy() for name, rows in given.items())
    scores = scores + sum(layers[name].bias.numpy() for name in names if layers[name].use_bias)
    np.testing.assert_allclose(softmax(scores), model(clips, training=False).numpy(), atol=1e-4)


def test_of_a_head_alone_it_is_the_same_as_of_the_whole():
    model = networks.build("lrcn", 3, ClipSpec(5, 64, 64), wide=True)
    encoder, head = networks.parts(model)
    clips = np.random.default_rng(0).integers(0, 255, (1, *model.input_shape[1:]), np.uint8)
    features = encoder(clips[0]).numpy()[None]
    whole = embedder(model)(clips)
    assert widths(head) == widths(model)
    for name, rows in embedder(head)(features).items():
        np.testing.assert_allclose(rows, whole[name], atol=1e-5)
