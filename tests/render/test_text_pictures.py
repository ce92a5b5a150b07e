"""Text for films, in any script."""

import numpy as np
import pytest

from har.render.text_pictures import DIM, Line, draw_texts


def test_each_text_has_a_picture_of_its_own():
    first, second, empty = draw_texts([[Line("walk", 30)], [Line("sit down", 30)], [Line("", 30)]], 300, 40)
    assert first.shape == second.shape == (40, 300)
    assert first.max() > 240
    assert second.any(axis=0).sum() > first.any(axis=0).sum()
    assert not empty.any()
    assert not first[:, 150:].any()  # at the left


def test_lines_stand_below_each_other_in_their_sizes_and_brightness():
    (picture,) = draw_texts([[Line("HHHH", 40), Line("HHHH", 20, DIM)]], 300, 60)
    assert picture[:40].max() > 240
    assert 190 < picture[42:].max() < 220
    assert picture[:40].any(axis=0).sum() > 1.5 * picture[42:].any(axis=0).sum()


def test_titles_are_centred():
    (picture,) = draw_texts([[Line("walk", 30)]], 300, 100, centred=True)
    columns = np.flatnonzero(picture.any(axis=0))
    assert abs((columns[0] + columns[-1]) / 2 - 150) < 6


@pytest.mark.parametrize("label", ["Бег", "مشي", "跳舞", "नमस्ते", "{\\b1}\\N", "🏃"])
def test_labels_of_any_script_are_drawn_or_spelled(label, only_our_font):
    (picture,) = draw_texts([[Line(label, 30)]], 300, 40)
    assert picture.max() > 200


def test_texts_that_look_like_commands_are_text():
    plain, command = draw_texts([[Line("a b", 30)], [Line("a{\\fs90}b", 30)]], 300, 100)
    assert command.any(axis=0).sum() > plain.any(axis=0).sum()
    assert not command[45:].any()
