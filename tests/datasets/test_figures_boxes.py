"""Where the person stands: held against what is drawn."""

import numpy as np
import pytest

from har.datasets.figures import draw_clip, person_boxes


@pytest.mark.parametrize(("label", "group"), [("Kick", 5), ("Walk", 11), ("StandUp", 12), ("PickUp", 20)])
def test_what_moves_lies_in_the_box_and_the_box_is_not_much_larger(label, group):
    frames = draw_clip(label, group, 1).astype(np.int16)
    boxes = person_boxes(label, group, 1)
    assert boxes.shape == (len(frames), 4)
    assert (boxes[:, :2] < boxes[:, 2:]).all()
    for number in range(2, len(frames), 9):
        moved = np.abs(frames[number] - frames[number - 2]).max(axis=-1) > 60
        rows, columns = np.nonzero(moved)
        left, top, right, bottom = (boxes[[number - 2, number]] * [320, 240, 320, 240]).T
        inside = (columns >= left.min() - 1) & (columns <= right.max() + 1) & (rows >= top.min() - 1)
        carried = label == "PickUp"  # the carton moves too, and is none of the person
        assert carried or (inside & (rows <= bottom.max() + 1)).mean() > 0.98 or len(rows) < 10
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert 0.05 < area.mean() < 0.4
