"""A network is added with one file: it is in the registry, recipes, estimates, the form and the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training

ENTRY = """
from har.clips import ClipSpec
from har.networks.network import Cost, Network, Option
from har.networks.presets import recommended

SPEC = ClipSpec(frames=2, height=8, width=8)


def build(label_count, spec, deep=False):
    import keras

    layers = [keras.layers.Flatten(), *([keras.layers.Dense(5)] if deep else []), keras.layers.Dense(label_count)]
    return keras.Sequential([keras.Input(spec.shape), *layers])


ENTRY = Network(
    name="added",
    title="Added network",
    description="For this test.",
    citation="",
    build=build,
    spec=SPEC,
    smallest_side=8,
    order=9,
    options={"deep": Option("One more layer.")},
    presets={"own": recommended(spec=SPEC, epochs=7, options={"deep": True})},
    cost=lambda options: Cost(step_sec=0.01, clip_bytes=1),
)
"""

# Extends the folder of networks, then uses the program as it is.
CODE = """
import importlib.util, sys
from importlib.machinery import PathFinder
from pathlib import Path

package = importlib.util.find_spec("har.networks")
spec = PathFinder.find_spec("har.networks.architectures", package.submodule_search_locations)
spec.submodule_search_locations.append(sys.argv[1])
sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules[spec.name])

from click.testing import CliRunner
from har.cli import main
from har.datasets import Dataset, LabelledVideo
from har.networks import NETWORKS
from har.recipe import recipe_for
from har.runs.estimate import estimate

assert list(NETWORKS)[-1] == "added"
recipe = recipe_for("added")
assert (recipe.epochs, recipe.options) == (7, {"deep": True})
videos = tuple(LabelledVideo(Path(f"{number}.mp4"), "ab"[number % 2]) for number in range(20))
assert estimate(Dataset("d", "D", videos), recipe).seconds > 0
assert "added        Added network. For this test." in CliRunner().invoke(main, ["networks"]).output
assert "added" in CliRunner().invoke(main, ["networks", "unknown"]).output
layers = CliRunner().invoke(main, ["networks", "added"]).output
assert layers.count("Dense") == 2, layers
assert "recipe own: Recommended. " in layers, layers
"""


def test_a_network_is_added_with_one_file(tmp_path: Path) -> None:
    (tmp_path / "added.py").write_text(ENTRY)
    environment = os.environ | {"HAR_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
