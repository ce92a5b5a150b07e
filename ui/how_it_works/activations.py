"""A clip on its way through a network, step by step: frames, feature maps, gates, probabilities."""

import base64
import io
import json
from collections.abc import Sequence

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from har import plots
from har.classifier import read_card
from har.datasets.figures.actions import ACTIONS, REVERSED
from har.errors import HarError
from har.explain import activations
from har.explain.activations import ClipActivations, FeatureMaps
from har.explain.gates import NAMES
from har.jobs import Lane
from har.labels import display_name
from ui.jobs import shared_result
from ui.messages import label_name, show_error
from ui.theme import BARE, component

_BLUE = (31, 134, 204)  # visible on white and on black, as in the logo
_TILE, _GAP = 88, 6  # pixels, of a feature map and between two
_LSTM = r"""\begin{aligned}
i &= \sigma(W_i x_t + U_i h_{t-1} + b_i) \\
f &= \sigma(W_f x_t + U_f h_{t-1} + b_f) \\
g &= \tanh(W_g x_t + U_g h_{t-1} + b_g) \\
o &= \sigma(W_o x_t + U_o h_{t-1} + b_o) \\
c_t &= f\,c_{t-1} + i\,g \\
h_t &= o \tanh(c_t)
\end{aligned}"""
_CONVLSTM = _LSTM.replace(" x_t", " * x_t").replace(" h_{t-1}", " * h_{t-1}")
_slider = component("har_steps", "how/steps.html", "how/steps.css", "how/steps.js")


def show() -> None:
    """Show the choice of a network and a clip, and what happens to it."""
    left, right = st.columns(2)
    with left:
        classifier = st.selectbox(
            "Network", activations.CLASSIFIERS, format_func=lambda name: read_card(name).title, key="inside-classifier"
        )
    with right:
        actions = sorted(ACTIONS)
        label = st.selectbox(
            "Clip",
            actions,
            index=actions.index(activations.DEFAULT_LABEL),
            format_func=display_name,
            key="inside-label",
        )
    try:
        recorded = _found(classifier, label)
    except HarError as error:
        show_error(error)
        return
    if recorded is None:
        return
    if label not in recorded.labels:
        st.info(
            f"This network knows {', '.join(map(label_name, recorded.labels))} from videos of real people. "
            "The drawn clip shows none of these actions, but the network can only choose among its labels, so it names "
            "one of them. Its gates work as usual.",
            icon=":material/info:",
        )
    _steps(recorded, label)


def _found(classifier: str, label: str) -> ClipActivations | None:
    """The bundled or cached activations, or those that a job computes; None, and its progress, until then."""
    return activations.stored_activations(classifier, label) or shared_result(
        f"inside-{activations.activations_key(classifier, label)}",
        activations.record_activations,
        classifier,
        label,
        lane=Lane.TRAIN,
        start="Drawing the clip and running the network",
    )


def _steps(recorded: ClipActivations, label: str) -> None:
    """The slider, which works in the browser, and everything that it moves."""
    count = len(recorded.times_sec)
    start = count // 2 - 1
    maps = _numbered_maps(recorded.maps)
    pictures = {
        "how-original": [_data_url(_png(frame)) for frame in recorded.frames],
        "how-input": [_data_url(_png(frame)) for frame in recorded.inputs],
    }
    for place, (_, each) in enumerate(maps):
        pictures[f"how-maps-{place}"] = [_data_url(_tiles(shown)) for shown in each.pictures]
    with st.container(key="time"):  # stays in view while the page scrolls
        _slider(
            key=f"steps-{recorded.classifier}-{label}",
            data=[  # a list, as in ui/annotate/player.py
                {
                    "times": recorded.times_sec.tolist(),
                    "start": start,
                    "film": _data_url(_png(np.hstack(list(recorded.inputs)))),
                    "pictures": pictures,
                }
            ],
        )
    _frames(recorded, start)
    _features(recorded, maps, start)
    _memory(recorded)
    _answer(recorded, label)


def _frames(recorded: ClipActivations, start: int) -> None:
    card = read_card(recorded.classifier)
    st.header(f"1 · {'Twenty' if card.spec.frames == 20 else card.spec.frames} frames", anchor="frames")
    steps = len(recorded.times_sec)
    span = "spread over this short clip" if recorded.spread else f"over {card.spec.span_sec:g} s"
    stack = card.spec.frames + 1 - steps
    st.write(
        f"The network gets {card.spec.frames} frames of {card.spec.width}×{card.spec.height} pixels, {span}."
        + (f" It looks at {stack} consecutive frames at a time: {steps} steps." if stack > 1 else "")
    )
    original, model_input = st.columns([4, 3], vertical_alignment="center", width=760)
    with original, st.container(key="how-original"):
        st.image(_png(recorded.frames[start]), caption="Original", alt="A frame as filmed", width="stretch")
    with model_input, st.container(key="how-input"):
        st.image(_png(recorded.inputs[start]), caption="Model input", alt="The network's frame", width="stretch")


