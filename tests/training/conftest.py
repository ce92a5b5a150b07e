from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest

from har.clips import ClipSpec
from har.datasets import Dataset, LabelledVideo
from har.errors import StopRequested
from har.progress import OnProgress, Progress
from har.recipe import Recipe, recipe_for
from har.video import write_video


class Killed(BaseException):
    """As if the process had ended."""


def raise_if(condition: Callable[[Progress], bool], error: type[BaseException] = StopRequested) -> OnProgress:
    def on_progress(progress: Progress) -> None:
        if condition(progress):
            raise error

    return on_progress


def moving_square(down: bool, length: int, grey: int) -> Iterator[np.ndarray]:
    for step in range(length):
        frame = np.full((64, 64, 3), grey, np.uint8)
        top = step * 3 if down else 44 - step * 3
        frame[max(top, 0) : top + 20, 10:34] = 255  # off-centre, so that its mirror image differs
        yield frame


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A white square that rises or sinks; each group has another grey background."""
    folder = tmp_path_factory.mktemp("squares")
    videos = []
    for label in ("rise", "sink"):
        (folder / label).mkdir()
        for group in range(5):
            path = folder / label / f"v_{label}_g{group:02}_c01.mp4"
            write_video(path, moving_square(label == "sink", 12 + group, 10 + 20 * group), Fraction(10))
            videos.append(LabelledVideo(path, label, f"g{group:02}"))
    return Dataset("squares", "Squares", tuple(videos))


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """Too short to learn anything, but with every step of training."""
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    return recipe_for("lrcn", options={}, spec=spec, epochs=3, batch_size=4, warmup_epochs=1, frame_steps=5)
