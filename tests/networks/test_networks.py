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


def clips(spec: ClipSpec, count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *spec.shape), np.uint8)


@pytest.mark.parametrize(("name", "parameters"), [("lrcn", 73_060), ("convlstm", 44_524)])
def test_networks_have_the_published_number_of_parameters(name: str, parameters: int) -> None:
    assert networks.build(name, 4, NETWORKS[name].spec).count_params() == parameters


def test_i3d_has_400_labels() -> None:
    assert networks.build("i3d", 400, NETWORKS["i3d"].spec).count_params() == 12_689_984


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("labels", [2, 7])
def test_any_size_and_label_count_gives_probabilities(name: str, labels: int) -> None:
    side = NETWORKS[name].smallest_side
    spec = ClipSpec(frames=3, height=side, width=side + 5)
    probabilities = networks.build(name, labels, spec)(clips(spec)).numpy()
    assert probabilities.shape == (2, labels)
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


def test_an_unknown_network_is_refused_with_a_list_of_the_known_ones() -> None:
    with pytest.raises(OptionsError, match="lrcn, convlstm, lrcn-lite0, i3d-head, i3d"):
        networks.build("resnet", 2, ClipSpec())


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(OptionsError, match="units"):
        networks.build("lrcn", 2, ClipSpec(), units=3)


@pytest.mark.parametrize("count", [-1, 0, 1])
def test_fewer_than_two_labels_are_refused(count: int) -> None:
    with pytest.raises(OptionsError, match="at least two"):
        networks.build("lrcn", count, ClipSpec())


def test_encoder_and_head_of_lrcn_share_its_weights_and_return_its_outputs() -> None:
    spec = ClipSpec(frames=3)
    model = networks.build("lrcn", 4, spec)
    parts = networks.frame_encoder_and_head(model)
    assert parts is not None
    encoder, head = parts
    batch = clips(spec)
    for weight in model.trainable_variables:
        weight.assign(weight + 0.01)
    features = encoder(batch.reshape(-1, 64, 64, 3)).numpy().reshape(2, 3, -1)
    np.testing.assert_allclose(head(features), model(batch), atol=1e-5)


@pytest.mark.parametrize("name", ["convlstm", "i3d"])
def test_networks_that_see_space_and_time_together_have_no_frame_encoder(name: str) -> None:
    assert networks.frame_encoder_and_head(networks.build(name, 2, ClipSpec(frames=2))) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_weight_names_do_not_depend_on_networks_built_before(name: str) -> None:
    spec = ClipSpec(frames=2)
    first, second = ([weight.path for weight in networks.build(name, 2, spec).trainable_variables] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


def test_no_network_contains_lambda_layers() -> None:
    for name in NETWORKS:
        kinds = {type(layer) for layer in networks.build(name, 2, ClipSpec(frames=2))._flatten_layers()}
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
