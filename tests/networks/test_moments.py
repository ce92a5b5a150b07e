"""Networks that look at frames together with their neighbours."""

import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import lrcn_lite0
from har.networks.moments import moments

SPEC = ClipSpec(frames=6, height=64, width=64, span_sec=1.2)
WIDE = {"wide": True, "motion": True}
SOLVED = {"motion": True, "solved": True}
SIGHTED = [("lrcn", WIDE), ("convlstm", WIDE), ("lrcn-lite0", {"motion": True}), ("lrcn-lite0", SOLVED)]


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("together", [1, 2, 3, 6])
def test_moments_are_all_runs_of_frames(together: int) -> None:
    clips = drawn(0, 2, *SPEC.shape)
    found = np.asarray(moments(clips, together))
    runs = [clip[start : start + together] for clip in clips for start in range(7 - together)]
    np.testing.assert_array_equal(found, np.concatenate(runs) if together == 1 else np.stack(runs))


@pytest.mark.parametrize(("name", "options"), SIGHTED)
def test_the_halves_together_are_the_whole(name: str, options: dict[str, bool]) -> None:
    model = networks.build(name, 3, SPEC, **options)
    halves = networks.halves(model)
    assert halves is not None
    clips, together = drawn(1, 2, *SPEC.shape), networks.moment_frames(halves[0])
    assert together > 1
    runs = np.concatenate([[clip[s : s + together] for s in range(7 - together)] for clip in clips])
    for weight in model.trainable_variables:  # some begin at nothing
        weight.assign(weight + 0.01)
    features = np.asarray(halves[0](runs)).reshape(2, 7 - together, *halves[0].output_shape[1:])
    np.testing.assert_allclose(halves[1](features), model(clips), atol=1e-5)


@pytest.mark.parametrize(("name", "options"), SIGHTED)
def test_half_of_the_features_see_only_what_moves(name: str, options: dict[str, bool]) -> None:
    """Of whatever stands still, however it looks, they are the same; of what moves they are not."""
    halves = networks.halves(networks.build(name, 3, SPEC, **options))
    assert halves is not None
    together = networks.moment_frames(halves[0])
    stills = np.repeat(drawn(2, 2, 1, 64, 64, 3), together, axis=1)
    one, other = np.asarray(halves[0](stills))
    half = one.shape[-1] // 2
    np.testing.assert_allclose(one[..., half:], other[..., half:], atol=1e-6)
    assert np.abs(one[..., :half] - other[..., :half]).max() > 1e-2
    moved = np.asarray(halves[0](drawn(3, 1, together, 64, 64, 3)))[0]
    assert np.abs(moved[..., half:] - one[..., half:]).max() > 1e-2


def test_the_pretrained_part_is_shown_frames_and_changes_about_grey() -> None:
    halves = networks.halves(networks.build("lrcn-lite0", 3, SPEC, motion=True))
    alone = networks.halves(networks.build("lrcn-lite0", 3, SPEC))
    assert halves is not None
    assert alone is not None
    moment = drawn(4, 1, 2, 64, 64, 3) // 2 + 60
    changed = np.clip(128 + 2 * (moment[0, 1].astype(int) - moment[0, 0]), 0, 255).astype(np.uint8)
    expected = np.asarray(alone[0](np.stack([moment[0, 1], changed]))).reshape(1, 2 * lrcn_lite0.FEATURES)
    np.testing.assert_allclose(halves[0](moment), expected, atol=1e-4)


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
def test_motion_that_cannot_be_seen_is_refused(name: str, frames: int, options: dict[str, bool]) -> None:
    with pytest.raises(OptionsError, match=r"[Mm]otion"):
        networks.build(name, 2, ClipSpec(frames=frames), **options)
