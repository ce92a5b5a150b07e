"""Activations of a classifier for one clip: frames, feature maps, gates and probabilities, as How it works shows them.

`record_activations` computes and stores them, with TensorFlow; `stored_activations` finds those that are bundled
(`make pictures` writes them) or stored.
"""

from har.explain.activations.capture import activations_of, clip_path, record_activations
from har.explain.activations.store import (
    BUNDLED,
    CLASSIFIERS,
    DEFAULT_LABEL,
    DIAGRAM_CLASSIFIERS,
    ClipActivations,
    FeatureMaps,
    activations_key,
    bundled_path,
    bundled_summary,
    from_npz,
    stored_activations,
    to_npz,
    write_bundled_summary,
)

__all__ = [
    "BUNDLED",
    "CLASSIFIERS",
    "DEFAULT_LABEL",
    "DIAGRAM_CLASSIFIERS",
    "ClipActivations",
    "FeatureMaps",
    "activations_key",
    "activations_of",
    "bundled_path",
    "bundled_summary",
    "clip_path",
    "from_npz",
    "record_activations",
    "stored_activations",
    "to_npz",
    "write_bundled_summary",
]
