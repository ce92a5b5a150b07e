"""One colour a label, for as long as there are colours."""

import numpy as np

from har.colours import PALETTE, UNSURE, of_labels


def test_a_label_has_its_own_colour_whatever_else_stands_in_a_video():
    assert of_labels([7, 3]) == {-1: UNSURE, 7: PALETTE[7], 3: PALETTE[3]}
    assert of_labels([3])[3] == of_labels([9, 0, 3])[3]


def test_who_comes_first_keeps_it_and_nobody_shares_while_there_are_enough():
    colours = of_labels([13, 3, 23, 4])
    assert colours[13] == PALETTE[3]
    assert len(set(colours.values())) == 5


def test_more_labels_than_colours_begin_the_palette_again():
    colours = of_labels(range(len(PALETTE) + 3))
    assert [colours[len(PALETTE) + more] for more in range(3)] == list(PALETTE[:3])


def test_no_two_colours_are_alike_also_without_red_or_green():
    """Seen by somebody without red receptors, after Viénot, Brettel and Mollon (1999)."""
    linear = (
        np.array([[int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)] for code in (*PALETTE[:6], UNSURE)]) ** 2.2
    )
    to_protan = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    seen = (linear @ to_protan.T).clip(0, 1) ** (1 / 2.2)
    apart = np.abs(seen[:, None] - seen[None]).max(axis=2) + np.eye(len(seen))
    assert apart.min() > 0.08
