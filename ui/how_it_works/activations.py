"""A clip on its way through a network, step by step: frames, what the CNN makes of them, gates, probabilities."""

import io
import re

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from har import plots
from har.classifier import read_card
from har.datasets.figures import ACTIONS
from har.errors import HarError
from har.explain import activations
from har.explain.activations import Inside, Maps
from har.explain.gates import NAMES
from ui.messages import plain, show_error
from ui.once import made
from ui.theme import BARE

_INK = (31, 134, 204)  # seen on white and on black, as the mark
_TILE, _GAP = 88, 6  # pixels of a map, and between two
_STREAM = re.compile(r"(frame|motion)?\D*(\d+)")
_STREAMS = {None: "", "frame": ", of the frame", "motion": ", of what changes"}
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
    """Choose a network and a clip, and see what becomes of it."""
    left, right = st.columns(2)
    with left:
        classifier = st.selectbox(
            "Network", activations.SHOWN, format_func=lambda name: read_card(name).title, key="inside-classifier"
        )
    with right:
        actions = sorted(ACTIONS)
        label = st.selectbox("Clip", actions, index=actions.index(activations.DEFAULT_LABEL), key="inside-label")
    try:
        found = _found(classifier, label)
    except HarError as error:
        show_error(error)
        return
    if found is None:
        return
    if label not in found.labels:
        st.info(
            f"This network knows {', '.join(map(plain, found.labels))}, and was trained on films of real people. What "
            "happens in the drawn clip is none of that, and yet it will name one: a network that can only choose "
            "among its labels chooses. Its gates work all the same.",
            icon=":material/info:",
        )
    _steps(found, label)


def _found(classifier: str, label: str) -> Inside | None:
    """What is shipped or kept, or what a job finds; None while that is under way, which is shown."""
    return activations.kept(classifier, label) or made(
        f"inside-{activations.key_for(classifier, label)}",
        activations.look,
        classifier,
        label,
        doing="Drawing the clip and looking into the network, some seconds",
    )


