"""One colour for each label, the same in charts and in the burned-in text."""

import numpy as np
from jaxtyping import Int64

# After Okabe and Ito, "Color Universal Design" (2008), without black, and Paul Tol's "muted" scheme: made to be told
# apart with any common colour blindness, and seen on black and on white.
PALETTE = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#0072B2",
    "#DDCC77",
    "#AA4499",
    "#44AA99",
    "#999933",
)
UNSURE = "#8C8C8C"


def of_labels(label_index: Int64[np.ndarray, "frames"]) -> dict[int, str]:
    """Colours of the labels that stand on frames, the most frequent first; later ones begin the palette again.

    Args:
        label_index: of each frame; -1, unsure, is among the keys too.
    """
    labels, counts = np.unique(label_index[label_index >= 0], return_counts=True)
    order = labels[np.lexsort((labels, -counts))].tolist()
    return {-1: UNSURE} | {label: PALETTE[place % len(PALETTE)] for place, label in enumerate(order)}
