"""Each label has its own colour while there are enough."""

import numpy as np

from har.colours import PALETTE, UNSURE, label_colours


def test_a_label_keeps_its_colour_in_all_videos():
    assert label_colours([7, 3]) == {-1: UNSURE, 7: PALETTE[7], 3: PALETTE[3]}
    assert label_colours([3])[3] == label_colours([9, 0, 3])[3]


def test_earlier_labels_keep_their_colour_and_none_is_shared_while_there_are_enough():
    colours = label_colours([13, 3, 23, 4])
    assert colours[13] == PALETTE[3]
    assert len(set(colours.values())) == 5


def test_more_labels_than_colours_restart_the_palette():
    colours = label_colours(range(len(PALETTE) + 3))
    assert [colours[len(PALETTE) + more] for more in range(3)] == list(PALETTE[:3])


def test_colours_differ_also_without_red_receptors():
    """Simulated after Viénot, Brettel and Mollon (1999)."""
    linear = (
        np.array([[int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)] for code in (*PALETTE[:6], UNSURE)]) ** 2.2
    )
    to_protan = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    seen = (linear @ to_protan.T).clip(0, 1) ** (1 / 2.2)
    apart = np.abs(seen[:, None] - seen[None]).max(axis=2) + np.eye(len(seen))
    assert apart.min() > 0.08
