"""What Model input shows of a clip. The frames themselves: tests/clips/test_center.py."""

import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from har.clips import ClipSpec, decode
from har.video import VideoInfo, probe
from tests.exports.data import INFO
from tests.ui.data_pages import open_page, ran, texts, write_clip
from ui.explore import model_input

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sight") / "set"
    for number, name in enumerate(("Run/a.mp4", "Run/b.mp4", "Jump/c.mp4")):
        write_clip(folder / name, number, count=100, fps=25)
    write_clip(folder / "Jump" / "short.mp4", 3, count=25, fps=25)
    (folder / "Run" / "words.mp4").write_bytes(b"words, not pictures")
    return folder


def selected(page):
    clip = page.selectbox[1]
    return page.selectbox[0].value, clip.options[clip.value]


def slider(page, name):
    return next(slider for slider in (*page.slider, *page.select_slider) if slider.label == name)


def info(**changes) -> VideoInfo:
    """Of a video of 4 seconds with 320×240 pixels."""
    known = {"path": Path("a.mp4"), "fps": Fraction(25), "duration_sec": 4.0, "frame_count": 100}
    return replace(INFO, **(known | changes))


def test_size_and_covered_time_are_shown_and_can_be_changed(folder):
    page = open_page("model_input", folder)
    assert "20 frames × 64 × 64 pixels × 3 colours = **245,760 values**" in texts(page)
    assert "The frames cover 2 of 4.00 seconds" in texts(page)
    assert "About 30 of 50 frames are skipped" in texts(page)
    ruler = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    assert (ruler[1]["base"], ruler[1]["x"]) == ([1.0], [2.0])
    slider(page, "Frames").set_value(4)
    slider(page, "Span (seconds)").set_value(0.2)
    slider(page, "Frame size (pixels)").set_value(112)
    page.segmented_control[0].set_value("crop")
    page = ran(page)
    assert f"**{4 * 112 * 112 * 3:,} values**" in texts(page)
    assert "The frames cover 0.2 of" in texts(page)


def test_each_frame_is_next_to_its_original(folder):
    page = open_page("model_input", folder, label="Run", clip="b.mp4")
    assert selected(page) == ("Run", "b.mp4")
    slider(page, "Frames").set_value(8)
    page = ran(page)
    captions = [image.proto.imgs[0].caption for image in page.get("image")]
    assert captions == [
        "Original at 2.00 s",
        "Model input, frame 5",
        *(f"{1 + place / 4:.2f} s" for place in range(8)),
        "",
    ]
    assert all(image.proto.imgs[0].alt for image in page.get("image"))
    slider(page, "Frame").set_value(1)
    assert next(image.proto.imgs[0].caption for image in ran(page).get("image")) == "Original at 1.00 s"


def test_frames_of_a_short_clip_are_spread(folder):
    page = open_page("model_input", folder, label="Jump", clip="short.mp4")
    assert "The clip lasts 1.00 s, less than the span" in texts(page)
    slider(page, "Span (seconds)").set_value(0.5)
    assert "The frames cover 0.5 of 1.00 seconds" in texts(ran(page))


@pytest.mark.parametrize(("label", "clip"), [("Run", "../../etc/passwd"), ("Fly", "b.mp4")])
def test_unknown_clip_in_the_address_leads_to_the_first_one(folder, label, clip):
    page = open_page("model_input", folder, label=label, clip=clip)
    assert selected(page) in (("Jump", "c.mp4"), ("Run", "a.mp4"))
    assert "245,760" in texts(page)


def test_file_that_is_not_a_video_is_reported_and_another_can_be_chosen(folder):
    page = open_page("model_input", folder, label="Run", clip="words.mp4")
    assert page.error
    page.selectbox[1].set_value(0)
    assert "245,760" in texts(ran(page))


def test_pixels_are_those_of_training_enlarged_to_squares(folder):
    path = folder / "Run" / "a.mp4"
    spec = ClipSpec(4, 32, 32, 1.0)
    model_input._pictures.clear()
    pictures = model_input._pictures(path.name, spec, probe(path))
    image = np.asarray(Image.open(io.BytesIO(pictures.enlarged[0])).convert("RGB"))
    expected = decode(probe(path), spec)[6]
    factor = len(image) // 32
    np.testing.assert_array_equal(image[::factor, ::factor], expected)
    np.testing.assert_array_equal(image[factor - 1 :: factor, factor - 1 :: factor], expected)


def test_animation_has_the_original_speed(folder):
    path = folder / "Run" / "b.mp4"
    pictures = model_input._pictures(path.name, ClipSpec(5, 32, 32, 1.0), probe(path))
    animation = Image.open(io.BytesIO(pictures.animation))
    assert (animation.n_frames, animation.info["loop"]) == (5, 0)
    animation.load()
    assert animation.info["duration"] == 200


@pytest.mark.parametrize(
    ("changes", "fit", "text"),
    [
        ({}, "stretch", "That is 2.1% of the values in these 2 s of video. About 30 of 50 frames are skipped. "
         "A pixel covers 5 × 3.8 pixels of the video; people look 25% narrower."),
        ({}, "crop", "A pixel covers 3.8 × 3.8 pixels of the video; 25% of the frame is cropped at the sides."),
        ({"width": 240, "height": 320}, "stretch", "people look 25% flatter."),
        ({"width": 240, "height": 320}, "crop", "25% of the frame is cropped above and below."),
        ({"width": 240}, "crop", "3.8 × 3.8 pixels of the video."),
        ({"width": 64, "height": 64, "fps": Fraction(5)}, "stretch", "has no more. No frame is skipped"),
        ({"width": 7680, "height": 4320, "fps": Fraction(60)}, "stretch", "less than 0.1% of the values in these "
         "2 s of video. About 100 of 120 frames are skipped. A pixel covers 120 × 68 pixels"),
    ],
)  # fmt: skip
def test_loss_is_described(changes, fit, text):
    assert text in model_input.describe_loss(info(**changes), ClipSpec(fit=fit), spread=False)


def test_loss_of_a_short_clip_is_that_over_its_own_duration():
    assert "in these 1 s" in model_input.describe_loss(info(duration_sec=1.0), ClipSpec(), spread=True)
