"""One colour a label, for as long as there are colours."""

import numpy as np

from har.colours import PALETTE, UNSURE, of_labels


def test_the_most_frequent_label_comes_first_and_unsure_is_grey():
    colours = of_labels(np.array([7, -1, 3, 3, -1, -1, 9]))
    assert colours == {-1: UNSURE, 3: PALETTE[0], 7: PALETTE[1], 9: PALETTE[2]}


def test_more_labels_than_colours_begin_the_palette_again():
    colours = of_labels(np.arange(len(PALETTE) + 1))
    assert colours[len(PALETTE)] == PALETTE[0]


def test_no_two_colours_are_alike_also_without_red_or_green():
    """Seen by somebody without red receptors, after Viénot, Brettel and Mollon (1999)."""
    linear = (
        np.array([[int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)] for code in (*PALETTE[:6], UNSURE)]) ** 2.2
    )
    to_protan = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    seen = (linear @ to_protan.T).clip(0, 1) ** (1 / 2.2)
    apart = np.abs(seen[:, None] - seen[None]).max(axis=2) + np.eye(len(seen))
    assert apart.min() > 0.08
