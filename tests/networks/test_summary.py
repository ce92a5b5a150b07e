"""Parameters and multiply-adds, compared with numbers calculated by hand."""

from pathlib import Path

import keras
import pytest
from keras import layers

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import NETWORKS, build, summary
from har.networks.blocks.conv_lstm import ConvLSTM
from har.networks.blocks.small_cnn import STREAMS
from har.networks.summary import LayerSummary, build_summary, cached_summary, summarise
from har.storage.cache import FileCache

pytestmark = pytest.mark.training

SMALL = ClipSpec(frames=3, height=64, width=64)


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = FileCache(tmp_path, 1 << 20)
    monkeypatch.setattr(summary, "preview_cache", lambda: cache)
    return tmp_path


def only(layer: layers.Layer, *input_shape: int) -> LayerSummary:
    """The summary of a layer that is a whole network."""
    inputs = keras.Input(input_shape)
    (found,) = summarise(keras.Model(inputs, layer(inputs)), "made").layers
    return found


@pytest.mark.parametrize(
    ("layer", "input_shape", "output_shape", "parameters", "macs"),
    [
        # 3×3×3 numbers for each of 16 channels at each of 8×10 places; and a bias for each channel
        (layers.Conv2D(16, 3, padding="same"), (8, 10, 3), (8, 10, 16), 27 * 16 + 16, 27 * 16 * 80),
        (layers.Conv2D(16, 3, 2, "same", use_bias=False), (8, 10, 3), (4, 5, 16), 27 * 16, 27 * 16 * 20),
        (layers.DepthwiseConv2D(5, padding="same", use_bias=False), (8, 10, 3), (8, 10, 3), 25 * 3, 25 * 3 * 80),
        (layers.Conv3D(4, 3, padding="same"), (5, 8, 10, 3), (5, 8, 10, 4), 81 * 4 + 4, 81 * 4 * 400),
        (layers.Dense(6), (7,), (6,), 7 * 6 + 6, 42),
        (layers.Dense(6), (5, 7), (5, 6), 7 * 6 + 6, 5 * 42),
        # four gates, each of 7 inputs and 6 states, at each of 5 steps
        (layers.LSTM(6), (5, 7), (6,), 4 * 6 * (7 + 6 + 1), 5 * 4 * 6 * (7 + 6)),
        # four gates, each of 3×3 places of 3 inputs and 2 states, at each of 5 steps and 6×8 places
        (ConvLSTM(2, 3), (5, 8, 10, 3), (5, 6, 8, 2), 4 * 2 * (27 + 18 + 1), 5 * 48 * 4 * 2 * (27 + 18)),
        (layers.BatchNormalization(), (8, 10, 3), (8, 10, 3), 4 * 3, 0),
        (layers.MaxPooling2D(2), (8, 10, 3), (4, 5, 3), 0, 0),
    ],
)
def test_parameters_and_multiply_adds_of_layers(
    layer: layers.Layer, input_shape: tuple[int, ...], output_shape: tuple[int, ...], parameters: int, macs: int
) -> None:
    found = only(layer, *input_shape)
    assert (found.kind, found.input_shape, found.output_shape) == (type(layer).__name__, input_shape, output_shape)
    assert (found.parameters, found.macs) == (parameters, macs)
    assert (found.part, found.trainable, found.runs, found.block) == ("network", True, 1, "")


def test_a_layer_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="is a GRU"):
        only(layers.GRU(6), 5, 7)


def test_lrcn_encodes_each_frame_and_classifies_the_sequence_once() -> None:
    spec = NETWORKS["lrcn"].spec
    found = summarise(build("lrcn", 4, spec), "lrcn")
    by_name = {layer.name: layer for layer in found.layers}
    assert found.parameters == found.trainable_parameters == 73_060
    conv, lstm = by_name["conv1"], by_name["lstm"]
    assert (conv.part, conv.runs, conv.macs) == ("encoder", 20, 20 * 64 * 64 * 27 * 16)
    assert (lstm.part, lstm.runs, lstm.macs) == ("head", 1, 20 * 4 * 32 * (64 + 32))
    per_frame = 64 * 64 * 27 * 16 + 16 * 16 * 144 * 32 + 4 * 4 * 288 * 64 + 2 * 2 * 576 * 64
    assert found.macs == 20 * per_frame + lstm.macs + 32 * 4


