from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.clips import ClipSpec
from har.recipe import recipe_for
from har.runs import Plan, Run, new_run, open_run, train_run
from har.video import write_video

OWNER, OTHER = "o" * 22, "x" * 22


def growing(dark: bool, group: int) -> Iterator[np.ndarray]:
    for step in range(12):
        frame = np.full((64, 64, 3), 30 if dark else 220, np.uint8)
        frame[: 5 + step, 10 * group : 10 * group + 8] = 128
        yield frame


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten clips of two labels that are told apart at a glance."""
    folder = tmp_path_factory.mktemp("shades")
    for label in ("bright", "dark"):
        (folder / label).mkdir()
        for group in range(5):
            write_video(
                folder / label / f"v_{label}_g{group:02}_c01.mp4", growing(label == "dark", group), Fraction(10)
            )
    return folder


@pytest.fixture(scope="session")
def plan(folder: Path) -> Plan:
    """So short that next to nothing is learnt, but everything happens."""
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    recipe = recipe_for("lrcn", options={}, spec=spec, epochs=3, batch_size=4, warmup_epochs=1, frame_steps=0)
    return Plan(str(folder), "Shades", ("bright", "dark"), recipe, 1000.0, None)


@pytest.fixture(scope="session")
def finished(plan: Plan) -> Run:
    run = new_run(OWNER, replace(plan, created=500.0))
    train_run(run.id)
    return open_run(run.id)
