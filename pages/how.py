"""How it works: a clip on its way through a network, sampling, splits, and the networks."""

import streamlit as st

from ui.how_it_works import activations, networks, sampling, splits
from ui.navigation import start_app

_CONTENTS = {  # anchors of headers, in order
    "frames": "Frames",
    "cnn": "CNN",
    "memory": "Memory",
    "probabilities": "Probabilities",
    "span": "How far apart frames are",
    "split": "Why recordings are kept together",
    "networks": "The networks",
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
    sampling.show()
    splits.show()
    networks.show()


if __name__ == "__main__":
    start_app()
