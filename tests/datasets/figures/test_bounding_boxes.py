"""Where the person stands: held against what is drawn."""

import numpy as np
import pytest

from har.datasets.figures import draw_clip, person_boxes


@pytest.mark.parametrize(("label", "group"), [("Kick", 5), ("Walk", 11), ("StandUp", 12)])
def test_the_box_contains_all_movement_and_is_not_much_larger(label, group):
    frames = draw_clip(label, group, 1).astype(np.int16)
    boxes = person_boxes(label, group, 1)
    assert boxes.shape == (len(frames), 4)
    checked = 0
    for number in range(2, len(frames), 9):
        rows, columns = np.nonzero(np.abs(frames[number] - frames[number - 2]).max(axis=-1) > 60)
        if len(rows) < 50:
            continue
        checked += 1
        left, top, right, bottom = (boxes[[number - 2, number]] * [320, 240, 320, 240]).T
        across = (columns >= left.min() - 1) & (columns <= right.max() + 1)
        down = (rows >= top.min() - 1) & (rows <= bottom.max() + 1)
        assert (across & down).mean() > 0.98
    assert checked >= 3
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert 0.05 < area.mean() < 0.4


def test_boxes_of_reversed_actions_are_reversed():
    np.testing.assert_array_equal(person_boxes("PutDown", 20, 1), person_boxes("PickUp", 20, 1)[::-1])
