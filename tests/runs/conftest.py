from dataclasses import replace
from pathlib import Path

import pytest

from har.clips import ClipSpec
from har.recipe import recipe_for
from har.runs import Plan, Run, new_run, open_run, train_run
from tests.tiny_clips import write_shades

OWNER, OTHER = "o" * 22, "x" * 22


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten clips of two labels in five groups."""
    return write_shades(tmp_path_factory.mktemp("shades"), range(5))


@pytest.fixture(scope="session")
def plan(folder: Path) -> Plan:
    """Too short to learn much, but with every step of training."""
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    recipe = recipe_for("lrcn", options={}, spec=spec, epochs=3, batch_size=4, warmup_epochs=1, frame_steps=0)
    return Plan(str(folder), "Shades", ("bright", "dark"), recipe, 1000.0, None)


@pytest.fixture(scope="session")
def finished(plan: Plan) -> Run:
    """A run that was trained once for all tests of this folder."""
    run = new_run(OWNER, replace(plan, created=500.0))
    train_run(run.id)
    return open_run(run.id)
