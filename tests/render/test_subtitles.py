"""The panel: its content, that it fits, and that labels cannot act as commands."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.render import burn_in
from har.render.layout import fit_layout
from har.render.subtitles import escape, subtitle_script
from har.render.text import text_width, wrap
from har.video import probe
from tests.render.conftest import frames_of, labels_at, make_video

pytestmark = pytest.mark.media

LONG = "playing squash or racquetball"


def texts(labels) -> list[str]:
    """The text of each event, without commands."""
    lines = [line for line in subtitle_script(labels, 320, 240).splitlines() if line.startswith("Dialogue: 2")]
    return [re.sub(r"\{[^}]*\}", "", line.split(",Text,")[1]).replace("\N{LEFT-TO-RIGHT MARK}", "") for line in lines]


def draw(tmp_path, *names, size="320x240", colour="black"):
    """A single frame with the first of some labels; the others are the next ones."""
    source = make_video(tmp_path / f"{size}.mp4", size=size, seconds=0.04, colour=colour)
    top = [[index if index < len(names) else -1 for index in range(3)]]
    burn_in(probe(source), labels_at([0.0], [0], names, top=top), tmp_path / "out.mp4")
    return frames_of(tmp_path / "out.mp4")[0].astype(int)


def draw_each(tmp_path, *names):
    """A frame with each of some labels, by label."""
    count = len(names)
    source = make_video(tmp_path / "in.mp4", size="640x240", seconds=count / 25, colour="black")
    top = [[index, -1, -1] for index in range(count)]
    burn_in(probe(source), labels_at(np.arange(count) / 25, range(count), names, top=top), tmp_path / "out.mp4")
    return dict(zip(names, frames_of(tmp_path / "out.mp4").astype(int), strict=True))


def test_a_frame_shows_the_label_its_percentage_and_the_next_two():
    assert texts(labels_at([0.0], [0], ("squat", "jump", "walk"))) == [
        "squat 80\N{NO-BREAK SPACE}%\\Njump 10\N{NO-BREAK SPACE}%  ·  walk 5\N{NO-BREAK SPACE}%"
    ]


def test_the_next_labels_do_not_repeat_the_main_one():
    """Hysteresis may keep a label that is no longer the most probable."""
    assert texts(labels_at([0.0], [1], ("squat", "jump", "walk")))[0].split("\\N")[1].startswith("squat 80")


def test_labels_given_by_a_person_have_no_percentage():
    """Frames that differ only in that are separate events."""
    labels = labels_at([0.0, 0.04], [1, 1], ("squat", "jump", "walk"))
    before, after = texts(replace(labels, marks=np.array([0, 2])))
    assert before.startswith("jump 80\N{NO-BREAK SPACE}%\\Nsquat")
    assert after.startswith("jump\\Nsquat 80")


def test_unsure_is_shown_with_three_next_labels():
    (text,) = texts(labels_at([0.0], [-1], ("squat", "jump", "walk"), confidence=0.3))
    assert text.replace("\N{NO-BREAK SPACE}", " ") == "unsure\\Nsquat 30 %  ·  jump 10 %  ·  walk 5 %"


def test_missing_next_labels_leave_nothing():
    assert texts(labels_at([0.0], [-1], ("squat",), top=[[-1, -1, -1]])) == ["unsure"]


def test_equal_frames_share_an_event():
    assert len(texts(labels_at(np.arange(1000) / 25, [0] * 500 + [1] * 500))) == 2


COMMANDS = (
    "{\\an8}squat",
    "squat\\Nsquat",
    "squat\\hx\\nx",
    "\\{\\fs90}squat",
    "squat}{",
    "\\",
    "{",
    "squat\\",
    "{\\p1}m 0 0 l 99 99",
)


def test_labels_with_commands_are_drawn_literally(tmp_path):
    """A command would move, wrap or hide it."""
    letters = {label: re.sub(r"[^a-z ]", "i", label) for label in COMMANDS}
    frames = draw_each(tmp_path, *letters, *dict.fromkeys(letters.values()))
    for label in COMMANDS:
        drawn, plain = frames[label], frames[letters[label]]
        left, top, right, bottom = box_of(drawn)
        assert (top, bottom) == pytest.approx(box_of(plain)[1::2], abs=8), label  # braces reach lower than letters
        assert left == pytest.approx(box_of(plain)[0], abs=4), label
        assert right > left + 0.8 * text_width(label + " 80 %") * 17, label
        assert (drawn.min(axis=2) > 170).sum() > 0.7 * (plain.min(axis=2) > 170).sum(), label


def box_of(frame):
    rows, columns = np.nonzero(frame.min(axis=2) > 170)
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_every_character_of_a_label_is_drawn(tmp_path):
    """A command would swallow some: each longer label takes more room."""
    widths = [box_of(frame)[2] for frame in draw_each(tmp_path, "a{b}", "a{b}\\N", "a{b}\\N{c}d").values()]
    assert widths == sorted(set(widths))


@given(st.text(st.sampled_from("ab{}\\Nnh \n\t"), max_size=12))
def test_no_command_survives_escaping(label):
    """Parses text like the renderer: a brace starts a command unless directly after a backslash."""
    text, out, at = escape(label), "", 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("{", "}"):
            out, at = out + text[at + 1], at + 2
        else:
            assert text[at] not in "{}"
            assert text[at : at + 2] not in ("\\N", "\\n", "\\h")
            out, at = out + text[at], at + 1
    assert out.replace("\N{WORD JOINER}", "") == label


@pytest.mark.parametrize("size", ["160x120", "576x1024", "1920x1080"])
@pytest.mark.parametrize("label", ["squat", LONG, "M" * 90, "太極拳" * 30], ids=["short", "long", "huge", "wide"])
def test_text_stays_within_the_panel_and_is_large_enough(tmp_path, size, label):
    width, height = map(int, size.split("x"))
    text = draw(tmp_path, label, LONG, "walk", size=size, colour="0xA0A0A0")
    ground = text.max(axis=2) < 110
    panel_top, panel_bottom = np.nonzero(ground.sum(axis=1) > 10)[0][[0, -1]].tolist()
    panel_left, panel_right = np.nonzero(ground[panel_top + 1])[0][[0, -1]]
    left, top, right, bottom = box_of(text)
    assert panel_left < left < right <= panel_right < width - 1
    assert 2 <= panel_top < top < bottom <= panel_bottom < 0.75 * height
    assert (text.min(axis=2) > 170).sum() > 0.003 * width * height


@pytest.mark.parametrize("ground", ["white", "black", "red"])
def test_text_is_readable_on_any_ground(tmp_path, ground):
    """Letters are much lighter than what is behind them."""
    light = draw(tmp_path, "MMMMMMMM", colour=ground) @ [0.2126, 0.7152, 0.0722]
    lines = light[10:60, 20:100]
    assert np.percentile(lines, 97) > 220
    assert np.percentile(lines, 30) < 110


@given(
    st.integers(16, 4000),
    st.integers(16, 4000),
    st.lists(st.text(st.sampled_from("abcM 太"), min_size=1, max_size=60), min_size=1, max_size=5),
)
def test_the_panel_fits_any_frame(width, height, names):
    layout = fit_layout(width, height, names, names, 2)
    lines = max(len(layout.main_text(name)) for name in names)
    tall = lines * layout.main + 2 * layout.small + 2 * layout.padding + 2 * layout.margin
    if min(width, height) >= 64:
        assert tall <= height
        assert layout.margin + layout.panel_width <= width


@given(st.text(st.sampled_from("abcM 太-"), max_size=60), st.floats(2.5, 30), st.integers(1, 4))
def test_wrapping_reports_whether_text_is_cut(text, width, max_lines):
    lines, complete = wrap(" ".join(text.split()), width, max_lines)
    assert len(lines) <= max_lines
    assert all(text_width(line) <= width + 1e-9 for line in lines)
    assert complete == ("".join(lines).replace(" ", "") == "".join(text.split()))
    assert complete or lines[-1].endswith("…")
