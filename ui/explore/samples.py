"""Samples: a wall of moving previews, the clips of one class, or one clip."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from har.datasets import Dataset, LabelledVideo, ensure_drawn, one_per_class
from har.datasets.facts import video_info
from har.datasets.previews import playable_copy
from har.errors import HarError
from har.labels import display_name
from har.video import VideoInfo
from ui.explore import film
from ui.formatting import format_count, format_number
from ui.jobs import is_done
from ui.messages import label_name, plain, show_error
from ui.preview_wall import Cell, wall

_LARGE = 6  # cells of a wall: three rows on a phone
_MAX_CLASSES = 20  # shown by default
_SHUFFLES = "samples-turn"  # in the session: how often the visitor has shuffled
_MAX_HEIGHT = 480  # pixels of a playing clip


def show(dataset: Dataset, name: str) -> None:
    """Show the wall, or the class or clip that the address names."""
    label, clip = st.query_params.get("label"), st.query_params.get("clip")
    if label is not None and label not in dataset.labels:
        st.warning(
            f"{plain(dataset.title)} has no class {label_name(label[:60])}. These are its classes.",
            icon=":material/search_off:",
        )
        label = None
    if label is None:
        _show_wall(dataset, name)
        return
    by_name = _by_name(video for video in dataset.videos if video.label == label)
    if clip is not None and clip not in by_name:
        st.warning(
            f"{label_name(label)} has no clip {plain(clip[:80])}. These are its clips.", icon=":material/search_off:"
        )
    if clip in by_name:
        _show_clip(by_name[clip], by_name)
    else:
        _show_class(label, by_name)


def name_of(video: LabelledVideo, dataset: Dataset) -> str:
    """The name in the address of a clip of a data set."""
    by_name = _by_name(other for other in dataset.videos if other.label == video.label)
    return next(name for name, other in by_name.items() if other.path == video.path)


def _by_name(videos: Iterable[LabelledVideo]) -> dict[str, LabelledVideo]:
    """Clips of a class by their names in the address: of the file, or an id where several files share a name."""
    videos = list(videos)
    count = Counter(video.path.name for video in videos)
    return {video.path.name if count[video.path.name] == 1 else Cell(video, "").id: video for video in videos}


def _show_wall(dataset: Dataset, name: str) -> None:
    labels, groups, all_classes, all_clips = _choose(dataset, name)
    videos = [
        video
        for video in dataset.videos
        if (not labels or video.label in labels) and (not groups or video.group in groups)
    ]
    if not videos:
        st.info("No clip is in both that class and that group. Remove one of them.", icon=":material/filter_alt_off:")
        return
    limit = None if all_classes or labels else _MAX_CLASSES
    shown = videos if all_clips else one_per_class(videos, limit, st.session_state.get(_SHUFFLES, 0))
    st.caption(f"{_describe(shown, videos, all_clips)} Click one to open its class.")
    cells = [Cell(video, display_name(video.label), video.group or "") for video in shown]
    with st.container(key="large-wall" if len(cells) >= _LARGE else None):  # has its height before it is loaded
        wall(cells, key=f"wall-{name}", on_open=_open_class)
    film.box(shown, name)


def _describe(shown: Sequence[LabelledVideo], videos: Sequence[LabelledVideo], all_clips: bool) -> str:
    if all_clips:
        return f"{format_count(len(shown), 'clip')}."
    count = len({video.label for video in videos})
    if count == 1:
        return "A random clip of the class."
    return f"A random clip of each of {f'{len(shown)} of ' if len(shown) < count else 'the '}{count} classes."


def _choose(dataset: Dataset, name: str) -> tuple[list[str], list[str], bool, bool]:
    """Classes and groups (none means all), whether to show all classes, and whether to show all clips."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = st.multiselect(
            "Classes", dataset.labels, format_func=display_name, placeholder="All", key=f"labels-{name}"
        )
        groups = []
        if dataset.groups:
            groups = st.multiselect("Groups", dataset.groups, placeholder="All", key=f"groups-{name}")
        if st.button("Shuffle", icon=":material/shuffle:"):
            st.session_state[_SHUFFLES] = st.session_state.get(_SHUFFLES, 0) + 1
    count = len(dataset.labels)
    with st.container(horizontal=True, gap="medium"):
        all_classes = count > _MAX_CLASSES and st.toggle(f"All {count} classes", key=f"classes-{name}")
        all_clips = st.toggle("All clips", key=f"everything-{name}", help="Instead of one clip per class.")
    return labels, groups, all_classes, all_clips