def _features(recorded: ClipActivations, maps: Sequence[tuple[int, FeatureMaps]], start: int) -> None:
    st.header("2 · A CNN looks at each frame", anchor="cnn")
    streams = {each.stream for each in recorded.maps}
    more = (
        "Here two CNNs work side by side: one on the frame, one on how it differs from the frames before and after. "
        if len(streams) > 1
        else "The CNN sees one frame at a time, without the others. "
    )
    st.write(
        f"A convolution slides small patterns over the image; a map is blue where its pattern matches. {more}From "
        "layer to layer the maps get smaller and their patterns more complex: edges first, then limbs and poses."
    )
    for place, (number, each) in enumerate(maps):
        height, width, channels = each.shape
        title = f"{each.stream}: convolution {number}" if each.stream else f"Convolution {number}"
        with st.container(key=f"how-maps-{place}"):
            st.image(
                _tiles(each.pictures[start]),
                caption=f"{title}: {channels} maps of {width}×{height}, of which these change most",
                alt=f"{len(each.channels)} maps of {title}, blue where their pattern matches",
            )


def _numbered_maps(maps: Sequence[FeatureMaps]) -> list[tuple[int, FeatureMaps]]:
    """Feature maps of one stream after the other, numbered within it."""
    streams: dict[str, list[FeatureMaps]] = {}
    for each in maps:
        streams.setdefault(each.stream, []).append(each)
    return [numbered for stream in streams.values() for numbered in enumerate(stream, start=1)]


@st.fragment
def _memory(recorded: ClipActivations) -> None:
    is_conv = recorded.gates.hidden.ndim == 4
    units, gates = recorded.gates.hidden.shape[-1], recorded.gates.mean_over_places()
    st.header(f"3 · {'A ConvLSTM' if is_conv else 'An LSTM'} remembers", anchor="memory")
    words, formulas = st.columns([3, 2], gap="large", vertical_alignment="center")
    with words:
        st.write(
            f"The frames go one by one into {units} {'channels, whose memory is an image' if is_conv else 'units'}. "
            "Three gates between 0 and 1 control each cell *c*: the input gate *i* how much of the new candidate *g* "
            "is written, the forget gate *f* how much of the old value stays, the output gate *o* how much is passed "
            "on, as the hidden state *h*."
        )
        if is_conv:
            st.write(
                "The star in the formulas is a convolution: each position depends only on positions near it. The "
                "charts show the mean of each channel over the image."
            )
    with formulas:
        st.latex(_CONVLSTM if is_conv else _LSTM)
    lively = np.argsort(-gates.hidden.std(axis=0), kind="stable").tolist()
    name = "Channel" if is_conv else "Unit"
    unit = st.selectbox(
        name, lively, key=f"unit-{recorded.classifier}", help="Sorted by how much they change.", width=160
    )
    st.plotly_chart(plots.gates_figure(gates, recorded.times_sec, unit), key="how-chart-gates", config=BARE)
    st.caption(
        "One row per unit, time from left to right. Blue is positive, orange negative; the outline is the chosen unit."
    )
    if is_conv:
        _gate_images(recorded, unit)
    st.plotly_chart(plots.unit_figure(gates, recorded.times_sec, unit), key="how-chart-unit", config=BARE)
    _calculation(recorded, unit)


def _calculation(recorded: ClipActivations, unit: int) -> None:
    """The formulas with the values of the step, which the slider writes."""
    middle = tuple(side // 2 for side in recorded.gates.hidden.shape[1:-1])
    values = {
        name: np.round(getattr(recorded.gates, name)[(slice(None), *middle, unit)].astype(float), 4).tolist()
        for name in NAMES
    }
    where = ", in the middle of the image" if middle else ""
    with st.container(key="how-cell"):
        st.html(f"<p data-where='{where}' data-cell='{json.dumps(values)}'></p>")


def _gate_images(recorded: ClipActivations, unit: int) -> None:
    with st.expander(f"Channel {unit} as images", icon=":material/imagesmode:"):
        for name in NAMES:
            values = np.abs(getattr(recorded.gates, name)[..., unit])
            shown = (255 * values / max(1e-6, float(values.max()))).astype(np.uint8)
            st.image(_tiles(shown, 40), caption=f"{name}, step by step; blue is far from zero", alt=f"{name}")


def _answer(recorded: ClipActivations, label: str) -> None:
    st.header("4 · Probabilities", anchor="probabilities")
    last = recorded.probabilities[-1]
    best = int(last.argmax())
    st.write(
        "A last layer turns the memory into a probability for each label. The lines show its output if the clip ended "
        f"at that frame. At the end it is **{label_name(recorded.labels[best])}**, {last[best]:.0%}."
    )
    figure = plots.steps_figure(recorded.probabilities, recorded.labels, recorded.times_sec)
    st.plotly_chart(figure, key="how-chart-steps", config=BARE)
    if label in {*REVERSED, *REVERSED.values()}:
        st.caption(
            "Sitting down is standing up in reverse, as picking up is putting down: no single frame can distinguish "
            "them, only the order of frames."
        )


# Images


def _tiles(pictures: UInt8[np.ndarray, "shown height width"], side: int = _TILE) -> bytes:
    """Maps side by side in one colour on a transparent background, which suits light and dark pages."""
    sheet = Image.new("RGBA", (len(pictures) * (side + _GAP) - _GAP, side), (0, 0, 0, 0))
    for place, picture in enumerate(pictures):
        alpha = Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST)
        tile = Image.new("RGBA", (side, side), (128, 128, 128, 36))
        tile.paste(Image.new("RGBA", (side, side), (*_BLUE, 255)), mask=alpha)
        sheet.paste(tile, (place * (side + _GAP), 0))
    return _encode(sheet)


def _png(frame: UInt8[np.ndarray, "height width 3"]) -> bytes:
    return _encode(Image.fromarray(frame))


def _data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _encode(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()
