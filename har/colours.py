"""One colour for each label, the same in charts and in the burned-in text."""

from collections.abc import Iterable

# From Okabe and Ito, "Color Universal Design" (2008), without black, and Paul Tol's "muted" scheme: distinguishable
# with any common colour blindness, and visible on black and on white.
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


def label_colours(labels: Iterable[int]) -> dict[int, str]:
    """A colour for each label: its own in the palette, or the next free one if an earlier label has that.

    So a classifier's first ten labels have the same colours in all videos and on all pages. When all colours are taken,
    labels get their own again. Labels are indices, most important first; -1 (unsure) is added.
    """
    colours = {-1: UNSURE}
    for label in labels:
        own = label % len(PALETTE)
        ring = (*PALETTE[own:], *PALETTE[:own])
        colours[label] = next((colour for colour in ring if colour not in colours.values()), ring[0])
    return colours
