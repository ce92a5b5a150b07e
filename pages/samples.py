"""Samples: a wall of moving previews, one class open by its recordings, one clip playing."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from har.datasets import Dataset, LabelledVideo, ready
from har.datasets.facts import info_of
from har.datasets.previews import playable
from har.errors import HarError
from pages.wall import Cell, wall
from pages.widgets import plain, show_error, start_app

_AT_FIRST = 20  # classes: as many as the tutorials show
_TURN = "samples-turn"


def show(dataset: Dataset, name: str) -> None:
    """The wall, or the class or clip that the address names."""
    label, clip = st.query_params.get("label"), st.query_params.get("clip")
    if label is not None and label not in dataset.labels:
        st.warning(f"{plain(dataset.title)} has no class {plain(label[:60])}.", icon=":material/search_off:")
        label = None
    if label is None:
        _wall(dataset, name)
        return
    videos = [video for video in dataset.videos if video.label == label]
    found = next((video for video in videos if video.path.name == clip), None)
    if clip is not None and found is None:
        st.warning(f"{plain(label)} has no clip {plain(clip[:80])}.", icon=":material/search_off:")
    if found is None:
        _class(label, videos)
    else:
        _clip(found)


def _wall(dataset: Dataset, name: str) -> None:
    labels, groups, everything = _filter(dataset, name)
    videos = [
        video
        for video in dataset.videos
        if (not labels or video.label in labels) and (not groups or video.group in groups)
    ]
    if not videos:
        st.info("No clip has both that class and that group.", icon=":material/filter_alt_off:")
        return
    shown = videos if everything else _one_of_each(videos)
    if everything:
        st.caption(f"{len(shown):,} clips. Choose one to open its class.")
    else:
        there = len({video.label for video in videos})
        st.caption(f"A random clip of each of {len(shown)} of {there} classes. Choose one to open its class.")
    cells = [Cell(video, video.label, video.group or "") for video in shown]
    wall(cells, key=f"wall-{name}", on_open=_open_class)


def _filter(dataset: Dataset, name: str) -> tuple[list[str], list[str], bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = st.multiselect("Classes", dataset.labels, placeholder="All", key=f"labels-{name}")
        groups = []
        if dataset.groups:
            groups = st.multiselect("Groups", dataset.groups, placeholder="All", key=f"groups-{name}")
        if st.button("Shuffle", icon=":material/shuffle:"):
            st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    everything = st.toggle(
        "All clips", key=f"everything-{name}", help="Every clip of these classes and groups, not one of each."
    )
    return labels, groups, everything


def _one_of_each(videos: Sequence[LabelledVideo]) -> list[LabelledVideo]:
    """A random clip of each of some random classes; the same ones until somebody shuffles."""
    random = np.random.default_rng(st.session_state.get(_TURN, 0))
    by_label: dict[str, list[LabelledVideo]] = {}
    for video in videos:
        by_label.setdefault(video.label, []).append(video)
    labels = random.permutation(sorted(by_label))[: max(_AT_FIRST, 0)]
    return [by_label[label][random.integers(len(by_label[label]))] for label in labels.tolist()]


def _class(label: str, videos: Sequence[LabelledVideo]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("All classes", icon=":material/arrow_back:"):
            _go(label=None)
        st.subheader(plain(label), anchor=False)
    groups = sorted({video.group or "" for video in videos})
    if groups == [""]:
        st.write(f"{len(videos)} clips. Nothing tells which of them are of one recording.")
    else:
        st.write(
            f"{len(videos)} clips of {len(groups)} recordings, a row for each. Clips of a row show one scene: a "
            "network that has learnt one of them knows the others. So a split must keep a row together."
        )
    cells = []
    for group in groups:
        rows = sorted((video for video in videos if (video.group or "") == group), key=lambda video: video.path.name)
        for place, video in enumerate(rows):
            heading = (group or "recording not known") if place == 0 and groups != [""] else None
            cells.append(Cell(video, _short(video, place), heading=heading))
    wall(cells, key=f"class-{label}", on_open=_open_clip, small=True)


def _short(video: LabelledVideo, place: int) -> str:
    """`c02` of `v_TaiChi_g07_c02`: what tells a clip from the others of its row."""
    last = video.path.stem.rsplit("_", 1)[-1]
    return last if video.group and len(last) <= 4 else video.path.stem if len(video.path.stem) < 24 else f"{place + 1}"


def _clip(video: LabelledVideo) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"All of {plain(video.label)}", icon=":material/arrow_back:"):
            _go(clip=None)
        if st.button("What a network sees of it", icon=":material/grid_on:"):
            _go(view="sight")
    try:
        with st.spinner("Making a copy that every browser plays …"):
            ready([video])
            info, copy = info_of(video), playable(video).read_bytes()
    except HarError as error:
        show_error(error)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.video(copy, format="video/mp4", loop=True, autoplay=True, muted=True)
    with right:
        st.markdown(f"**{plain(video.path.name)}**")
        st.table(
            {
                "class": plain(video.label),
                "recording": plain(video.group or "not known"),
                "duration": f"{info.duration_sec:.2f} s",
                "size": f"{info.width}×{info.height}",
                "frames a second": f"{float(info.fps):.5g}",
                "frames": str(info.frame_count or "not told"),
                "format": f"{info.container}, {info.codec}",
            },
            border="horizontal",
        )
        if info.warning:
            st.caption(plain(info.warning))


def _open_class(video: LabelledVideo) -> None:
    st.query_params["label"] = video.label


def _open_clip(video: LabelledVideo) -> None:
    st.query_params["clip"] = video.path.name


def _go(**changes: str | None) -> None:
    """To another address on this page; None leaves a part of it out."""
    for name, value in changes.items():
        if value is not None:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
    st.rerun()


if __name__ == "__main__":
    start_app()