def _show_class(label: str, by_name: Mapping[str, LabelledVideo]) -> None:
    videos = list(by_name.values())
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("All classes", icon=":material/arrow_back:"):
            _go(label=None, clip=None)
        st.header(label_name(label), anchor=False)
    groups = sorted({video.group or "" for video in videos})
    clips = format_count(len(videos), "clip")
    if groups == [""]:
        st.write(f"{clips}. Which of them come from the same recording is unknown.")
    else:
        st.write(
            f"{clips} in {format_count(len(groups), 'group')}, one row per group. Clips of a group share a recording, "
            "place or person: a network trained on one of them finds the others easy. So a split must keep groups "
            "together."
        )
    cells = []
    for group in groups:
        rows = sorted((video for video in videos if (video.group or "") == group), key=lambda video: video.path.name)
        for place, video in enumerate(rows):
            heading = (group or "group unknown") if place == 0 and groups != [""] else None
            cells.append(Cell(video, _short_title(video, place), heading=heading))
    wall(cells, key=f"class-{label}", on_open=lambda video: _open_clip(video, by_name), small=True)


def _short_title(video: LabelledVideo, place: int) -> str:
    """What distinguishes a clip from others of its row: `c02` of `v_TaiChi_g07_c02`."""
    last = video.path.stem.rsplit("_", 1)[-1]
    return last if video.group and len(last) <= 4 else video.path.stem if len(video.path.stem) < 24 else f"{place + 1}"


def _show_clip(video: LabelledVideo, by_name: Mapping[str, LabelledVideo]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"All of {label_name(video.label)}", icon=":material/arrow_back:"):
            _go(clip=None)
        if st.button("Show as model input", icon=":material/grid_on:"):
            _go(view="sight")
    try:
        if not is_done(("copy", str(video.path)), lambda: _open(video), "Converting the clip…"):
            return
        info, copy = _open(video)
    except HarError as error:
        show_error(error)
        return
    with st.container(horizontal=True, gap="large"):
        st.video(copy, format="video/mp4", loop=True, autoplay=True, muted=True, width=_display_width(info))
        with st.container(width=420):
            _show_properties(video, info)
    others = [other for other in by_name.values() if other.group == video.group and other is not video]
    if video.group and others:
        st.subheader(f"Other clips of {plain(video.group)}", anchor=False)
        cells = [Cell(other, _short_title(other, place)) for place, other in enumerate(others)]
        wall(cells, key=f"others-{video.path.name}", on_open=lambda other: _open_clip(other, by_name), small=True)


def _open(video: LabelledVideo) -> tuple[VideoInfo, bytes]:
    """A clip's properties, and a copy that every browser can play; both are cached."""
    ensure_drawn([video])
    return video_info(video), playable_copy(video).read_bytes()


def _show_properties(video: LabelledVideo, info: VideoInfo) -> None:
    st.markdown(f"**{plain(video.path.name)}**")
    st.table(
        {
            "class": label_name(video.label),
            "group": plain(video.group or "unknown"),
            "duration": f"{info.duration_sec:.2f} s",
            "size": f"{info.width}×{info.height}",
            "frames per second": format_number(float(info.fps), 5),
            "frames": str(info.frame_count or "unknown"),
            "format": plain(f"{info.container}, {info.codec}"),
        },
        border="horizontal",
    )
    for notice in info.notices():
        st.caption(plain(notice))


def _display_width(info: VideoInfo) -> int:
    """In pixels. Small videos are not enlarged much, and upright ones fit on a screen."""
    high = min(_MAX_HEIGHT, max(_MAX_HEIGHT // 2, 2 * info.height))
    return round(high * info.width / info.height)


def _open_class(video: LabelledVideo) -> None:
    st.query_params["label"] = video.label


def _open_clip(video: LabelledVideo, by_name: Mapping[str, LabelledVideo]) -> None:
    st.query_params["clip"] = next(name for name, other in by_name.items() if other is video)


def _go(**changes: str | None) -> None:
    """Change the address and run the page again; None removes a parameter."""
    for name, value in changes.items():
        if value is not None:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
    st.rerun()
