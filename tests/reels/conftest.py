"""Results to make films of, and what films show."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from har import results
from har.classifier import read_card
from har.results.store import SCORES, write_notes
from har.settings import settings
from har.timeline import Piece, Scored, WindowScores, save_scores
from har.video import probe
from tests.browser.made import FPS, SHARP, Made, make_result
from tests.render.conftest import only_our_font  # noqa: F401  a fixture
from tests.video.barcode import number
from tests.video.conftest import ffmpeg

Correct = Callable[..., None]


@pytest.fixture
def made() -> Made:
    """A result of a video of 150 numbered frames, 4:3 and without sound."""
    return make_result(settings().home, [0] * 3 + [1] * 2 + [None] + [2] * 4, frames=150)


@pytest.fixture
def correct() -> Correct:
    """Corrects a result: labels from these frames on."""

    def correct(folder: Path, *pieces: tuple[int, str | None]) -> None:
        result = results.open_annotation(folder)
        corrected = tuple(Piece(frame / float(FPS), label, "corrected") for frame, label in pieces)
        results.replace_segments(result, corrected)

    return correct


def result_of(video: Path, folder: Path, label: str = "wave") -> Path:
    """A folder with a result: one segment as long as the video."""
    folder.mkdir()
    info = probe(video)
    scores = WindowScores((label, "other"), np.zeros(1), np.full(1, info.duration_sec), np.array([[0.9, 0.1]], "f4"))
    times = np.arange(max(1, round(info.duration_sec * info.fps))) / float(info.fps)
    save_scores(folder / SCORES, Scored(scores, times, info.duration_sec))
    write_notes(folder, info, read_card("lrcn-figures"), SHARP)
    return folder


def number_in(frame: np.ndarray, left: int, top: int, width: int, height: int) -> int:
    """The number that a part of a frame shows."""
    return number(frame[top : top + height, left : left + width])


def samples_of(path: Path) -> np.ndarray:
    """Of a film's sound, mono, 8000 a second."""
    raw = ffmpeg("-i", path, "-ac", "1", "-ar", "8000", "-f", "s16le", "-")
    return np.frombuffer(raw, np.int16).astype(np.float64)


def heard_sec(path: Path) -> tuple[float, float]:
    """When a film's sound begins and ends."""
    power = np.convolve(np.abs(samples_of(path)), np.ones(400) / 400, "same")
    loud = np.flatnonzero(power > 2000) / 8000
    return loud.min(), loud.max()


def with_tone(path: Path, seconds: int, first: int) -> Path:
    """A video of 25 frames a second that is heard only in one of its seconds."""
    tone = f"aevalsrc=0.5*sin(2*PI*600*t)*between(t\\,{first}\\,{first + 1}):d={seconds}"
    picture = ("-f", "lavfi", "-i", f"testsrc=s=320x240:r=25:d={seconds}", "-f", "lavfi", "-i", tone)
    ffmpeg(*picture, "-pix_fmt", "yuv420p", "-shortest", path)
    return path
