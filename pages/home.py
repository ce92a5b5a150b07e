"""Home: what this is, one result in one click, three ways on."""

import streamlit as st

from har import results
from har.classifier import list_cards
from har.errors import HarError
from har.jobs import new_job_id
from har.settings import MIB, settings
from har.storage import quota
from ui import navigation
from ui.annotate import result
from ui.messages import show_error
from ui.navigation import start_app
from ui.theme import ASSETS

_OPENED = "sample-result"  # in the session: the job's id under which this visitor has the sample's result
_DOORS: tuple[tuple[str, str, str, str], ...] = (
    (
        "Explore",
        "explore",
        ":material/grid_view:",
        "Look at action data: clips that move, what a network gets to see of them, and how they are split.",
    ),
    (
        "Train",
        "train",
        ":material/model_training:",
        "Choose actions and a network, watch it learn, and read how often it is right on recordings it never saw.",
    ),
    (
        "Annotate",
        "annotate",
        ":material/movie:",
        "Bring a video, or the address of one on YouTube, and get the name of the action on every frame.",
    ),
)


def main() -> None:
    """One sentence, one moving picture, the ways on."""
    words, picture = st.columns([2, 3], gap="large", vertical_alignment="center")
    with words:
        st.title("What are they doing?", anchor=False)
        st.write(
            "This program watches a video of people, names the action on every frame and tells how sure it is; "
            "where it is not, it says *unsure*."
        )
        with st.container(horizontal=True):
            if st.button("Open a sample result", type="primary", icon=":material/play_arrow:"):
                _open_sample()
            if st.button("How it works", icon=":material/school:"):
                st.switch_page(navigation.page("how"))
    with picture, st.container(key="film", gap="xsmall"):
        st.video(str(ASSETS / "sample.mp4"), autoplay=True, loop=True, muted=True)
        st.caption("A generated video, annotated by a network that was trained on other generated people.")
    _doors()
    st.space("small")
    here, own, cannot = st.columns(3, gap="large")
    with here:
        _on_this_server()
    with own:
        _on_your_machine()
    with cannot:
        _what_it_cannot_do()


def _doors() -> None:
    for column, (name, path, icon, about) in zip(st.columns(3, gap="medium"), _DOORS, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.header(name, anchor=False)
            st.write(about)
            if st.button(f"Go to {name}", icon=icon, key=f"door-{path}"):
                st.switch_page(navigation.page(path))


def _open_sample() -> None:
    """A result of the visitor's own, from scores that are shipped: nothing is computed, so it is there at once."""
    job_id = st.session_state.get(_OPENED)
    if job_id is None or not result.is_there(job_id):
        job_id = new_job_id()
        try:
            with quota.telling():
                results.open_sample(result.folder_of(job_id))
        except HarError as error:
            show_error(error)
            return
        st.session_state[_OPENED] = job_id
    st.switch_page(navigation.page("annotate"), query_params={"job": job_id})


def _on_this_server() -> None:
    limits = settings()
    st.header("On this server", anchor=False)
    st.write(
        f"All of it runs here, on the processor, one job after another. A video may have {limits.max_video_sec / 60:g} "
        f"minutes and {limits.max_video_bytes // MIB} MB. It stays here for {limits.job_hours:g} hours at most, and "
        "only you have the link to what comes of it."
    )
    st.page_link(navigation.page("status"), label="Is the server busy?", icon=":material/monitor_heart:")


def _on_your_machine() -> None:
    st.header("On your own machine", anchor=False)
    st.write("The same program runs there with limits that you set, and nothing leaves it:")
    st.code("make run\nhar annotate video.mp4\nhar train my-clips/", language="shell")


def _what_it_cannot_do() -> None:
    st.header("What it cannot do", anchor=False)
    most = max(len(card.labels) for card in list_cards())
    st.write(
        "It names one action at a time, for the whole picture: it does not find people in it or follow them. It knows "
        f"only the labels of its classifier, at most {most}; with so many it is often unsure. What it has not been "
        "trained on it takes for what it knows, or for nothing."
    )


if __name__ == "__main__":
    start_app()
