"""What pretrained encoders gave for videos, on disk: looked at once, for training as for what is reported of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple

import numpy as np
from jaxtyping import Float16

from har.clips import ClipSpec
from har.networks import NETWORKS
from har.storage.cache import kept_features, key_of

Features = Float16[np.ndarray, "_ ..."]  # each video its own number of frames, moments or windows

IN_TIME = (0, False)  # mark of a video's frames, or moments, one after the other and not mirrored
_VERSION = 1  # raise it when encoders come to give other features for the same frames


def key_for(network: str, options: Mapping[str, object], content: str, spec: ClipSpec, *others: object) -> str:
    """The name of some features in the cache.

    Args:
        network: whose pretrained encoder looks.
        options: of the network's builder.
        content: hash of the video's bytes.
        spec: how the video is looked at by what it looks at.
        others: whatever else tells these features from others that the encoder gave for the same video.
    """
    heads = NETWORKS[network].head_options
    chosen = tuple(sorted((name, str(value)) for name, value in options.items() if name not in heads))
    return key_of("features", _VERSION, network, chosen, content, *astuple(spec), *others)


def kept(key: str, looked_at: Callable[[], Iterator[np.ndarray]]) -> Features:
    """Features out of the cache; those that are not there, or damaged, are made and kept.

    Half precision, also where they were just made: so the same data give the same results whatever was kept.

    Args:
        key: of `key_for`.
        looked_at: makes them, batch after batch.
    """
    path = kept_features().find(key)
    if path is not None:
        try:
            found: np.ndarray = np.load(path, allow_pickle=False)
            return found
        except (OSError, ValueError, EOFError):  # gone in between, or damaged: made again
            pass
    found = np.concatenate([batch.astype(np.float16) for batch in looked_at()])
    try:
        with kept_features().writing(key) as beside, beside.open("wb") as file:
            np.save(file, found)
    except OSError:  # a full disk makes what follows slower, but not wrong
        pass
    return found
