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
from har.video import probe, read_frames
from tests.browser.made import FPS, SHARP, Made, make_result
from tests.render.conftest import no_system_fonts  # noqa: F401  a fixture
from tests.video.barcode import number
from tests.video.conftest import ffmpeg

Correct = Callable[..., None]


@pytest.fixture
def made() -> Made:
    """A result of a video of 250 numbered frames, 4:3 and without sound."""
    return make_result(settings().home, [0] * 5 + [1] * 4 + [None] * 2 + [2] * 6)


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


def frames(path: Path) -> np.ndarray:
    """The frames of a film."""
    with read_frames(probe(path)) as reader:
        return np.stack(list(reader))


def number_in(frame: np.ndarray, left: int, top: int, width: int, height: int) -> int:
    """The number that a part of a frame shows."""
    return number(frame[top : top + height, left : left + width])


def samples_of(path: Path) -> np.ndarray:
    """Of a film's sound, mono, 8000 a second."""
    raw = path.with_suffix(".raw")
    ffmpeg("-i", path, "-ac", "1", "-ar", "8000", "-f", "s16le", raw)
    return np.fromfile(raw, np.int16).astype(np.float64)
