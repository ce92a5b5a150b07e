"""Home: annotates a visitor's video, or a sample, at once; links to the other screens below."""

import streamlit as st

from har import results
from har.classifier import list_cards
from har.datasets.figures import SAMPLES
from har.errors import HarError
from har.jobs import new_job_id
from har.results import bundled_sample
from har.settings import MIB, settings
from har.storage import quota
from ui import navigation
from ui.annotate import result, upload, youtube
from ui.annotate.start import Chosen, start
from ui.messages import show_error
from ui.navigation import start_app
from ui.theme import ASSETS

_OPENED = "sample-result"  # in the session: the job id of this visitor's sample result
_SAMPLE_WIDTH = 108  # pixels: three are next to each other on a phone
_DOORS: tuple[tuple[str, str, str, str], ...] = (
    (
        "Explore",
        "explore",
        ":material/grid_view:",
        "Moving previews of labelled clips, what a network sees of them, and what it predicts.",
    ),
    (
        "Train",
        "train",
        ":material/model_training:",
        "Choose actions, watch a network learn them, and see its accuracy on new recordings.",
    ),
    (
        "Teach",
        "teach",
        ":material/photo_camera:",
        "Show two moves to your camera, and half a minute later the page recognises them.",
    ),
    (
        "How it works",
        "how",
        ":material/school:",
        "From frames to labels, step by step, in networks that you can look into.",
    ),
)


def main() -> None:
    """All of the page."""
    with st.container(key="hero"):
        own, picture = st.columns([6, 7], gap="large")
    with own:
        st.title("What are they doing?", anchor=False)
        st.write("Every frame of your video gets a label for the action, with its probability.")
        with st.container(gap="xsmall"):
            _own_video()
            _samples()
    with picture, st.container(key="film", gap="xsmall"):
        st.video(str(ASSETS / "sample.mp4"), autoplay=True, loop=True, muted=True)
        st.caption("A generated video, annotated by a network trained on other generated people.")
    _doors()
    st.space("small")
    here, machine, limits = st.columns(3, gap="large")
    with here:
        _on_this_server()
    with machine:
        _on_your_machine()
    with limits:
        _limitations()


def _own_video() -> None:
    chosen, look = upload.field("Drop a video of people here")
    section = youtube.field(
        "or paste a YouTube link",
        "Up to one minute is fetched, from the time in the link. Fetch only what you are allowed to use. On Annotate, "
        "you can choose another section.",
    )
    limits = settings()
    st.caption(
        f"Up to {limits.max_video_sec / 60:g} minutes and {limits.max_video_bytes // MIB} MB. Private; deleted after "
        f"{limits.job_hours:g} h."
    )
    if isinstance(look, HarError):
        show_error(look)
    elif chosen is not None and look is not None:
        _annotate(chosen)
    elif section is not None:
        _annotate(section)


def _annotate(chosen: Chosen) -> None:
    try:
        job_id = start(chosen)
    except HarError as error:
        show_error(error)
        st.button("Try again", icon=":material/refresh:")
        return
    upload.clear()
    st.switch_page(navigation.page("annotate"), query_params={"job": job_id})


def _samples() -> None:
    st.markdown(":small[or look at a sample]")
    with st.container(key="samples", horizontal=True, gap="xsmall"):
        for name, sample in SAMPLES.items():
            with st.container(key=f"sample-{name}", gap=None, width=_SAMPLE_WIDTH):
                st.image(str(ASSETS / f"{name}.jpg"), alt="")
                pressed = st.button(sample.title, type="tertiary", key=f"open-{name}")
            if pressed and name == bundled_sample.SAMPLE:
                _open_sample()
            elif pressed:
                _annotate(name)


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


def _doors() -> None:
    for column, (name, path, icon, about) in zip(st.columns(len(_DOORS), gap="medium"), _DOORS, strict=True):
        with column, st.container(border=True, height="stretch", gap=None, key=f"door-{path}"):
            st.page_link(navigation.page(path), label=f"**{name}**", icon=icon)
            st.caption(about)


def _on_this_server() -> None:
    limits = settings()
    st.header("On this server", anchor=False)
    st.write(
        "Everything runs here, on the CPU. Annotations wait for each other, and so do trainings. Videos: up to "
        f"{limits.max_video_sec / 60:g} minutes and {limits.max_video_bytes // MIB} MB. They are deleted after "
        f"{limits.job_hours:g} hours at most, and only you have the link to the result."
    )
    st.page_link(navigation.page("status"), label="Is the server busy?", icon=":material/monitor_heart:")


def _on_your_machine() -> None:
    st.header("On your own machine", anchor=False)
    st.write("The same program, with limits that you set; no data leaves your machine:")
    st.code("make run\nhar annotate video.mp4\nhar train my-clips/", language=None)


def _limitations() -> None:
    st.header("Limitations", anchor=False)
    most = max(len(card.labels) for card in list_cards())
    st.write(
        "The program gives one label at a time to the whole picture: it does not detect or track people. It knows only "
        f"the labels of its classifier, at most {most}; with that many, it is often *unsure*. An action that it was "
        "not trained on gets one of these labels, or none."
    )


if __name__ == "__main__":
    start_app()
