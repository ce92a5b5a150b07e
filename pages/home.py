"""Home: what this is, a sample result in one click, and links to the other screens."""

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

_OPENED = "sample-result"  # in the session: the job id of this visitor's sample result
_SCREENS: tuple[tuple[str, str, str, str], ...] = (
    (
        "Explore",
        "explore",
        ":material/grid_view:",
        "Browse action data: moving previews, what a network sees of a clip, and how clips are split.",
    ),
    (
        "Train",
        "train",
        ":material/model_training:",
        "Choose actions and a network, watch it train, and see its accuracy on recordings it has never seen.",
    ),
    (
        "Annotate",
        "annotate",
        ":material/movie:",
        "Upload a video, or paste a YouTube link, and get a label for the action in every frame.",
    ),
)


def main() -> None:
    """All of the page."""
    words, picture = st.columns([2, 3], gap="large", vertical_alignment="center")
    with words:
        st.title("What are they doing?", anchor=False)
        st.write(
            "This program watches a video of people, labels the action in every frame, and shows how confident it is. "
            "Where it is not confident enough, the label is *unsure*."
        )
        with st.container(horizontal=True):
            if st.button("Open a sample result", type="primary", icon=":material/play_arrow:"):
                _open_sample()
            if st.button("How it works", icon=":material/school:"):
                st.switch_page(navigation.page("how"))
    with picture, st.container(key="film", gap="xsmall"):
        st.video(str(ASSETS / "sample.mp4"), autoplay=True, loop=True, muted=True)
        st.caption("A generated video, annotated by a network trained on other generated people.")
    _screens()
    st.space("small")
    here, own, limits = st.columns(3, gap="large")
    with here:
        _on_this_server()
    with own:
        _on_your_machine()
    with limits:
        _limitations()


def _screens() -> None:
    for column, (name, path, icon, about) in zip(st.columns(3, gap="medium"), _SCREENS, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.header(name, anchor=False)
            st.write(about)
            if st.button(f"Go to {name}", icon=icon, key=f"door-{path}"):
                st.switch_page(navigation.page(path))


def _open_sample() -> None:
    """Open the visitor's own copy of the sample result, made at once from bundled scores."""
    job_id = st.session_state.get(_OPENED)
    if job_id is None or not result.is_there(job_id):
        job_id = new_job_id()
        try:
            with quota.raising_disk_full():
                results.copy_bundled_sample(result.folder_of(job_id))
        except HarError as error:
            show_error(error)
            return
        st.session_state[_OPENED] = job_id
    st.switch_page(navigation.page("annotate"), query_params={"job": job_id})


def _on_this_server() -> None:
    limits = settings()
    st.header("On this server", anchor=False)
    st.write(
        f"Everything runs here, on the CPU, one job at a time. Videos: up to {limits.max_video_sec / 60:g} minutes and "
        f"{limits.max_video_bytes // MIB} MB. They are deleted after {limits.job_hours:g} hours at most, and only you "
        "have the link to the result."
    )
    st.page_link(navigation.page("status"), label="Is the server busy?", icon=":material/monitor_heart:")


def _on_your_machine() -> None:
    st.header("On your own machine", anchor=False)
    st.write("The same program, with limits that you set; no data leaves your machine:")
    st.code("make run\nhar annotate video.mp4\nhar train my-clips/", language="shell")


def _limitations() -> None:
    st.header("Limitations", anchor=False)
    most = max(len(card.labels) for card in list_cards())
    st.write(
        "The program gives one label at a time to the whole picture: it does not detect or track people. It knows only "
        f"the labels of its classifier, at most {most}; with that many, it is often unsure. An action that it was not "
        "trained on gets one of these labels, or none."
    )


if __name__ == "__main__":
    start_app()
