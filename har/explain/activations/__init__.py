"""What happens inside a classifier while it looks at one clip: frames, features, gates, probabilities.

`look` computes it and needs TensorFlow; `kept` finds what is shipped (`make pictures` makes it) or was computed before.
"""

from har.explain.activations.capture import clip_path, inside_of, look
from har.explain.activations.store import (
    DEFAULT_LABEL,
    DRAWN,
    SHIPPED,
    SHOWN,
    Inside,
    Maps,
    kept,
    key_for,
    packed,
    ship_facts,
    shipped_facts,
    shipped_path,
    unpacked,
)

__all__ = [
    "DEFAULT_LABEL",
    "DRAWN",
    "SHIPPED",
    "SHOWN",
    "Inside",
    "Maps",
    "clip_path",
    "inside_of",
    "kept",
    "key_for",
    "look",
    "packed",
    "ship_facts",
    "shipped_facts",
    "shipped_path",
    "unpacked",
]
