"""Samples: a wall of moving previews, one class open by its recordings, one clip playing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import streamlit as st

from har.datasets import Dataset, LabelledVideo, ready
from har.datasets.facts import info_of
from har.datasets.previews import playable
from har.errors import HarError
from har.video import VideoInfo
from ui.making import is_made
from ui.messages import plain, show_error
from ui.preview_wall import Cell, wall

_AT_FIRST = 20  # classes: as many as the tutorials show
_TURN = "samples-turn"
_HIGH = 480  # pixels of a clip that plays, at most


def show(dataset: Dataset, name: str) -> None:
    """The wall, or the class or clip that the address names."""
    label, clip = st.query_params.get("label"), st.query_params.get("clip")
    if label is not None and label not in dataset.labels:
        st.warning(
            f"{plain(dataset.title)} has no class {plain(label[:60])}. These are its classes.",
            icon=":material/search_off:",
        )
        label = None
    if label is None:
        _wall(dataset, name)
        return
    by_name = _by_name(video for video in dataset.videos if video.label == label)
    if clip is not None and clip not in by_name:
        st.warning(f"{plain(label)} has no clip {plain(clip[:80])}. These are its clips.", icon=":material/search_off:")
    if clip in by_name:
        _clip(by_name[clip], by_name)
    else:
        _class(label, by_name)


def _by_name(videos: Iterable[LabelledVideo]) -> dict[str, LabelledVideo]:
    """Clips of a class by what the address calls them: their files' names, unless several of them have that."""
    videos = list(videos)
    count = Counter(video.path.name for video in videos)
    return {video.path.name if count[video.path.name] == 1 else Cell(video, "").id: video for video in videos}


def _wall(dataset: Dataset, name: str) -> None:
    labels, groups, all_classes, all_clips = _filter(dataset, name)
    videos = [
        video
        for video in dataset.videos
        if (not labels or video.label in labels) and (not groups or video.group in groups)
    ]
    if not videos:
        told = "No clip has both that class and that group. Take one of the two away."
        st.info(told, icon=":material/filter_alt_off:")
        return
    shown = videos if all_clips else _one_of_each(videos, None if all_classes or labels else _AT_FIRST)
    st.caption(f"{_what(shown, videos, all_clips)} Choose one to open its class.")
    cells = [Cell(video, video.label, video.group or "") for video in shown]
    wall(cells, key=f"wall-{name}", on_open=_open_class)


def _what(shown: Sequence[LabelledVideo], videos: Sequence[LabelledVideo], all_clips: bool) -> str:
    if all_clips:
        return f"{len(shown):,} {'clip' if len(shown) == 1 else 'clips'}."
    there = len({video.label for video in videos})
    if there == 1:
        return "A random clip of the class."
    return f"A random clip of each of {f'{len(shown)} of ' if len(shown) < there else 'the '}{there} classes."


