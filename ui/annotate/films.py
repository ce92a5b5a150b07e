"""Films of a result: its highlights, and two labellings side by side. Its owner makes them, all viewers see them."""

from collections.abc import Callable, Collection
from pathlib import Path

import streamlit as st

from har import reels
from har.errors import LabelsError
from har.jobs import JobState, Lane
from har.labels import display_name
from har.progress import FILMING
from har.reels import Against, HighlightOptions, Plan, SideOptions
from har.reels.plan import MIN_FILM_SEC
from har.results import Annotation
from har.settings import settings
from ui import jobs
from ui.annotate import corrections
from ui.downloads import download
from ui.formatting import format_count, format_size
from ui.messages import label_name, plain, show_remarks

HIGHLIGHTS, SIDE_BY_SIDE = "film", "sides"  # query parameters with the ids of jobs
_HALF_SPEED = 0.5
_SHOWN_ROWS = 8  # of the preview, before it scrolls
_AGAINST = {Against.CLASSIFIER: "The second classifier", Against.GROUND_TRUTH: "Ground truth"}


def highlights(shown: Annotation, name: str, own: bool) -> None:
    """A film of the segments with the highest confidence: its content, the button that makes it, and the film."""
    path = shown.folder / reels.HIGHLIGHTS
    if not own and not path.exists():
        return
    is_open = path.exists() or HIGHLIGHTS in st.query_params
    title = "Make a highlight film" if own else "Highlight film"
    with st.expander(title, icon=":material/movie_edit:", expanded=is_open):
        if own and _is_running(HIGHLIGHTS):
            return
        _film(shown, path, f"{name}-highlights.mp4", "highlights")
        if own:
            _choose_highlights(shown)


def side_by_side(shown: Annotation, name: str, against: Collection[Against], own: bool) -> None:
    """A film of two labellings in sync."""
    if not against:
        return
    paths = {each: shown.folder / reels.SIDE_BY_SIDE[each] for each in _AGAINST if each in against}
    if not own and not any(path.exists() for path in paths.values()):
        return
    with st.expander(
        "Film side by side", icon=":material/splitscreen_right:", expanded=SIDE_BY_SIDE in st.query_params
    ):
        if own and _is_running(SIDE_BY_SIDE):
            return
        choice = next(iter(paths))
        if len(paths) > 1:
            choice = st.segmented_control(
                "With", list(paths), default=choice, required=True, format_func=_AGAINST.__getitem__, key="against"
            )
        _film(shown, paths[choice], f"{name}-side-by-side.mp4", "sides")
        if own:
            _choose_sides(shown, choice)


def _is_running(parameter: str) -> bool:
    """Show the progress of the job in the address, or how it ended; whether it is still running."""
    status = jobs.watch(parameter, FILMING)
    if status is not None and status.state is JobState.STOPPED:
        st.info("Cancelled. No film was written.", icon=":material/stop_circle:")
    show_remarks(status)
    return jobs.is_running(status)


def _film(shown: Annotation, path: Path, file_name: str, key: str) -> None:
    try:
        size_bytes = path.stat().st_size
        if size_bytes <= settings().max_played_bytes:
            st.video(path.read_bytes(), format="video/mp4")
    except OSError:
        return
    if corrections.is_newer(shown, path.name):
        st.caption("This film was made before the last corrections.")
    download(
        f"Download the film ({format_size(size_bytes)})",
        path.read_bytes,
        file_name,
        "video/mp4",
        icon=":material/download:",
        width="stretch",
        key=f"download-{key}",
    )


def _choose_highlights(shown: Annotation) -> None:
    corrected = corrections.corrected(shown)
    present = list(dict.fromkeys(segment.label for segment in corrected.segments if segment.label is not None))
    labels = st.multiselect("Labels", present, format_func=display_name, placeholder="All", key="film-labels")
    longest_sec = settings().max_film_sec
    max_sec = st.slider(
        "Maximum length",
        MIN_FILM_SEC,
        longest_sec,
        min(HighlightOptions.max_sec, longest_sec),
        5.0,
        format="%.0f s",
        help="Segments with the highest confidence are chosen first.",
        key="film-sec",
    )
    with st.container(horizontal=True, gap="medium"):
        portrait = st.toggle("Portrait, for phones", key="film-portrait")
        slow = st.toggle("Half speed", key="film-slow")
    options = HighlightOptions(tuple(labels) or None, max_sec, portrait, _HALF_SPEED if slow else 1.0)
    try:
        plan = reels.plan_highlights([corrected], options)
    except LabelsError as error:
        st.caption(plain(str(error)))
        return
    _preview(plan)
    _button("Make the film", HIGHLIGHTS, reels.highlights_job, shown, options, shown.options)


def _preview(plan: Plan) -> None:
    left_out = plan.found_count - len(plan.shots)
    rest = f" No room for {format_count(left_out, 'more segment')}." if left_out else ""
    st.markdown(f"**{plan.duration_sec:.0f} s** with a title and {format_count(len(plan.shots), 'segment')}.{rest}")
    rows = [
        f"| {reels.clock(shot.start_sec)} | {label_name(shot.label)} | {shot.confidence:.0%} "
        f"| {shot.frame_count / float(plan.fps):.1f} s |"
        for shot in plan.shots
    ]
    with st.container(height=300 if len(rows) > _SHOWN_ROWS else "content", border=False):
        st.markdown("\n".join(["| At | Label | Confidence | In the film |", "| --: | :-- | --: | --: |", *rows]))


def _choose_sides(shown: Annotation, against: Against) -> None:
    limit_sec = settings().max_film_sec
    too_long = shown.scored.duration_sec > limit_sec
    st.caption(
        "The video twice, in sync, each with its label and its timeline."
        + (f" Films last at most {limit_sec:g} s, so it shows only the beginning." if too_long else "")
    )
    options = SideOptions(max_sec=limit_sec if too_long else None)
    _button("Make this film", SIDE_BY_SIDE, reels.side_by_side_job, shown, options, against, shown.options)


def _button(title: str, parameter: str, job: Callable[..., object], shown: Annotation, *arguments: object) -> None:
    if st.button(title, icon=":material/movie_edit:", width="stretch", key=f"make-{parameter}") and jobs.submit(
        parameter, job, shown.folder, *arguments, lane=Lane.DATA, detached=True
    ):
        st.rerun()
