"""The drawn panel: what stands in it, that it fits, and that a label cannot act as a command."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from har.render import burn_in
from har.render.layout import fit
from har.render.script import escape, script
from har.render.text import width_of, wrap
from har.video import probe
from tests.render.conftest import frames_of, labels_at, make_video

LONG = "playing squash or racquetball"


def texts(labels) -> list[str]:
    """Lines of each text event, without the commands in them."""
    lines = [line for line in script(labels, 320, 240).splitlines() if line.startswith("Dialogue: 2")]
    return [re.sub(r"\{[^}]*\}", "", line.split(",Text,")[1]).replace("\N{LEFT-TO-RIGHT MARK}", "") for line in lines]


def drawn(tmp_path, *names, size="320x240", colour="black"):
    """The one frame of a video under the first of some labels; the others are the next ones."""
    source = make_video(tmp_path / f"{size}.mp4", size=size, seconds=0.04, colour=colour)
    top = [[index if index < len(names) else -1 for index in range(3)]]
    burn_in(probe(source), labels_at([0.0], [0], names, top=top), tmp_path / "out.mp4")
    return frames_of(tmp_path / "out.mp4")[0].astype(int)


def test_a_frame_tells_the_label_its_share_and_the_next_two():
    assert texts(labels_at([0.0], [0], ("squat", "jump", "walk"))) == [
        "squat 80\N{NO-BREAK SPACE}%\\Njump 10\N{NO-BREAK SPACE}%  ·  walk 5\N{NO-BREAK SPACE}%"
    ]


def test_the_next_two_are_those_that_do_not_stand_already():
    """Hysteresis may keep a label that is no longer the most probable."""
    assert texts(labels_at([0.0], [1], ("squat", "jump", "walk")))[0].split("\\N")[1].startswith("squat 80")


def test_what_a_person_has_said_has_no_share():
    """Two frames that look alike but for that are two events."""
    labels = labels_at([0.0, 0.04], [1, 1], ("squat", "jump", "walk"))
    before, after = texts(replace(labels, marks=np.array([0, 2])))
    assert before.startswith("jump 80\N{NO-BREAK SPACE}%\\Nsquat")
    assert after.startswith("jump\\Nsquat 80")


def test_unsure_is_shown_as_such_with_three_guesses():
    (text,) = texts(labels_at([0.0], [-1], ("squat", "jump", "walk"), confidence=0.3))
    assert text.replace("\N{NO-BREAK SPACE}", " ") == "unsure\\Nsquat 30 %  ·  jump 10 %  ·  walk 5 %"


def test_guesses_that_are_not_there_leave_nothing():
    assert texts(labels_at([0.0], [-1], ("squat",), top=[[-1, -1, -1]])) == ["unsure"]


def test_frames_that_look_alike_share_an_event():
    labels = labels_at(np.arange(1000) / 25, [0] * 500 + [1] * 500)
    assert len(script(labels, 320, 240).splitlines()) - len(script(labels_at([0.0], [0]), 320, 240).splitlines()) == 2


@pytest.mark.parametrize(
    "label",
    [
        "{\\an8}squat",
        "squat\\Nsquat",
        "squat\\hx\\nx",
        "\\{\\fs90}squat",
        "squat}{",
        "\\",
        "{",
        "squat\\",
        "{\\p1}m 0 0 l 99 99",
    ],
)
def test_a_label_is_drawn_as_it_is_written(tmp_path, label):
    """A command would move, break or hide it. Two backslashes side by side have the same width as one and another."""
    plain = drawn(tmp_path, re.sub(r"[^a-z ]", "i", label), size="640x240")
    seen = drawn(tmp_path, label, size="640x240")
    left, top, right, bottom = box_of(seen)
    assert (top, bottom) == pytest.approx(box_of(plain)[1::2], abs=8)  # braces reach lower than letters
    assert left == pytest.approx(box_of(plain)[0], abs=4)
    assert right > left + 0.8 * width_of(label + " 80 %") * 17
    assert (seen.min(axis=2) > 170).sum() > 0.7 * (plain.min(axis=2) > 170).sum()


def box_of(frame):
    rows, columns = np.nonzero(frame.min(axis=2) > 170)
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_every_sign_of_a_label_counts(tmp_path):
    """What a command would swallow is drawn: each longer label takes more room."""
    widths = [box_of(drawn(tmp_path, label, size="640x240"))[2] for label in ("a{b}", "a{b}\\N", "a{b}\\N{c}d")]
    assert widths == sorted(set(widths))


@hypothesis_settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab{}\\Nnh \n\t"), max_size=12))
def test_no_command_survives(label):
    """Reads text as the renderer does: a brace opens a command unless a backslash stands right before it."""
    text, out, at = escape(label), "", 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("{", "}"):
            out, at = out + text[at + 1], at + 2
        else:
            assert text[at] not in "{}"
            assert text[at : at + 2] not in ("\\N", "\\n", "\\h")
            out, at = out + text[at], at + 1
    assert out.replace("\N{WORD JOINER}", "") == label


@pytest.mark.parametrize("size", ["160x120", "320x240", "576x1024", "1920x1080"])
@pytest.mark.parametrize("label", ["squat", LONG, "M" * 90, "太極拳" * 30], ids=["short", "long", "huge", "wide"])
def test_text_stays_within_the_panel_and_is_large_enough(tmp_path, size, label):
    width, height = map(int, size.split("x"))
    ground = drawn(tmp_path, label, LONG, "walk", size=size, colour="white").max(axis=2) < 130
    panel_top, panel_bottom = np.nonzero(ground.sum(axis=1) > 10)[0][[0, -1]].tolist()
    panel_left, panel_right = np.nonzero(ground[panel_top + 1])[0][[0, -1]]
    text = drawn(tmp_path, label, LONG, "walk", size=size)
    left, top, right, bottom = box_of(text)
    assert panel_left < left < right <= panel_right < width - 1
    assert 2 <= panel_top < top < bottom <= panel_bottom < 0.75 * height
    assert (text.min(axis=2) > 170).sum() > 0.003 * width * height


@pytest.mark.parametrize("ground", ["white", "black", "red", "gray"])
def test_text_can_be_read_on_any_ground(tmp_path, ground):
    """The difference in light between letters and what is behind them."""
    light = drawn(tmp_path, "MMMMMMMM", colour=ground) @ [0.2126, 0.7152, 0.0722]
    lines = light[10:60, 20:100]
    assert np.percentile(lines, 97) > 220
    assert np.percentile(lines, 30) < 110


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    st.integers(16, 4000),
    st.integers(16, 4000),
    st.lists(st.text(st.sampled_from("abcM 太"), min_size=1, max_size=60), min_size=1, max_size=5),
)
def test_whatever_the_frame_the_panel_fits(width, height, names):
    layout = fit(width, height, names, names, 2)
    lines = max(len(layout.main_text(name)) for name in names)
    tall = lines * layout.main + 2 * layout.small + 2 * layout.padding + 2 * layout.margin
    if min(width, height) >= 64:
        assert tall <= height
        assert layout.margin + layout.panel_width <= width


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("abcM 太-"), max_size=60), st.floats(2.5, 30), st.integers(1, 4))
def test_wrapping_loses_nothing_unless_it_says_so(text, width, lines):
    out, whole = wrap(" ".join(text.split()), width, lines)
    assert len(out) <= lines
    assert all(width_of(line) <= width + 1e-9 for line in out)
    assert whole == ("".join(out).replace(" ", "") == "".join(text.split()))
    assert whole or out[-1].endswith("…")