def _filter(dataset: Dataset, name: str) -> tuple[list[str], list[str], bool, bool]:
    """Classes and groups, none: all; whether to show more classes than at first; whether to show every clip."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = st.multiselect("Classes", dataset.labels, placeholder="All", key=f"labels-{name}")
        groups = []
        if dataset.groups:
            groups = st.multiselect("Groups", dataset.groups, placeholder="All", key=f"groups-{name}")
        if st.button("Shuffle", icon=":material/shuffle:"):
            st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    count = len(dataset.labels)
    with st.container(horizontal=True, gap="medium"):
        all_classes = count > _AT_FIRST and st.toggle(f"All {count} classes", key=f"classes-{name}")
        all_clips = st.toggle(
            "All clips", key=f"everything-{name}", help="Every clip of these classes and groups, not one of each."
        )
    return labels, groups, all_classes, all_clips


def _one_of_each(videos: Sequence[LabelledVideo], most: int | None = _AT_FIRST) -> list[LabelledVideo]:
    """A random clip of each class, or of some random classes; the same ones until somebody shuffles."""
    random = np.random.default_rng(st.session_state.get(_TURN, 0))
    by_label: dict[str, list[LabelledVideo]] = {}
    for video in videos:
        by_label.setdefault(video.label, []).append(video)
    labels = random.permutation(sorted(by_label))[:most]
    return [by_label[label][random.integers(len(by_label[label]))] for label in labels.tolist()]


def _class(label: str, by_name: Mapping[str, LabelledVideo]) -> None:
    videos = list(by_name.values())
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("All classes", icon=":material/arrow_back:"):
            _go(label=None, clip=None)
        st.header(plain(label), anchor=False)
    groups = sorted({video.group or "" for video in videos})
    clips = "1 clip" if len(videos) == 1 else f"{len(videos)} clips"
    if groups == [""]:
        st.write(f"{clips}. Nothing tells which of them are of one recording.")
    else:
        st.write(
            f"{clips} in {len(groups)} {'group' if len(groups) == 1 else 'groups'}, a row for each. Clips of a group "
            "are of one recording, place or person: a network that has learnt from one of them finds the others easy. "
            "So a split must keep a group together."
        )
    cells = []
    for group in groups:
        rows = sorted((video for video in videos if (video.group or "") == group), key=lambda video: video.path.name)
        for place, video in enumerate(rows):
            heading = (group or "group not known") if place == 0 and groups != [""] else None
            cells.append(Cell(video, _short(video, place), heading=heading))
    wall(cells, key=f"class-{label}", on_open=lambda video: _open_clip(video, by_name), small=True)


def _short(video: LabelledVideo, place: int) -> str:
    """`c02` of `v_TaiChi_g07_c02`: what tells a clip from the others of its row."""
    last = video.path.stem.rsplit("_", 1)[-1]
    return last if video.group and len(last) <= 4 else video.path.stem if len(video.path.stem) < 24 else f"{place + 1}"


def _clip(video: LabelledVideo, by_name: Mapping[str, LabelledVideo]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"All of {plain(video.label)}", icon=":material/arrow_back:"):
            _go(clip=None)
        if st.button("What a network sees of it", icon=":material/grid_on:"):
            _go(view="sight")
    try:
        if not is_made(("copy", str(video.path)), lambda: _copy(video), "Making a copy that every browser plays …"):
            return
        info, copy = _copy(video)
    except HarError as error:
        show_error(error)
        return
    with st.container(horizontal=True, gap="large"):
        st.video(copy, format="video/mp4", loop=True, autoplay=True, muted=True, width=_wide(info))
        with st.container(width=420):
            _facts(video, info)
    others = [other for other in by_name.values() if other.group == video.group and other is not video]
    if video.group and others:
        st.subheader(f"The others of {plain(video.group)}", anchor=False)
        cells = [Cell(other, _short(other, place)) for place, other in enumerate(others)]
        wall(cells, key=f"others-{video.path.name}", on_open=lambda other: _open_clip(other, by_name), small=True)


def _copy(video: LabelledVideo) -> tuple[VideoInfo, bytes]:
    """What is known of a clip, and a copy of it; quick when it was made before."""
    ready([video])
    return info_of(video), playable(video).read_bytes()


def _facts(video: LabelledVideo, info: VideoInfo) -> None:
    st.markdown(f"**{plain(video.path.name)}**")
    st.table(
        {
            "class": plain(video.label),
            "group": plain(video.group or "not known"),
            "duration": f"{info.duration_sec:.2f} s",
            "size": f"{info.width}×{info.height}",
            "frames a second": f"{float(info.fps):.5g}",
            "frames": str(info.frame_count or "not told"),
            "format": plain(f"{info.container}, {info.codec}"),
        },
        border="horizontal",
    )
    if info.warning:
        st.caption(plain(info.warning))


def _wide(info: VideoInfo) -> int:
    """Pixels: a small video is not blown up, an upright one is not higher than a screen."""
    high = min(_HIGH, max(_HIGH // 2, 2 * info.height))
    return round(high * info.width / info.height)


def _open_class(video: LabelledVideo) -> None:
    st.query_params["label"] = video.label


def _open_clip(video: LabelledVideo, by_name: Mapping[str, LabelledVideo]) -> None:
    st.query_params["clip"] = next(name for name, other in by_name.items() if other is video)


def _go(**changes: str | None) -> None:
    """To another address on this page; None leaves a part of it out."""
    for name, value in changes.items():
        if value is not None:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
    st.rerun()
