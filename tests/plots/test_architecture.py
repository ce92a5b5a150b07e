"""The diagram of a network: the data in it, not how it looks."""

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from har.networks.summary import LayerSummary, NetworkSummary
from har.plots import architecture_figure
from tests.plots.drawn import as_json

CONV = LayerSummary("conv1", "Conv2D", "encoder", (64, 64, 3), (64, 64, 16), 448, 35_389_440, True, runs=20)
POOL = LayerSummary("pool", "MaxPooling2D", "encoder", (64, 64, 16), (16, 16, 16), 0, 0, True, runs=20)
LSTM = LayerSummary("lstm", "LSTM", "head", (20, 4096), (32,), 528_512, 10_567_680, True)
DENSE = LayerSummary("labels", "Dense", "head", (32,), (4,), 132, 128, True)
STRANGE = replace(CONV, name="<b>x", part="network", runs=1)


def summary(*layers: LayerSummary) -> NetworkSummary:
    parameters, macs = sum(layer.parameters for layer in layers), sum(layer.macs for layer in layers)
    return NetworkSummary("lrcn", layers, parameters, parameters, macs, clip=(20, 64, 64, 3))


def ticks(figure: go.Figure) -> list[tuple[int, str, str]]:
    layout = as_json(figure)["layout"]
    left, right = layout["yaxis"], layout["yaxis2"]
    assert left["range"] == right["range"]
    return list(zip(left["tickvals"], left["ticktext"], right["ticktext"], strict=True))


def rows(figure: go.Figure) -> dict[int, dict[str, Any]]:
    """The bar in each row."""
    bars = as_json(figure)["data"][0]
    names = ("base", "width", "text", "hover", "pattern")
    columns = (bars["base"], bars["x"], bars["text"], bars["hovertext"], bars["marker"]["pattern"]["shape"])
    return {place: dict(zip(names, row, strict=True)) for place, *row in zip(bars["y"], *columns, strict=True)}


def test_layers_are_listed_with_output_shapes_under_headings_of_parts() -> None:
    figure = architecture_figure(summary(CONV, POOL, LSTM, DENSE))
    assert ticks(figure) == [
        (0, "clip", "20×64×64×3"),
        (2, "Conv2D", "64×64×16"),
        (3, "MaxPool2D", "16×16×16"),
        (5, "LSTM", "32"),
        (6, "Dense", "4"),
    ]
    headings = {note["y"]: note["text"] for note in as_json(figure)["layout"]["annotations"]}
    assert headings == {1: "<b>encoder</b>, for each of 20 frames", 4: "<b>head</b>"}


def test_bars_are_centred_and_as_wide_as_the_logarithm_of_the_output() -> None:
    found = rows(architecture_figure(summary(CONV, POOL, LSTM, DENSE)))
    assert all(row["base"] == -row["width"] / 2 for row in found.values())
    widths = [found[place]["width"] for place in sorted(found)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 3  # 4 = 2²
    low, high = as_json(architecture_figure(summary(CONV, DENSE)))["layout"]["xaxis"]["range"]
    assert max(widths) < high - low < 1.1 * max(widths)


def test_bars_show_parameters_and_hover_text_the_rest() -> None:
    found = rows(architecture_figure(summary(CONV, POOL, LSTM, DENSE)))
    assert [found[place]["text"] for place in (2, 3, 5, 6)] == ["448", "", "529 k", "132"]
    assert found[2]["hover"] == (
        "<b>conv1</b>: Conv2D<br>64×64×3 → 64×64×16<br>448 parameters<br>35.4 M multiply-adds for a clip, in 20 runs"
    )


def test_frozen_layers_are_hatched_and_labelled() -> None:
    frozen = replace(CONV, trainable=False)
    figure = architecture_figure(summary(frozen, DENSE))
    found = rows(figure)
    assert (found[2]["pattern"], found[4]["pattern"]) == ("/", "")
    assert "448 parameters, frozen" in found[2]["hover"]
    assert as_json(figure)["layout"]["annotations"][0]["text"].endswith(", frozen")


def test_a_deep_network_is_drawn_by_blocks() -> None:
    blocks = [
        replace(CONV, name=f"block{number}_{place}", block=f"block{number}", output_shape=(8, 8, 2 ** (place + 1)))
        for number in range(20)
        for place in range(3)
    ]
    figure = architecture_figure(summary(*blocks, DENSE))
    names = [name for _, name, _ in ticks(figure)]
    assert names == ["clip", *(f"block{number}" for number in range(20)), "Dense"]
    assert ticks(figure)[1][2] == "8×8×8"  # of its last layer
    assert rows(figure)[2]["hover"].startswith("<b>block0</b>: Conv2D × 3<br>64×64×3 → 8×8×8<br>1,344 parameters")


def test_parallel_streams_are_drawn_one_after_the_other_with_headings_and_not_connected() -> None:
    shared, joined = replace(CONV, name="rescaling"), replace(CONV, name="join")
    stages = [  # Keras lists them alternating
        replace(CONV, name=f"{stream}{number}", stream=f"CNN on {stream}")
        for number in (1, 2)
        for stream in ("motion", "frame")
    ]
    figure = architecture_figure(summary(shared, *stages, joined, DENSE))
    headings = {note["y"]: note["text"].split(",")[0] for note in as_json(figure)["layout"]["annotations"]}
    assert headings == {1: "<b>encoder</b>", 3: "CNN on frame", 6: "CNN on motion", 9: "both", 11: "<b>head</b>"}
    connectors = as_json(figure)["data"][-2]["y"]
    assert [round(at, 1) for at in connectors] == [4.5, 7.5]  # only within each stream


def test_a_network_without_parts_has_no_headings_and_names_are_escaped() -> None:
    figure = architecture_figure(summary(STRANGE))
    assert "annotations" not in as_json(figure)["layout"]
    assert [place for place, _, _ in ticks(figure)] == [0, 1]
    assert rows(figure)[1]["hover"].startswith("<b>&lt;b&gt;x</b>")
