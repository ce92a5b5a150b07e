import inspect
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import NETWORKS

pytestmark = pytest.mark.training


BUILT_HERE = [name for name, entry in NETWORKS.items() if entry.published is None]


def clips(spec: ClipSpec, count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *spec.shape), np.uint8)


@pytest.mark.parametrize(
    ("name", "labels", "parameters"), [("lrcn", 4, 73_060), ("convlstm", 4, 44_524), ("i3d", 400, 12_689_984)]
)
def test_networks_have_the_published_number_of_parameters(name: str, labels: int, parameters: int) -> None:
    assert networks.build(name, labels, NETWORKS[name].spec).count_params() == parameters


@pytest.mark.parametrize("name", BUILT_HERE)
def test_any_size_and_label_count_gives_probabilities(name: str) -> None:
    side = NETWORKS[name].smallest_side
    spec = ClipSpec(frames=3, height=side, width=side + 5)
    probabilities = networks.build(name, 7, spec)(clips(spec)).numpy()
    assert probabilities.shape == (2, 7)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["lrcn", "convlstm"])
def test_frames_that_are_too_small_are_refused(name: str) -> None:
    side = NETWORKS[name].smallest_side
    with pytest.raises(OptionsError, match=f"at least {side} pixels"):
        networks.build(name, 2, ClipSpec(frames=2, height=side, width=side - 1))


@pytest.mark.parametrize("name", ["lrcn", "convlstm"])
def test_below_the_smallest_side_nothing_is_left_after_pooling(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    side = NETWORKS[name].smallest_side - 1
    monkeypatch.setitem(NETWORKS, name, replace(NETWORKS[name], smallest_side=1))
    try:
        weights = networks.build(name, 2, ClipSpec(frames=2, height=side, width=side)).weights
    except ValueError:
        return  # refused by Keras
    assert min(min(weight.shape, default=1) for weight in weights) == 0


@pytest.mark.parametrize("entry", NETWORKS.values(), ids=list(NETWORKS))
def test_every_entry_matches_the_network_it_builds(entry: networks.Network) -> None:
    assert [entry.title, entry.description, entry.citation] != ["", "", ""]
    assert list(inspect.signature(entry.build).parameters) == ["label_count", "spec", *entry.options]
    spec = ClipSpec(frames=4, height=64, width=64) if entry.published is None else entry.spec
    model = networks.build(entry.name, 2, spec, **entry.default_options)
    parts = networks.encoder_and_head(model)
    assert entry.frozen == (parts is not None and not parts[0].trainable)
    assert entry.trainable == (entry.cost is not None)
    if entry.cost is not None:
        pretrains_on_frames = networks.frame_encoder_and_head(model) is not None and not entry.frozen
        cost = entry.cost(entry.default_options)
        assert (cost.frame_sec > 0, cost.encode_sec > 0) == (pretrains_on_frames, entry.frozen)


def test_an_unknown_network_is_refused_with_a_list_of_the_known_ones() -> None:
    with pytest.raises(OptionsError, match="lrcn, convlstm, lrcn-lite0, movinet-head, i3d-head, i3d, movinet"):
        networks.build("resnet", 2, ClipSpec())


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(OptionsError, match="units"):
        networks.build("lrcn", 2, ClipSpec(), units=3)


@pytest.mark.parametrize("count", [-1, 0, 1])
def test_fewer_than_two_labels_are_refused(count: int) -> None:
    with pytest.raises(OptionsError, match="at least two"):
        networks.build("lrcn", count, ClipSpec())


@pytest.mark.parametrize("name", ["convlstm", "i3d"])
def test_networks_that_see_space_and_time_together_have_no_frame_encoder(name: str) -> None:
    assert networks.frame_encoder_and_head(networks.build(name, 2, ClipSpec(frames=2))) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_weight_names_do_not_depend_on_networks_built_before(name: str) -> None:
    spec = replace(NETWORKS[name].spec, frames=2)
    first, second = ([weight.path for weight in networks.build(name, 2, spec).trainable_variables] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


def test_no_network_contains_lambda_layers() -> None:
    for name in NETWORKS:
        kinds = {
            type(layer) for layer in networks.build(name, 2, replace(NETWORKS[name].spec, frames=2))._flatten_layers()
        }
        assert keras.layers.Lambda not in kinds


def test_importing_the_registry_does_not_import_tensorflow() -> None:
    code = "import sys, har.networks; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_starting_tensorflow_takes_no_more_memory_than_needed() -> None:
    """Its libraries are mapped once, and pandas can still be imported afterwards."""
    code = """
import sys, psutil
from har import networks
networks.start_tensorflow()
assert "pandas" not in sys.modules
maps = [each for each in psutil.Process().memory_maps(grouped=False) if "libtensorflow" in each.path]
assert maps and sum(each.rss - each.anonymous for each in maps) < 50e6, maps
import pandas
assert pandas.DataFrame({"a": [1, 2]})["a"].sum() == 3
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