@st.fragment
def _steps(found: Inside, label: str) -> None:
    """All that follows from where the slider stands; the rest of the page stays as it is."""
    count = len(found.times_sec)
    with st.container(key="time"):  # stays in view while the page moves
        step = st.slider("Frame", 1, count, count // 2, key=f"step-{found.classifier}-{label}") - 1
    _frames(found, step)
    _features(found, step)
    _memory(found, step)
    _answer(found, step, label)


def _frames(found: Inside, step: int) -> None:
    st.header("1 · Twenty frames", anchor=False)
    card = read_card(found.classifier)
    steps = len(found.times_sec)
    rate = "spread over all of this short clip" if found.spread else f"over {card.spec.span_sec:g} s"
    st.write(
        f"The network gets {card.spec.frames} frames of {card.spec.width}×{card.spec.height} pixels, {rate}: so much "
        "is left of the film."
        + (f" It looks at three in a row at a time: {steps} steps." if steps < card.spec.frames else "")
    )
    filmed, given, strip = st.columns([4, 3, 6], vertical_alignment="center")
    with filmed:
        told = f"As filmed, {found.times_sec[step]:.2f} s"
        st.image(_png(found.frames[step], 240), caption=told, alt=told, width="stretch")
    with given:
        told = f"As the network gets it, frame {step + 1}"
        st.image(_png(found.inputs[step], 256), caption=told, alt=told, width="stretch")
    with strip:
        st.image(_strip(found.inputs, step), caption="All of them", width="stretch", alt="All frames side by side")


def _features(found: Inside, step: int) -> None:
    st.header("2 · A CNN looks at each frame", anchor=False)
    motion = any(each.name.startswith("motion") for each in found.maps)
    more = (
        "Here two look side by side: one at the frame, one at what it differs by from the frames before and after. "
        if motion
        else "It looks at one frame at a time, and knows nothing of the others. "
    )
    st.write(
        f"A convolution slides small patterns over the picture; a map is blue where its pattern is found. {more}Each "
        "layer's maps are smaller and say more: edges first, then limbs and poses."
    )
    for maps in sorted(found.maps, key=lambda each: each.name.startswith("motion")):
        height, width, channels = maps.shape
        st.image(
            _tiles(maps.pictures[step]),
            caption=f"{_titled(maps)}: {channels} maps of {width}×{height}, those that change most",
            alt=f"{len(maps.channels)} maps of {_titled(maps)}, blue where their pattern is found",
        )


def _memory(found: Inside, step: int) -> None:
    is_conv = found.gates.hidden.ndim == 4
    units, gates = found.gates.hidden.shape[-1], found.gates.over_place()
    st.header(f"3 · {'A ConvLSTM' if is_conv else 'An LSTM'} remembers", anchor=False)
    words, formulas = st.columns([3, 2], gap="large", vertical_alignment="center")
    with words:
        st.write(
            f"Frame after frame goes into {units} {'channels, whose memory is a picture' if is_conv else 'units'}. "
            "Three gates between 0 and 1 decide what happens to a cell: the input gate how much of the new candidate "
            "is written, the forget gate how much of the old stays, the output gate how much is told to the next step."
        )
        if is_conv:
            st.write(
                "The star is a convolution: a place hears only of places near it. The charts show each channel's mean "
                "over the picture."
            )
    with formulas:
        st.latex(_CONVLSTM if is_conv else _LSTM)
    lively = np.argsort(-gates.hidden.std(axis=0), kind="stable").tolist()
    name = "Channel" if is_conv else "Unit"
    unit = st.selectbox(
        name, lively, key=f"unit-{found.classifier}", help="The one that changes most comes first.", width=160
    )
    st.plotly_chart(plots.gates_figure(gates, found.times_sec, step, unit), key="gates", config=BARE)
    st.caption("A row a unit, time from left to right. Blue is above nothing, orange below; the frame marks a unit.")
    if is_conv:
        _pictures(found, unit)
    st.plotly_chart(plots.unit_figure(gates, found.times_sec, step, unit), key="unit", config=BARE)
    _sums(found, step, unit)


def _sums(found: Inside, step: int, unit: int) -> None:
    """The formulas with this step's numbers."""
    middle = tuple(side // 2 for side in found.gates.hidden.shape[1:-1])
    at = {name: getattr(found.gates, name)[(slice(None), *middle, unit)] for name in NAMES}
    i, f, g, o, c, h = (float(at[name][step]) for name in NAMES)
    before = float(at["cell"][step - 1]) if step else 0.0
    where = ", in the middle of the picture" if middle else ""
    st.markdown(
        f"At frame {step + 1}{where}: **cell** = {f:.2f} × ({before:.2f}) + {i:.2f} × ({g:.2f}) = **{c:.2f}**, and "
        f"**hidden** = {o:.2f} × tanh({c:.2f}) = **{h:.2f}**."
    )


def _pictures(found: Inside, unit: int) -> None:
    """The gates of one channel of a ConvLSTM: each a picture a step."""
    with st.expander(f"Channel {unit} as pictures", icon=":material/imagesmode:"):
        for name in NAMES:
            values = np.abs(getattr(found.gates, name)[..., unit])
            shown = (255 * values / max(1e-6, float(values.max()))).astype(np.uint8)
            st.image(_tiles(shown, 40), caption=f"{name}, step by step; blue is far from nothing", alt=f"{name}")


def _answer(found: Inside, step: int, label: str) -> None:
    st.header("4 · Probabilities", anchor=False)
    last = found.probabilities[-1]
    best = int(last.argmax())
    st.write(
        "A last layer turns what is remembered into a probability for each label. The lines show what it would say if "
        f"the clip ended there. At the end it says **{plain(found.labels[best])}**, {last[best]:.0%}."
    )
    figure = plots.steps_figure(found.probabilities, found.labels, found.times_sec, step)
    st.plotly_chart(figure, key="steps", config=BARE)
    if label in ("SitDown", "StandUp", "PickUp", "PutDown"):
        st.caption(
            "Sitting down and standing up, picking up and putting down are each other backwards: no single frame tells "
            "them apart. Only what remembers the order can."
        )


# Pictures


def _titled(maps: Maps) -> str:
    found = _STREAM.match(maps.name)
    return f"Convolution {found[2]}{_STREAMS[found[1]]}" if found else maps.name


def _tiles(pictures: UInt8[np.ndarray, "shown height width"], side: int = _TILE) -> bytes:
    """Maps side by side in the mark's colour on nothing, so that they fit a light page and a dark one."""
    sheet = Image.new("RGBA", (len(pictures) * (side + _GAP) - _GAP, side), (0, 0, 0, 0))
    for place, picture in enumerate(pictures):
        alpha = Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST)
        tile = Image.new("RGBA", (side, side), (128, 128, 128, 36))
        tile.paste(Image.new("RGBA", (side, side), (*_INK, 255)), mask=alpha)
        sheet.paste(tile, (place * (side + _GAP), 0))
    return _file(sheet)


def _strip(frames: UInt8[np.ndarray, "steps height width 3"], step: int, wide: int = 5) -> bytes:
    """All frames in rows; the one that is looked at has a rim."""
    side = 64
    rows = -(-len(frames) // wide)
    sheet = Image.new("RGBA", (wide * (side + _GAP), rows * (side + _GAP)), (0, 0, 0, 0))
    for place, frame in enumerate(frames):
        left, top = (place % wide) * (side + _GAP), (place // wide) * (side + _GAP)
        if place == step:
            sheet.paste((*_INK, 255), (left, top, left + side + _GAP, top + side + _GAP))
        sheet.paste(Image.fromarray(frame).resize((side, side)), (left + _GAP // 2, top + _GAP // 2))
    return _file(sheet)


def _png(frame: UInt8[np.ndarray, "height width 3"], high: int) -> bytes:
    """A frame as a file, in whole pixels as high as asked or higher."""
    factor = -(-high // frame.shape[0])
    size = (frame.shape[1] * factor, frame.shape[0] * factor)
    return _file(Image.fromarray(frame).resize(size, Image.Resampling.NEAREST))


def _file(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()
