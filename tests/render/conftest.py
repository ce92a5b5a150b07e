"""Videos to draw on, labels to draw, and functions that read what was drawn."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from har.colours import label_colours
from har.render import burn_in
from har.render.glyphs import _without_glyph
from har.timeline import FrameLabels
from har.video import probe, read_frames
from tests.video.conftest import ffmpeg, read_times


def make_video(path: Path, *encode: str, size="160x120", rate="25", seconds=2.0, colour="white", inputs=()) -> Path:
    source = f"color=c={colour}:s={size}:r={rate}:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, *inputs, *(encode or ("-c:v", "libx264", "-preset", "ultrafast")), path)
    return path


def frames_of(path: Path) -> np.ndarray:
    with read_frames(probe(path)) as reader:
        return np.stack(list(reader))


def packets_of(path: Path, stream: str) -> list[tuple[int, int, str]]:
    """Time and duration in ticks, and checksum, of each packet."""
    lines = ffmpeg("-i", path, "-map", stream, "-c", "copy", "-f", "framecrc", "-").decode().splitlines()
    fields = [[part.strip() for part in line.split(",")] for line in lines if not line.startswith("#")]
    return sorted((int(field[2]), int(field[3]), field[5]) for field in fields)


def labels_at(times, index, names=("A", "B", "C"), confidence=0.8, top=None) -> FrameLabels:
    index = np.array(index, np.int64)
    count = len(index)
    tops = np.array(top, np.int64) if top is not None else np.tile([0, 1, 2], (count, 1)).astype(np.int64)
    probabilities = np.tile(np.array([confidence, 0.1, 0.05], np.float32), (count, 1))
    return FrameLabels(
        np.asarray(times, np.float64),
        index,
        probabilities[:, 0].copy(),
        tops,
        probabilities,
        np.ones(count, np.int64),
        names,
    )


def bar_labels(frames: np.ndarray, labels: FrameLabels) -> list[int]:
    """The label of each frame, read from the colour of the panel's bar."""
    colours = label_colours(labels.ranked_labels())
    table = np.array([[int(code[at : at + 2], 16) for at in (1, 3, 5)] for code in colours.values()])
    height, width = frames.shape[1:3]
    margin = round(2 + 0.015 * min(height, 0.8 * width))
    bars = frames[:, margin + 2 : margin + 8, margin + 1 : margin + 3].mean(axis=(1, 2))
    nearest = np.abs(bars[:, None] - table[None]).sum(axis=2)
    assert (nearest.min(axis=1) < 110).all(), "a frame without a bar"
    return [list(colours)[at] for at in nearest.argmin(axis=1)]


def check_each_frame_shows_its_own_label(source: Path, out: Path) -> None:
    """Burn in labels, and unsure, that change on most frames."""
    times = read_times(source)
    labels = labels_at(times, changing_labels(len(times)))
    burn_in(probe(source), labels, out)
    assert bar_labels(frames_of(out), labels) == labels.label_index.tolist()


def changing_labels(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-1, 3, count)


def text_pixels(frame: np.ndarray) -> int:
    """Bright pixels, on a dark ground."""
    return int((frame.min(axis=2) > 170).sum())


@pytest.fixture(autouse=True)
def _high_quality(override) -> None:
    """A bar of three pixels keeps its colour, though it changes on every frame."""
    override(encoder_crf=4)


@pytest.fixture
def only_our_font(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No font is installed."""
    folder = tmp_path_factory.mktemp("nofonts")
    (folder / "fonts.conf").write_text("<?xml version='1.0'?> <fontconfig> </fontconfig>")
    paths = {"FONTCONFIG_FILE": folder / "fonts.conf", "FONTCONFIG_PATH": folder, "HOME": folder}
    for name, value in paths.items():
        monkeypatch.setenv(name, str(value))
    _without_glyph.cache_clear()
    yield
    _without_glyph.cache_clear()
