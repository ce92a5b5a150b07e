"""What 'What a network sees' tells of a clip. The frames themselves: tests/clips/test_center.py."""

import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from har.clips import ClipSpec, decode
from har.video import VideoInfo, probe
from tests.ui.data_pages import open_page, ran, texts, write_clip
from ui.explore import model_input


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sight") / "set"
    for number, name in enumerate(("Run/a.mp4", "Run/b.mp4", "Jump/c.mp4")):
        write_clip(folder / name, number, count=100, fps=25)
    write_clip(folder / "Jump" / "short.mp4", 3, count=25, fps=25)
    (folder / "Run" / "words.mp4").write_bytes(b"words, not pictures")
    return folder


def chosen(page):
    clip = page.selectbox[1]
    return page.selectbox[0].value, clip.options[clip.value]


def slider(page, name):
    return next(slider for slider in (*page.slider, *page.select_slider) if slider.label == name)


def info(**changes) -> VideoInfo:
    known = {
        "path": Path("a.mp4"),
        "width": 320,
        "height": 240,
        "fps": Fraction(25),
        "duration_sec": 4.0,
        "frame_count": 100,
        "has_audio": False,
        "codec": "h264",
        "container": "mp4",
        "variable_rate": False,
        "size_bytes": 1000,
        "warning": None,
    }
    return VideoInfo(**(known | changes))


def test_the_numbers_are_counted_and_what_is_covered_is_told(folder):
    page = open_page("sight", folder)
    assert "20 frames × 64 × 64 pixels × 3 colours = **245,760 numbers**" in texts(page)
    assert "They cover 2 of the clip's 4.00 seconds" in texts(page)
    assert "About 30 of 50 frames are left out" in texts(page)
    ruler = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    assert (ruler[1]["base"], ruler[1]["x"]) == ([1.0], [2.0])


def test_each_frame_stands_beside_the_videos(folder):
    page = open_page("sight", folder)
    slider(page, "Frames").set_value(8)
    page = ran(page)
    captions = [image.proto.imgs[0].caption for image in page.get("image")]
    assert captions == [
        "The video at 2.00 s",
        "The network's frame 5",
        *(f"{1 + place / 4:.2f} s" for place in range(8)),
        "",
    ]
    assert all(image.proto.imgs[0].alt for image in page.get("image"))
    slider(page, "Frame").set_value(1)
    assert next(image.proto.imgs[0].caption for image in ran(page).get("image")) == "The video at 1.00 s"


def test_other_sizes_and_spans_act(folder):
    page = open_page("sight", folder)
    slider(page, "Frames").set_value(4)
    slider(page, "Span (seconds)").set_value(0.2)
    slider(page, "Picture (pixels a side)").set_value(112)
    page.segmented_control[0].set_value("crop")
    page = ran(page)
    assert f"**{4 * 112 * 112 * 3:,} numbers**" in texts(page)
    assert "They cover 0.2 of" in texts(page)


def test_a_clip_shorter_than_the_span_is_said_to_be_spread(folder):
    page = open_page("sight", folder, label="Jump", clip="short.mp4")
    assert "The clip lasts 1.00 s, less than the span" in texts(page)
    slider(page, "Span (seconds)").set_value(0.5)
    assert "They cover 0.5 of the clip's 1.00 seconds" in texts(ran(page))


def test_the_address_chooses_the_clip(folder):
    assert chosen(open_page("sight", folder, label="Run", clip="b.mp4")) == ("Run", "b.mp4")


@pytest.mark.parametrize(
    ("label", "clip"),
    [("Run", "../../etc/passwd"), ("Run", "c.mp4"), ("<b>", "a.mp4"), ("", ""), ("Fly", "b.mp4")],
)
def test_an_address_that_names_nothing_here_leads_to_the_first_clip(folder, label, clip):
    page = open_page("sight", folder, label=label, clip=clip)
    assert chosen(page) in (("Jump", "c.mp4"), ("Run", "a.mp4"))
    assert "245,760" in texts(page)


def test_a_file_that_is_no_video_says_so_and_another_can_be_chosen(folder):
    page = open_page("sight", folder, label="Run", clip="words.mp4")
    assert page.error
    page.selectbox[1].set_value(0)
    assert "245,760" in texts(ran(page))


def test_the_networks_pixels_are_those_that_training_gets_enlarged_to_whole_squares(folder):
    path = folder / "Run" / "a.mp4"
    spec = ClipSpec(4, 32, 32, 1.0)
    model_input._pictures.clear()
    pictures = model_input._pictures(path.name, spec, probe(path))
    shown = np.asarray(Image.open(io.BytesIO(pictures.enlarged[0])).convert("RGB"))
    expected = decode(probe(path), spec)[6]
    factor = len(shown) // 32
    np.testing.assert_array_equal(shown[::factor, ::factor], expected)
    np.testing.assert_array_equal(shown[factor - 1 :: factor, factor - 1 :: factor], expected)


def test_it_plays_as_fast_as_it_was(folder):
    path = folder / "Run" / "b.mp4"
    pictures = model_input._pictures(path.name, ClipSpec(5, 32, 32, 1.0), probe(path))
    played = Image.open(io.BytesIO(pictures.played))
    assert (played.n_frames, played.info["loop"]) == (5, 0)
    played.load()
    assert played.info["duration"] == 200


@pytest.mark.parametrize(
    ("changes", "fit", "said"),
    [
        ({}, "stretch", "that is 2.1%. About 30 of 50 frames are left out. A pixel stands for 5 × 3.8 of the video's; "
         "people look 25% narrower."),
        ({}, "crop", "A pixel stands for 3.8 × 3.8 of the video's; 25% of the picture, at the sides, is cut off."),
        ({"width": 240, "height": 320}, "stretch", "people look 25% flatter."),
        ({"width": 240, "height": 320}, "crop", "25% of the picture, above and below, is cut off."),
        ({"width": 240}, "stretch", "3.8 × 3.8 of the video's."),
        ({"width": 240}, "crop", "3.8 × 3.8 of the video's."),
        ({"width": 64, "height": 64, "fps": Fraction(5)}, "stretch", "has no more than that. No frame is left"),
        ({"width": 7680, "height": 4320, "fps": Fraction(60)}, "stretch", "less than 0.1%."),
    ],
)  # fmt: skip
def test_what_is_lost_is_counted(changes, fit, said):
    assert said in model_input._lost(info(**changes), ClipSpec(fit=fit), spread=False)


def test_of_a_clip_that_is_spread_the_loss_is_counted_over_its_own_length():
    assert "in these 1 s" in model_input._lost(info(duration_sec=1.0), ClipSpec(), spread=True)
