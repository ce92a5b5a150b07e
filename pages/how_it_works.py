"""How it works: one clip on its way through a network; why so many frames, why whole recordings; the networks."""

import streamlit as st

from har.classifier import read_card
from har.datasets import figures, splits
from har.datasets.splits import Split
from har.explain import activations as looked
from har.networks import NETWORKS
from har.plots import architecture_figure, split_figure
from ui import navigation
from ui.how_it_works import activations
from ui.navigation import start_app
from ui.theme import ASSETS, BARE, saved_as

_PAPERS = {
    "lrcn": "Donahue et al. 2015, [Long-term recurrent convolutional networks](https://arxiv.org/abs/1411.4389): a CNN "
    "for each frame, an LSTM over what it gives.",
    "convlstm": "Shi et al. 2015, [Convolutional LSTM network](https://arxiv.org/abs/1506.04214): an LSTM whose memory "
    "is a picture, so that it knows not only what was there but where.",
    "lrcn-lite0": "Donahue et al. 2015, as LRCN, on [EfficientNet](https://arxiv.org/abs/1905.11946) (Tan & Le 2019), "
    "which learnt from a million photographs and stays as it is.",
    "i3d": "Carreira & Zisserman 2017, [Quo vadis, action recognition?](https://arxiv.org/abs/1705.07750): "
    "convolutions over space and time together, and the Kinetics videos to learn them from.",
}


def main() -> None:
    """All of the page."""
    st.title("How it works", anchor=False)
    st.write(
        "A network sees a clip, some frames in a row, and gives a probability for each action it knows. Here is one "
        "clip on its way through one network, with the values that it really has. Move the slider to go through time."
    )
    activations.show()
    _span()
    _groups()
    _networks()


def _span() -> None:
    st.header("Why twenty frames, and how far apart", anchor=False)
    st.write(
        "Twenty frames are enough to see an action and few enough to learn from. What counts as much is the span, the "
        "time they cover. Both pictures are of the same video and begin at the same moment:"
    )
    for column, (name, told) in zip(
        st.columns(2, gap="medium"),
        (
            ("short", "Over 0.75 s: a moment of sitting down. Hardly anything moves, and a slow action is cut short."),
            ("long", "Over 7 s: two actions in one clip. What is quick happens between two frames."),
        ),
        strict=True,
    ):
        with column:
            st.image(str(ASSETS / f"span-{name}.jpg"), caption=told, width="stretch", alt=told)
    st.write(
        "So the span is chosen for the data, and stands in a classifier's card: training and recognition sample the "
        "same span, or the network would see everything at another speed. A long video is cut into windows of that "
        "span, and each frame gets the mean of the windows that cover it."
    )


def _groups() -> None:
    st.header("Why whole recordings go to one part", anchor=False)
    kind = st.segmented_control(
        "Split", ["grouped", "random"], default="grouped", required=True, format_func=splits.KINDS.__getitem__
    )
    split = _divided(kind)
    leaked = len(splits.leaked(split))
    st.write(
        "Clips of one recording share the room, the clothes and the light. "
        + (
            f"Here clips were dealt at random: {leaked} of {len(split.test)} test clips are of recordings that also "
            "train. A network can answer by the wallpaper, and its accuracy says little about new videos."
            if leaked
            else f"Here whole recordings were dealt: none of the {len(split.test)} test clips is of a recording that "
            "trains, so what is measured is how well it does on people and places it never saw."
        )
    )
    st.plotly_chart(split_figure(split), key="how-split", config=BARE)
    with st.container(horizontal=True):
        if st.button("Look at the data", icon=":material/grid_view:"):
            st.switch_page(navigation.page("explore"))
        if st.button("Train on it", icon=":material/model_training:"):
            st.switch_page(navigation.page("train"))


@st.cache_data(max_entries=2, show_spinner=False)
def _divided(kind: str) -> Split:
    return splits.divide(figures.list_figures(), kind, seed=0)


def _networks() -> None:
    st.header("The networks, drawn from themselves", anchor=False)
    st.write(
        "Each bar is a layer: the wider, the more numbers it hands on; in it stands how many it has learnt. Beside it "
        "stands the shape of what it gives. A network that looks at single frames runs once for each of them."
    )
    names = {name: read_card(name) for name in looked.DRAWN}
    chosen = st.segmented_control(
        "Network",
        list(names),
        default=looked.DRAWN[0],
        required=True,
        format_func=lambda name: NETWORKS[names[name].network].title,
        key="drawn",
        wrap=True,
    )
    card, counted = names[chosen], looked.shipped_facts(chosen)
    frames, height, width, _ = counted.clip
    st.markdown(
        f"As in **{card.title}**: clips of {frames} frames of {width}×{height} pixels over {card.spec.span_sec:g} s; "
        f"{counted.parameters:,} parameters; {counted.macs:,} multiply-adds (MACs) for a clip."
    )
    st.plotly_chart(architecture_figure(counted), key="how-network", config=saved_as(chosen))
    st.markdown(_PAPERS[card.network])


if __name__ == "__main__":
    start_app()