def test_each_stack_of_frames_is_counted_with_all_its_images() -> None:
    spec = ClipSpec(frames=6, height=64, width=64)
    found = summarise(build("lrcn", 4, spec, wide=True, motion=True), "lrcn")
    by_name = {layer.name: layer for layer in found.layers}
    assert found.clip == (6, 64, 64, 3)
    # Four stacks of three frames; differences from both neighbours have six channels.
    assert by_name["frame1_conv"].macs == 4 * 32 * 32 * 25 * 3 * 32
    assert by_name["motion1_conv"].macs == 4 * 32 * 32 * 25 * 6 * 32
    assert by_name["motion1_conv"].block == "motion1"
    names = ("frame1_conv", "motion1_pool", "motion_means", "frame_labels", "streams")
    frame, motion = STREAMS["frame"], STREAMS["motion"]
    assert [by_name[name].stream for name in names] == [frame, motion, motion, "", ""]
    pretrained = summarise(build("lrcn-lite0", 4, spec, motion=True), "lrcn-lite0")
    stem = next(layer for layer in pretrained.layers if layer.name == "stem_conv")
    assert (stem.part, stem.macs) == ("encoder", 5 * 2 * 32 * 32 * 27 * 32)  # five stacks of two, two images of each


def test_convlstm_has_the_published_parameters_and_no_parts() -> None:
    found = summarise(build("convlstm", 4, NETWORKS["convlstm"].spec), "convlstm")
    assert found.parameters == 44_524
    assert {layer.part for layer in found.layers} == {"network"}
    sides_and_channels = [(62, 3, 4), (29, 4, 8), (13, 8, 14), (5, 14, 16)]
    states = [20 * side * side * 9 * (before + now) * 4 * now for side, before, now in sides_and_channels]
    assert [layer.macs for layer in found.layers if layer.kind == "ConvLSTM"] == states
    assert found.macs == sum(states) + 2880 * 4


@pytest.mark.parametrize("network", NETWORKS)
def test_parameters_equal_those_that_keras_counts(network: str) -> None:
    entry = NETWORKS[network]
    spec = ClipSpec(frames=8, height=64, width=64) if entry.published is None else entry.spec
    model = build(network, 4, spec)
    found = summarise(model, network)
    assert found.parameters == model.count_params()
    assert found.trainable_parameters == sum(weight.shape.num_elements() for weight in model.trainable_weights)
    assert found.macs == sum(layer.macs for layer in found.layers) > 0
    assert [layer.name for layer in found.layers][-1] == ("logits" if network == "i3d" else "labels")


def test_i3d_costs_as_much_as_published() -> None:
    """About 108 billion multiply-adds for 64 frames of 224×224 (Xie et al. 2018), so a quarter for 16."""
    found = summarise(build("i3d", 400, NETWORKS["i3d"].spec), "i3d")
    assert found.parameters == 12_689_984
    assert found.macs == pytest.approx(108e9 / 4, rel=0.05)
    assert {layer.block for layer in found.layers} >= {"Conv3d_1a_7x7", "Mixed_3b", "Mixed_5c"}


def test_layers_of_a_pretrained_encoder_are_frozen_and_grouped_into_blocks() -> None:
    keras.utils.clear_session()  # so that names generated by Keras start again
    found = summarise(build("lrcn-lite0", 4, ClipSpec(frames=2, height=64, width=64)), "lrcn-lite0")
    by_name = {layer.name: layer for layer in found.layers}
    assert not any(layer.trainable for layer in found.layers if layer.part == "encoder")
    assert all(layer.trainable for layer in found.layers if layer.part == "head")
    assert found.trainable_parameters == sum(layer.parameters for layer in found.layers if layer.part == "head")
    names = ("stem_conv", "block2_dw_bn", "add", "head_conv", "lstm", "labels")
    assert [by_name[name].block for name in names] == ["stem", "block2", "block2", "top", "", ""]
    # 64×64 frames are 4×4 at block 4, whose kernels are of 5×5 places and 240 channels
    assert by_name["block4_dw_conv"].macs == 2 * 8 * 8 * 25 * 240


def test_summaries_are_cached_by_network_labels_size_and_options(cache_folder: Path) -> None:
    assert cached_summary("lrcn", 3, SMALL) is None
    found = build_summary("lrcn", 3, SMALL)
    longer = ClipSpec(frames=3, height=64, width=64, span_sec=9.0)
    assert cached_summary("lrcn", 3, SMALL) == cached_summary("lrcn", 3, longer) == found
    for labels, spec, options in ((4, SMALL, {}), (3, ClipSpec(frames=4), {}), (3, SMALL, {"plain": True})):
        assert cached_summary("lrcn", labels, spec, options) is None


def test_a_damaged_cache_file_is_replaced(cache_folder: Path) -> None:
    first = build_summary("lrcn", 3, SMALL)
    (file,) = (path for path in cache_folder.rglob("*") if path.is_file())
    file.write_bytes(b'{"network": "lrcn"')
    assert cached_summary("lrcn", 3, SMALL) is None
    again = build_summary("lrcn", 3, SMALL)  # with the same names, although another was built before
    assert again == cached_summary("lrcn", 3, SMALL) == first


def test_a_network_that_cannot_be_built_is_refused_and_not_cached(cache_folder: Path) -> None:
    with pytest.raises(OptionsError, match="has no option size"):
        build_summary("lrcn", 3, SMALL, {"size": 3})
    assert not any(path.is_file() for path in cache_folder.rglob("*"))
