"""The theme: its colours are those of charts and labels, and have enough contrast."""

import re
import tomllib

import pytest

from har.colours import PALETTE
from har.plots.style import TRAIN
from tests.conftest import ROOT

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
CSS = (ROOT / "ui" / "assets" / "face.css").read_text(encoding="utf-8")
CAPTION_OPACITY = 0.6  # of Streamlit's captions
BOTH = pytest.mark.parametrize("theme", [THEMES["light"], THEMES["dark"]], ids=["light", "dark"])


def channels(code):
    return [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def over(code, ground, share):
    mixed = (share * above + (1 - share) * below for above, below in zip(channels(code), channels(ground), strict=True))
    return "#" + "".join(f"{round(255 * value):02X}" for value in mixed)


def contrast(one, other):
    """From 1 to 21, as WCAG 2.2 defines it."""
    light = []
    for code in (one, other):
        red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels(code))
        light.append(0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    return max(light) / min(light)


def test_contrast_follows_the_standard():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.promise("display", "All text has a contrast of at least 4.5 : 1")
@BOTH
def test_text_has_enough_contrast(theme):
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], ground) > 12
        assert contrast(over(theme["textColor"], ground, CAPTION_OPACITY), ground) > 4.5
        assert contrast(theme["linkColor"], ground) > 4.5
        assert contrast(theme["grayTextColor"], ground) > 4.5
        assert contrast(theme["primaryColor"], ground) > 3
    assert contrast("#FFFFFF", theme["primaryColor"]) > 4.5  # on buttons


@BOTH
def test_charts_use_the_labels_colours(theme):
    assert tuple(theme["chartCategoricalColors"]) == PALETTE


def test_the_accent_is_the_charts_blue():
    assert THEMES["light"]["primaryColor"] == TRAIN


def test_selected_text_has_the_links_colours():
    light, dark = re.search(r"p,.*?light-dark\((#\w+), (#\w+)\)", CSS, re.DOTALL).groups()
    assert (light.upper(), dark.upper()) == (THEMES["light"]["linkColor"], THEMES["dark"]["linkColor"])


def test_text_in_charts_has_enough_contrast():
    colours = re.search(r"annotation-text\).*?light-dark\((#\w+), (#\w+)\)", CSS, re.DOTALL).groups()
    for theme, colour in zip((THEMES["light"], THEMES["dark"]), colours, strict=True):
        assert contrast(colour, theme["backgroundColor"]) > 4.5
        assert contrast(colour, theme["secondaryBackgroundColor"]) > 4.5
