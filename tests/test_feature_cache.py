"""The cache of what pretrained encoders gave."""

from collections.abc import Iterator

import numpy as np
import pytest

from har import feature_cache
from har.clips import ClipSpec
from har.settings import settings

SPEC = ClipSpec(frames=4, height=32, width=32, span_sec=0.4)


def batches() -> Iterator[np.ndarray]:
    yield np.full((2, 3), 1 / 3, np.float32)
    yield np.full((1, 3), 2.0, np.float32)


def never() -> Iterator[np.ndarray]:
    raise AssertionError("it was looked at before")


def test_what_was_looked_at_once_is_read_and_the_same() -> None:
    key = feature_cache.key_for("lrcn-lite0", {}, "looked at once", SPEC)
    first = feature_cache.kept(key, batches)
    np.testing.assert_array_equal(first, np.concatenate(list(batches())).astype(np.float16))
    again = feature_cache.kept(key, never)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == again.dtype == np.float16


@pytest.mark.parametrize(
    "other",
    [
        feature_cache.key_for("i3d-head", {}, "clip", SPEC),
        feature_cache.key_for("lrcn-lite0", {"motion": True}, "clip", SPEC),
        feature_cache.key_for("lrcn-lite0", {}, "other clip", SPEC),
        feature_cache.key_for("lrcn-lite0", {}, "clip", ClipSpec(frames=4, height=32, width=32, span_sec=0.5)),
        feature_cache.key_for("lrcn-lite0", {}, "clip", SPEC, "mirrored"),
    ],
)
def test_other_features_have_another_name(other: str) -> None:
    assert other != feature_cache.key_for("lrcn-lite0", {}, "clip", SPEC)


def test_what_only_the_head_is_asked_for_changes_no_name() -> None:
    alone = feature_cache.key_for("lrcn-lite0", {"motion": True}, "clip", SPEC)
    assert feature_cache.key_for("lrcn-lite0", {"motion": True, "solved": True}, "clip", SPEC) == alone


def test_a_damaged_file_is_made_again() -> None:
    key = feature_cache.key_for("lrcn-lite0", {}, "damaged", SPEC)
    first = feature_cache.kept(key, batches)
    path = feature_cache.kept_features().find(key)
    assert path is not None
    assert settings().features in path.parents
    path.write_bytes(b"\x93NUMPY and no more")
    np.testing.assert_array_equal(feature_cache.kept(key, batches), first)
    np.testing.assert_array_equal(feature_cache.kept(key, never), first)
