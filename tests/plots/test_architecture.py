"""The drawing of a network: what it is drawn from, not how it looks."""

import json
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from har.networks.summary import LayerFacts, NetworkFacts
from har.plots import architecture_figure

CONV = LayerFacts("conv1", "Conv2D", "encoder", (64, 64, 3), (64, 64, 16), 448, 35_389_440, True, runs=20)
POOL = LayerFacts("pool", "MaxPooling2D", "encoder", (64, 64, 16), (16, 16, 16), 0, 0, True, runs=20)
LSTM = LayerFacts("lstm", "LSTM", "head", (20, 4096), (32,), 528_512, 10_567_680, True)
DENSE = LayerFacts("labels", "Dense", "head", (32,), (4,), 132, 128, True)
STRANGE = replace(CONV, name="<b>x", part="network", runs=1)


def facts(*layers: LayerFacts) -> NetworkFacts:
    parameters, macs = sum(layer.parameters for layer in layers), sum(layer.macs for layer in layers)
    return NetworkFacts("lrcn", layers, parameters, parameters, macs, clip=(20, 64, 64, 3))


def drawn(figure: go.Figure) -> dict[str, Any]:
    return json.loads(figure.to_json())


def sides(figure: go.Figure) -> list[tuple[int, str, str]]:
    layout = drawn(figure)["layout"]
    left, right = layout["yaxis"], layout["yaxis2"]
    assert left["range"] == right["range"]
    return list(zip(left["tickvals"], left["ticktext"], right["ticktext"], strict=True))


def rows(figure: go.Figure) -> dict[int, dict[str, Any]]:
    """What is drawn in each row."""
    found = {}
    for trace in drawn(figure)["data"]:
        if trace["type"] == "bar" and "hovertext" in trace:
            for place, *values in zip(
                trace["y"], trace["base"], trace["x"], trace["text"], trace["hovertext"], strict=True
            ):
                found[place] = dict(zip(("base", "width", "text", "told"), values, strict=True), marker=trace["marker"])
    return found


def test_layers_stand_below_each_other_with_what_they_hand_on_and_parts_have_headings() -> None:
    figure = architecture_figure(facts(CONV, POOL, LSTM, DENSE))
    assert sides(figure) == [
        (0, "clip", "20×64×64×3"),
        (2, "Conv2D", "64×64×16"),
        (3, "MaxPool2D", "16×16×16"),
        (5, "LSTM", "32"),
        (6, "Dense", "4"),
    ]
    headings = {note["y"]: note["text"] for note in drawn(figure)["layout"]["annotations"]}
    assert headings == {1: "<b>encoder</b>, for each of 20 frames", 4: "<b>head</b>"}


def test_bars_are_centred_and_narrow_as_less_is_handed_on() -> None:
    found = rows(architecture_figure(facts(CONV, POOL, LSTM, DENSE)))
    assert all(row["base"] == -row["width"] / 2 for row in found.values())
    widths = [found[place]["width"] for place in sorted(found)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 3  # 4 = 2²
    low, high = drawn(architecture_figure(facts(CONV, DENSE)))["layout"]["xaxis"]["range"]
    assert max(widths) < high - low < 1.1 * max(widths)


def test_numbers_of_parameters_stand_in_the_bars_and_the_rest_under_the_pointer() -> None:
    found = rows(architecture_figure(facts(CONV, POOL, LSTM, DENSE)))
    assert [found[place]["text"] for place in (2, 3, 5, 6)] == ["448", "", "529 k", "132"]
    assert found[2]["told"] == (
        "<b>conv1</b>: Conv2D<br>64×64×3 → 64×64×16<br>448 parameters<br>35.4 M multiply-adds for a clip, in 20 runs"
    )


def test_what_does_not_learn_is_hatched_and_said_to_stay() -> None:
    still = replace(CONV, trainable=False)
    figure = architecture_figure(facts(still, DENSE))
    found = rows(figure)
    assert (found[2]["marker"]["pattern"]["shape"], found[4]["marker"]["pattern"]["shape"]) == ("/", "")
    assert "448 parameters, which stay as they are" in found[2]["told"]
    assert drawn(figure)["layout"]["annotations"][0]["text"].endswith("does not learn")


def test_a_deep_network_is_drawn_by_its_blocks() -> None:
    blocks = [
        replace(CONV, name=f"block{number}_{place}", block=f"block{number}", output_shape=(8, 8, 2 ** (place + 1)))
        for number in range(20)
        for place in range(3)
    ]
    figure = architecture_figure(facts(*blocks, DENSE))
    names = [name for _, name, _ in sides(figure)]
    assert names == ["clip", *(f"block{number}" for number in range(20)), "Dense"]
    assert sides(figure)[1][2] == "8×8×8"  # of its last layer
    told = rows(figure)[2]["told"]
    assert told.startswith("<b>block0</b>: Conv2D × 3<br>64×64×3 → 8×8×8<br>1,344 parameters")


def test_streams_are_drawn_one_after_the_other() -> None:
    """Keras lists them stage by stage."""
    stages = [
        replace(CONV, name=f"{stream}{number}_{kind}", block=f"{stream}{number}")
        for number in range(1, 8)
        for stream in ("motion", "frame")
        for kind in ("conv", "norm", "relu")
    ]
    judge = replace(DENSE, name="frame_labels")
    names = [left for _, left, _ in sides(architecture_figure(facts(*stages, LSTM, judge)))]
    streams = [name.rstrip("1234567") for name in names if name.startswith(("frame", "motion"))]
    assert streams == ["frame"] * 7 + ["motion"] * 7


def test_streams_stand_under_headings_and_no_stroke_leads_from_one_to_the_other() -> None:
    shared, joined = replace(CONV, name="rescaling"), replace(CONV, name="join")
    stages = [replace(CONV, name=f"{stream}{number}_conv") for number in (1, 2) for stream in ("motion", "frame")]
    figure = architecture_figure(facts(shared, *stages, joined, DENSE))
    headings = {note["y"]: note["text"].split(",")[0] for note in drawn(figure)["layout"]["annotations"]}
    assert headings == {
        1: "<b>encoder</b>",
        3: "one CNN for the frame",
        6: "one beside it for what changes",
        9: "both",
        11: "<b>head</b>",
    }
    strokes = drawn(figure)["data"][-2]["y"]
    assert [round(at, 1) for at in strokes] == [4.5, 7.5]  # within each stream alone


def test_a_network_without_parts_has_no_headings() -> None:
    figure = architecture_figure(facts(STRANGE))
    assert "annotations" not in drawn(figure)["layout"]
    assert [place for place, _, _ in sides(figure)] == [0, 1]


def test_a_name_is_no_markup() -> None:
    assert rows(architecture_figure(facts(STRANGE)))[1]["told"].startswith("<b>&lt;b&gt;x</b>")


def test_it_suits_light_and_dark_pages_and_phones() -> None:
    layout = drawn(architecture_figure(facts(CONV, DENSE)))["layout"]
    assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == ("rgba(0,0,0,0)", "rgba(0,0,0,0)")
    assert "font" not in layout
    assert max(layout["margin"].values()) <= 10
