"""Charts of gates and of probabilities over time."""

import numpy as np
import pytest

from har.colours import PALETTE
from har.explain.gates import NAMES, Gates
from har.plots import gates_figure, steps_figure, unit_figure

TIMES = np.arange(5) / 10


@pytest.fixture
def gates():
    rng = np.random.default_rng(0)
    return Gates(*(rng.uniform(0, 1, (5, 3)).astype(np.float32) for _ in NAMES))


def test_each_gate_has_a_panel_with_all_units(gates):
    figure = gates_figure(gates, TIMES, unit=1)
    assert len(figure.data) == 6
    for trace, name in zip(figure.data, NAMES, strict=True):
        np.testing.assert_array_equal(np.asarray(trace.z), getattr(gates, name).T)
        assert (trace.zmin, trace.zmax) == ((0, 1) if name in ("input", "forget", "output") else (-1, 1))
    lines = [(shape.xref, shape.x0, shape.opacity) for shape in figure.layout.shapes if shape.type == "line"]
    assert lines == [  # one that moves, and where it ends, for each panel
        line for axis in ("x", "x2", "x3", "x4", "x5", "x6") for line in ((axis, 0.0, 1.0), (axis, 0.4, 0.0))
    ]


def test_the_scale_covers_cells_beyond_one(gates):
    gates.cell[3, 2] = -4
    cell = gates_figure(gates, TIMES, unit=0).data[4]
    assert (cell.zmin, cell.zmax) == (-4, 4)


def test_lines_of_a_unit_differ_not_only_in_colour(gates):
    figure = unit_figure(gates, TIMES, unit=2)
    assert [trace.name for trace in figure.data][-1] == "hidden state"
    np.testing.assert_array_equal(np.asarray(figure.data[1].y), gates.forget[:, 2])
    assert len({(trace.line.dash, trace.line.width) for trace in figure.data}) >= 5


def test_the_most_probable_labels_are_drawn_in_their_own_colours():
    probabilities = np.full((5, 6), 0.01)
    probabilities[4, 5], probabilities[0, 2] = 0.9, 0.5
    figure = steps_figure(probabilities, [f"<b>{n}" for n in range(6)], TIMES)
    assert [trace.line.color for trace in figure.data[:2]] == [PALETTE[5], PALETTE[2]]
    assert figure.data[0].name == "&lt;b&gt;5"
    assert len(figure.data) == 4
