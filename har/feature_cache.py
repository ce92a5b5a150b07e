"""Features that pretrained encoders computed of videos, cached on disk for training and evaluation."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple

import numpy as np
from jaxtyping import Float16

from har.clips import ClipSpec
from har.networks import NETWORKS
from har.storage import cache
from har.storage.arrays import READING

Features = Float16[np.ndarray, "_ ..."]  # each video has its own number of frames, stacks or windows

IN_ORDER = (0, False)  # extra key parts for the frames or stacks of a video in their order, not mirrored
_VERSION = 2  # increase it when encoders give other features for the same frames


def feature_key(network: str, options: Mapping[str, object], content: str, spec: ClipSpec, *others: object) -> str:
    """The cache key of the features that a network's encoder, with some options, computes of a video's frames.

    `content` is the hash of the video's bytes, `others` whatever else distinguishes these features from others of the
    same video. Options that concern only the network's head do not count.
    """
    known = NETWORKS[network].options
    chosen = sorted(
        (name, str(value)) for name, value in options.items() if name not in known or not known[name].head_only
    )
    return cache.cache_key("features", _VERSION, network, tuple(chosen), content, *astuple(spec), *others)


def cached_features(key: str, compute: Callable[[], Iterator[np.ndarray]]) -> Features:
    """Features from the cache; missing or damaged ones are computed, in batches, and stored.

    In half precision even if just computed, so results do not depend on what was cached.
    """
    path = cache.feature_cache().find(key)
    if path is not None:
        with suppress(OSError, ValueError, EOFError):  # removed in the meantime, or damaged
            with READING:
                features: np.ndarray = np.load(path, allow_pickle=False)
            return features
    features = np.concatenate([batch.astype(np.float16) for batch in compute()])
    with suppress(OSError), cache.feature_cache().writing(key) as temporary, temporary.open("wb") as file:
        np.save(file, features)  # on a full disk, features are computed again next time
    return features
