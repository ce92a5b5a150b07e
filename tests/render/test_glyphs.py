"""Labels in letters that no font has are spelled in Latin letters, never drawn as empty boxes."""

import numpy as np
import pytest

from har.render import burn_in
from har.render.glyphs import SPELLED_REMARK, drawable_labels
from har.render.text import font_has
from har.video import probe
from tests.render.conftest import frames_of, labels_at, make_video

pytestmark = pytest.mark.usefixtures("only_our_font")


def test_the_font_is_asked_for_each_character():
    assert all(map(font_has, "aÉßжλםمա☂→"))
    assert not any(map(font_has, "नน跳달🏃\U0010fffc\u0378"))


@pytest.mark.parametrize("label", ["walk", "café", "Бег", "τρέξιμο", "ריצה", "مشي", "\N{LEFT-TO-RIGHT MARK}a b", "☺️"])
def test_labels_that_the_font_has_are_drawn_as_they_are(label):
    assert drawable_labels(["x", label]) == ["x", label]


@pytest.mark.parametrize(
    ("label", "drawn"),
    [
        ("นั่ง", "nang"),
        ("跳舞", "TiaoWu"),
        ("달리기 2", "DalLiGi 2"),
        ("🏃 run", "(person running) run"),
        ("Бег 跑", "Бег Pao"),
        ("👩‍🚀", "(woman) (rocket)"),
        ("走\u3000る", "Zou ru"),
        ("\U0010fffc", "label 2"),
    ],
)
def test_other_labels_are_spelled_in_latin_letters(label, drawn):
    assert drawable_labels(["walk", label]) == ["walk", drawn]


def test_labels_stay_different():
    assert drawable_labels(["跳", "挑", "Tiao"]) == ["Tiao", "Tiao (2)", "Tiao (3)"]


def draw(tmp_path, *names):
    remarks = []
    source = make_video(tmp_path / "in.mp4", seconds=0.04, colour="black")
    burn_in(probe(source), labels_at([0.0], [0], names), tmp_path / "out.mp4", on_remark=remarks.append)
    return frames_of(tmp_path / "out.mp4"), remarks


def test_the_labelled_video_shows_no_box_and_says_so(tmp_path):
    spelled, remarks = draw(tmp_path, "नृत्य", "นั่ง", "🏃 run")
    plain, none = draw(tmp_path, "nrty", "nang", "(person running) run")
    np.testing.assert_array_equal(spelled, plain)
    assert (remarks, none) == ([SPELLED_REMARK], [])
