"""A clip on its way through a network, step by step: frames, feature maps, gates, probabilities."""

import io
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
from har.labels import display_name
from ui.jobs import shared_result
from ui.messages import label_name, show_error
from ui.theme import BARE

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
        start="Drawing the clip and running the network",
    )


@st.fragment
def _steps(recorded: ClipActivations, label: str) -> None:
    """Everything that depends on the slider; only this part runs again when it moves."""
    count = len(recorded.times_sec)
    with st.container(key="time"):  # stays in view while the page scrolls
        step = st.slider("Frame", 1, count, count // 2, key=f"step-{recorded.classifier}-{label}") - 1
    _frames(recorded, step)
    _features(recorded, step)
    _memory(recorded, step)
    _answer(recorded, step, label)


def _frames(recorded: ClipActivations, step: int) -> None:
    st.header("1 · Twenty frames", anchor=False)
    card = read_card(recorded.classifier)
    steps = len(recorded.times_sec)
    span = "spread over this short clip" if recorded.spread else f"over {card.spec.span_sec:g} s"
    stack = card.spec.frames + 1 - steps
    st.write(
        f"The network gets {card.spec.frames} frames of {card.spec.width}×{card.spec.height} pixels, {span}."
        + (f" It looks at {stack} consecutive frames at a time: {steps} steps." if stack > 1 else "")
    )
    original, model_input, strip = st.columns([4, 3, 6], vertical_alignment="center")
    with original:
        caption = f"Original, {recorded.times_sec[step]:.2f} s"
        st.image(_png(recorded.frames[step], 240), caption=caption, alt=caption, width="stretch")
    with model_input:
        caption = f"Model input, frame {step + 1}"
        st.image(_png(recorded.inputs[step], 256), caption=caption, alt=caption, width="stretch")
    with strip:
        st.image(_strip(recorded.inputs, step), caption="All frames", width="stretch", alt="All frames side by side")


def _features(recorded: ClipActivations, step: int) -> None:
    st.header("2 · A CNN looks at each frame", anchor=False)
    streams = list(dict.fromkeys(maps.stream for maps in recorded.maps))
    more = (
        "Here two CNNs work side by side: one on the frame, one on how it differs from the frames before and after. "
        if len(streams) > 1
        else "It sees one frame at a time, without the others. "
    )
    st.write(
        f"A convolution slides small patterns over the image; a map is blue where its pattern matches. {more}From "
        "layer to layer the maps get smaller and their patterns more complex: edges first, then limbs and poses."
    )
    for number, maps in _numbered_maps(recorded.maps):
        height, width, channels = maps.shape
        title = f"{maps.stream}: convolution {number}" if maps.stream else f"Convolution {number}"
        st.image(
            _tiles(maps.pictures[step]),
            caption=f"{title}: {channels} maps of {width}×{height}; these change most",
            alt=f"{len(maps.channels)} maps of {title}, blue where their pattern matches",
        )


def _numbered_maps(maps: Sequence[FeatureMaps]) -> list[tuple[int, FeatureMaps]]:
    """Feature maps of one stream after the other, numbered within it."""
    streams: dict[str, list[FeatureMaps]] = {}
    for each in maps:
        streams.setdefault(each.stream, []).append(each)
    return [numbered for stream in streams.values() for numbered in enumerate(stream, start=1)]


def _memory(recorded: ClipActivations, step: int) -> None:
    is_conv = recorded.gates.hidden.ndim == 4
    units, gates = recorded.gates.hidden.shape[-1], recorded.gates.mean_over_places()
    st.header(f"3 · {'A ConvLSTM' if is_conv else 'An LSTM'} remembers", anchor=False)
    words, formulas = st.columns([3, 2], gap="large", vertical_alignment="center")
    with words:
        st.write(
            f"The frames go one by one into {units} {'channels, whose memory is an image' if is_conv else 'units'}. "
            "Three gates between 0 and 1 control each cell: the input gate how much of the new candidate is written, "
            "the forget gate how much of the old value stays, the output gate how much is passed on."
        )
        if is_conv:
            st.write(
                "The star is a convolution: each position depends only on positions near it. The charts show the mean "
                "of each channel over the image."
            )
    with formulas:
        st.latex(_CONVLSTM if is_conv else _LSTM)
    lively = np.argsort(-gates.hidden.std(axis=0), kind="stable").tolist()
    name = "Channel" if is_conv else "Unit"
    unit = st.selectbox(
        name, lively, key=f"unit-{recorded.classifier}", help="Sorted by how much they change.", width=160
    )
    st.plotly_chart(plots.gates_figure(gates, recorded.times_sec, step, unit), key="gates", config=BARE)
    st.caption(
        "One row per unit, time from left to right. Blue is positive, orange negative; the outline is the chosen unit."
    )
    if is_conv:
        _gate_images(recorded, unit)
    st.plotly_chart(plots.unit_figure(gates, recorded.times_sec, step, unit), key="unit", config=BARE)
    _calculation(recorded, step, unit)


def _calculation(recorded: ClipActivations, step: int, unit: int) -> None:
    """The formulas with the values of this step."""
    middle = tuple(side // 2 for side in recorded.gates.hidden.shape[1:-1])
    at = {name: getattr(recorded.gates, name)[(slice(None), *middle, unit)] for name in NAMES}
    i, f, g, o, c, h = (float(at[name][step]) for name in NAMES)
    before = float(at["cell"][step - 1]) if step else 0.0
    where = ", in the middle of the image" if middle else ""
    st.markdown(
        f"At frame {step + 1}{where}: **cell** = {f:.2f} × ({before:.2f}) + {i:.2f} × ({g:.2f}) = **{c:.2f}**, and "
        f"**hidden** = {o:.2f} × tanh({c:.2f}) = **{h:.2f}**."
    )


def _gate_images(recorded: ClipActivations, unit: int) -> None:
    """The gates of one ConvLSTM channel, as one image per step."""
    with st.expander(f"Channel {unit} as images", icon=":material/imagesmode:"):
        for name in NAMES:
            values = np.abs(getattr(recorded.gates, name)[..., unit])
            shown = (255 * values / max(1e-6, float(values.max()))).astype(np.uint8)
            st.image(_tiles(shown, 40), caption=f"{name}, step by step; blue is far from zero", alt=f"{name}")


def _answer(recorded: ClipActivations, step: int, label: str) -> None:
    st.header("4 · Probabilities", anchor=False)
    last = recorded.probabilities[-1]
    best = int(last.argmax())
    st.write(
        "A last layer turns the memory into a probability for each label. The lines show its output if the clip ended "
        f"at that frame. At the end it is **{label_name(recorded.labels[best])}**, {last[best]:.0%}."
    )
    figure = plots.steps_figure(recorded.probabilities, recorded.labels, recorded.times_sec, step)
    st.plotly_chart(figure, key="steps", config=BARE)
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


def _strip(frames: UInt8[np.ndarray, "steps height width 3"], step: int, columns: int = 5) -> bytes:
    """All frames in rows; the current one has an outline."""
    side = 64
    rows = -(-len(frames) // columns)
    sheet = Image.new("RGBA", (columns * (side + _GAP), rows * (side + _GAP)), (0, 0, 0, 0))
    for place, frame in enumerate(frames):
        left, top = (place % columns) * (side + _GAP), (place // columns) * (side + _GAP)
        if place == step:
            sheet.paste((*_BLUE, 255), (left, top, left + side + _GAP, top + side + _GAP))
        sheet.paste(Image.fromarray(frame).resize((side, side)), (left + _GAP // 2, top + _GAP // 2))
    return _encode(sheet)


def _png(frame: UInt8[np.ndarray, "height width 3"], min_height: int) -> bytes:
    """A frame enlarged by a whole factor, at least so high."""
    factor = -(-min_height // frame.shape[0])
    size = (frame.shape[1] * factor, frame.shape[0] * factor)
    return _encode(Image.fromarray(frame).resize(size, Image.Resampling.NEAREST))


def _encode(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()
