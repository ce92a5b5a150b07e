"""Home: what this is, one result, where to start."""

import streamlit as st

from har.classifier import list_cards
from har.settings import MIB, settings
from pages import annotate, explore, status, train
from pages.widgets import ASSETS, start_app


def main() -> None:
    """One sentence, one moving picture, the ways on."""
    words, picture = st.columns([2, 3], gap="large", vertical_alignment="center")
    with words:
        st.title("What are they doing?", anchor=False)
        st.write(
            "This program looks at videos of people and writes the action on every frame: "
            "*squat*, *wave*, *bench pressing*. You see how sure it is, and where it is unsure it says so."
        )
        with st.container(horizontal=True):
            if st.button("Annotate a video", type="primary", icon=":material/play_arrow:"):
                st.switch_page(st.Page(annotate.main, url_path="annotate"))
            if st.button("Explore action data", icon=":material/grid_view:"):
                st.switch_page(st.Page(explore.main, url_path="explore"))
            if st.button("Train a network", icon=":material/model_training:"):
                st.switch_page(st.Page(train.main, url_path="train"))
        st.caption("A sample is ready, so nothing needs to be uploaded to try it.")
    with picture:
        st.video(str(ASSETS / "sample.mp4"), autoplay=True, loop=True, muted=True)
        st.caption("A generated sample, annotated by LRCN, which was trained on other generated figures.")
    st.divider()
    here, cannot, further = st.columns(3, gap="large")
    with here:
        st.subheader("What is here", anchor=False)
        for card in list_cards():
            st.markdown(f"**{card.title}** tells {len(card.labels)} actions apart.")
    with cannot:
        st.subheader("What it cannot do", anchor=False)
        limits = settings()
        st.write(
            "It names one action at a time, for the whole picture: it does not find people in it or follow them. "
            "It knows only its labels, and with 400 of them it is often unsure. "
            f"Videos may have {limits.max_video_sec / 60:g} minutes and {limits.max_video_bytes // MIB} MB."
        )
    with further:
        st.subheader("On your own machine", anchor=False)
        st.write("The same from the command line, with limits that you set; and training on your own clips:")
        st.code("har annotate video.mp4\nhar train my-clips/\nhar evaluate my-classifier/ my-clips/", language="shell")
    st.divider()
    st.page_link(st.Page(status.main, url_path="status"), label="Is the server busy?", icon=":material/monitor_heart:")


if __name__ == "__main__":
    start_app()
