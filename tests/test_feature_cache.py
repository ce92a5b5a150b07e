"""The cache of features of pretrained encoders."""

from collections.abc import Iterator

import numpy as np
import pytest

from har.clips import ClipSpec
from har.feature_cache import cached_features, feature_key
from har.settings import settings
from har.storage.cache import feature_cache

SPEC = ClipSpec(frames=4, height=32, width=32, span_sec=0.4)


def batches() -> Iterator[np.ndarray]:
    yield np.full((2, 3), 1 / 3, np.float32)
    yield np.full((1, 3), 2.0, np.float32)


def fail() -> Iterator[np.ndarray]:
    raise AssertionError("features were computed although they are cached")


def test_cached_features_equal_those_just_computed() -> None:
    key = feature_key("lrcn-lite0", {}, "computed once", SPEC)
    first = cached_features(key, batches)
    np.testing.assert_array_equal(first, np.concatenate(list(batches())).astype(np.float16))
    again = cached_features(key, fail)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == again.dtype == np.float16


@pytest.mark.parametrize(
    "other",
    [
        feature_key("i3d-head", {}, "clip", SPEC),
        feature_key("lrcn-lite0", {"motion": True}, "clip", SPEC),
        feature_key("lrcn-lite0", {}, "other clip", SPEC),
        feature_key("lrcn-lite0", {}, "clip", ClipSpec(frames=4, height=32, width=32, span_sec=0.5)),
        feature_key("lrcn-lite0", {}, "clip", SPEC, "mirrored"),
    ],
)
def test_other_features_have_another_key(other: str) -> None:
    assert other != feature_key("lrcn-lite0", {}, "clip", SPEC)


def test_options_of_the_head_do_not_change_the_key() -> None:
    key = feature_key("lrcn-lite0", {"motion": True}, "clip", SPEC)
    assert feature_key("lrcn-lite0", {"motion": True, "solved": True}, "clip", SPEC) == key


def test_the_key_of_some_features_is_always_the_same() -> None:
    """It changes only with `_VERSION`: stored features are found by later versions of the program."""
    options = {"motion": True, "solved": True}
    assert feature_key("lrcn-lite0", options, "content", SPEC, 0, False) == "7e4aa6199e1377af8e42ae2dd3cb9bb2"


def test_a_damaged_file_is_computed_again() -> None:
    key = feature_key("lrcn-lite0", {}, "damaged", SPEC)
    first = cached_features(key, batches)
    path = feature_cache().find(key)
    assert settings().features in path.parents
    path.write_bytes(b"\x93NUMPY and no more")
    np.testing.assert_array_equal(cached_features(key, batches), first)
    np.testing.assert_array_equal(cached_features(key, fail), first)
