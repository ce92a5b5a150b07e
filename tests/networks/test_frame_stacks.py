"""Networks that see frames together with their neighbours."""

import keras
import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks.architectures import lrcn_lite0
from har.networks.blocks.frame_stacks import frame_stacks

pytestmark = pytest.mark.training

SPEC = ClipSpec(frames=6, height=64, width=64, span_sec=1.2)
WIDE = {"wide": True, "motion": True}
SOLVED = {"motion": True, "solved": True}
WITH_MOTION = [("lrcn", WIDE), ("convlstm", WIDE), ("lrcn-lite0", SOLVED)]


def random_pixels(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def encoder_and_head(name: str, **options: bool) -> tuple[keras.Model, keras.Model, keras.Model]:
    """Encoder, head, and the network that they are parts of."""
    model = networks.build(name, 3, SPEC, **options)
    return *networks.frame_encoder_and_head(model), model


@pytest.mark.parametrize("size", [1, 3, 6])
def test_stacks_are_all_runs_of_consecutive_frames(size: int) -> None:
    clips = random_pixels(0, 2, *SPEC.shape)
    found = np.asarray(frame_stacks(clips, size))
    runs = [clip[start : start + size] for clip in clips for start in range(7 - size)]
    np.testing.assert_array_equal(found, np.concatenate(runs) if size == 1 else np.stack(runs))


@pytest.mark.parametrize(("name", "options"), [*WITH_MOTION, ("lrcn", {})])
def test_encoder_and_head_together_are_the_whole_network(name: str, options: dict[str, bool]) -> None:
    encoder, head, model = encoder_and_head(name, **options)
    clips, size = random_pixels(1, 2, *SPEC.shape), networks.stack_size(encoder.input_shape[1:])
    stacks = np.concatenate([[clip[s : s + size] for s in range(7 - size)] for clip in clips])
    if size == 1:
        stacks = stacks[:, 0]  # single frames
    for weight in model.trainable_variables:  # some are initialised with zeros
        weight.assign(weight + 0.01)
    features = np.asarray(encoder(stacks)).reshape(2, 7 - size, *encoder.output_shape[1:])
    np.testing.assert_allclose(head(features), model(clips), atol=1e-5)


@pytest.mark.parametrize(("name", "options"), WITH_MOTION)
def test_half_of_the_features_depend_on_motion_only(name: str, options: dict[str, bool]) -> None:
    """They are the same for everything that does not move, however it looks."""
    encoder, _, _ = encoder_and_head(name, **options)
    size = networks.stack_size(encoder.input_shape[1:])
    one, other = np.asarray(encoder(np.repeat(random_pixels(2, 2, 1, 64, 64, 3), size, axis=1)))
    half = one.shape[-1] // 2
    np.testing.assert_allclose(one[..., half:], other[..., half:], atol=1e-6)
    assert np.abs(one[..., :half] - other[..., :half]).max() > 1e-2
    moving = np.asarray(encoder(random_pixels(3, 1, size, 64, 64, 3)))[0]
    assert np.abs(moving[..., half:] - one[..., half:]).max() > 1e-2


def test_the_pretrained_cnn_sees_frames_and_changes_relative_to_grey() -> None:
    with_motion, *_ = encoder_and_head("lrcn-lite0", motion=True)
    without, *_ = encoder_and_head("lrcn-lite0")
    stack = random_pixels(4, 1, 2, 64, 64, 3) // 2 + 60
    changes = np.clip(128 + 2 * (stack[0, 1].astype(int) - stack[0, 0]), 0, 255).astype(np.uint8)
    expected = np.asarray(without(np.stack([stack[0, 1], changes]))).reshape(1, 2 * lrcn_lite0.FEATURES)
    np.testing.assert_allclose(with_motion(stack), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "frames", "options"),
    [
        ("lrcn", 20, {"motion": True}),
        ("convlstm", 20, {"motion": True}),
        ("lrcn", 3, WIDE),
        ("convlstm", 3, WIDE),
        ("lrcn-lite0", 2, {"motion": True}),
    ],
)
def test_motion_without_enough_frames_or_without_the_wide_cnn_is_refused(
    name: str, frames: int, options: dict[str, bool]
) -> None:
    with pytest.raises(OptionsError, match=r"[Mm]otion"):
        networks.build(name, 2, ClipSpec(frames=frames), **options)
