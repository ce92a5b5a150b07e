"""Why a clip has twenty frames, and what its span does."""

import streamlit as st

from ui.theme import ASSETS

_EXAMPLES = {
    "short": "Over 0.75 s: a moment of sitting down. Hardly anything moves, and a slow action is cut off.",
    "long": "Over 7 s: two actions in one clip. Fast movements happen between two frames.",
}


def show() -> None:
    """Show the section."""
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
