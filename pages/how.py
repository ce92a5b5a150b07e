"""How it works: a clip on its way through a network, sampling, splits, and the networks."""

import streamlit as st

from ui.how_it_works import activations, networks, splits
from ui.navigation import start_app
from ui.theme import ASSETS

_CONTENTS = {  # anchors of headers, in order
    "frames": "Frames",
    "cnn": "CNN",
    "memory": "Memory",
    "probabilities": "Probabilities",
    "span": "How far apart frames are",
    "split": "Why recordings are kept together",
    "networks": "The networks",
}
_EXAMPLES = {
    "short": "Over 0.75 s: a moment of sitting down. Hardly anything moves, and a slow action is cut off.",
    "long": "Over 7 s: two actions in one clip. Fast movements happen between two frames.",
}


def main() -> None:
    """Draw the screen."""
    st.title("How it works", anchor=False)
    st.write(
        "A network takes a clip, which is a short sequence of frames, and outputs a probability for each action it "
        "knows. Here is one clip on its way through one network, with the actual values. Move the slider, or press "
        "Play."
    )
    st.markdown(" · ".join(f"[{title}](#{anchor})" for anchor, title in _CONTENTS.items()))
    activations.show()
    _sampling()
    splits.show()
    networks.show()


def _sampling() -> None:
    st.header("Why twenty frames, and how far apart", anchor="span")
    st.write(
        "Twenty frames are enough to see an action and few enough to train on. Just as important is the span, which is "
        "the time they cover. Both images are of the same video and start at the same moment:"
    )
    for column, (name, caption) in zip(st.columns(2, gap="medium"), _EXAMPLES.items(), strict=True):
        with column:
            st.image(str(ASSETS / f"span-{name}.jpg"), caption=caption, width="stretch", alt=caption)
    st.write(
        "So the span is chosen for the data and stored in the classifier's card: training and recognition sample the "
        "same span; otherwise the network would see everything at another speed. A long video is cut into windows of "
        "that span, and each frame gets the mean of the windows that cover it."
    )


if __name__ == "__main__":
    start_app()
