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
    model, again = (networks.build(entry.name, 2, spec, **entry.default_options) for _ in range(2))
    names = [weight.path for weight in model.trainable_variables]
    assert names == [weight.path for weight in again.trainable_variables]  # whatever was built before
    assert len(set(names)) == len(names)
    assert not any(isinstance(layer, keras.layers.Lambda) for layer in model._flatten_layers())
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


def test_networks_that_see_space_and_time_together_have_no_frame_encoder() -> None:
    assert networks.frame_encoder_and_head(networks.build("convlstm", 2, ClipSpec(frames=2))) is None


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
