"""What a network sees: the frames of a clip at its size and rate, beside those of the video."""

import io

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from har.clips import ClipSpec, decode
from har.datasets import Dataset, LabelledVideo, ready
from har.datasets.facts import info_of
from har.errors import HarError
from har.video import VideoInfo
from pages.widgets import show_error, start_app

_HIGH = 168  # pixels of the original beside it
_ENLARGED = 168  # of the shorter side of the network's picture, at least
_STRIP_HIGH = 72
_SIZES = (32, 48, 64, 96, 112, 160)


def show(dataset: Dataset, name: str) -> None:
    """Choose a clip and a clip spec, and see what is left of it."""
    video = _chosen(dataset)
    try:
        ready([video])
        info = info_of(video)
    except HarError as error:
        show_error(error)
        return
    spec = _spec(info)
    try:
        with st.spinner("Reading the clip …"):
            small, large, times_sec = _frames(str(video.path), video.content, spec, info)
    except HarError as error:
        show_error(error)
        return
    _told(info, spec)
    place = st.slider("Frame", 1, spec.frames, min(spec.frames, spec.frames // 2 + 1)) - 1
    with st.container(horizontal=True, horizontal_alignment="left", gap="medium"):
        st.image(_png(_high(large[place], 2 * _HIGH)), caption=f"The video at {times_sec[place]:.2f} s", width=380)
        st.image(_png(_enlarged(small[place])), caption=f"The network's frame {place + 1}", width=300)
    st.markdown(f"**All {spec.frames} frames**, above as filmed, below as the network gets them")
    st.image(_png(_rows(small, large)))
    st.markdown("**Played**")
    st.image(_played(small, spec), width=240)


def _chosen(dataset: Dataset) -> LabelledVideo:
    """The clip that the address names, or another."""
    asked = (st.query_params.get("label"), st.query_params.get("clip"))
    labels = list(dataset.labels)
    left, right = st.columns(2)
    with left:
        label = st.selectbox("Class", labels, index=labels.index(asked[0]) if asked[0] in labels else 0)
    videos = [video for video in dataset.videos if video.label == label]
    names = [video.path.name for video in videos]
    with right:
        place = st.selectbox(
            "Clip",
            range(len(videos)),
            index=names.index(asked[1]) if label == asked[0] and asked[1] in names else 0,
            format_func=names.__getitem__,
            key=f"clip-{label}",
        )
    return videos[place]


def _spec(info: VideoInfo) -> ClipSpec:
    with st.container(horizontal=True):
        frames = st.slider("Frames", 4, 40, 20, width=220)
        span_sec = st.slider(
            "Span (seconds)", 0.2, 8.0, 2.0, 0.1, width=220, help="The stretch of time that the frames cover."
        )
        side = st.select_slider("Picture (pixels a side)", _SIZES, 64, width=220)
        fit = st.segmented_control(
            "Fit", ["stretch", "crop"], default="stretch", required=True, help="Squeeze the picture, or cut its sides."
        )
    return ClipSpec(frames, side, side, span_sec, fit)


@st.cache_data(max_entries=32, show_spinner=False)
def _frames(
    path: str, content: str, spec: ClipSpec, _info: VideoInfo
) -> tuple[UInt8[np.ndarray, "time side side 3"], UInt8[np.ndarray, "time height width 3"], list[float]]:
    """The middle window as a network gets it, the same frames large, and when they are shown."""
    wide = ClipSpec(spec.frames, _HIGH * 2, round(_HIGH * 2 * _info.width / _info.height), spec.span_sec)
    small, large = decode(_info, spec), decode(_info, wide)
    first = (len(small) - spec.frames) // 2
    if spec.span_sec > _info.duration_sec:  # spread from its first frame to its last
        times = np.linspace(0, _info.duration_sec, spec.frames)
    else:
        times = (first + np.arange(spec.frames)) / float(spec.rate)
    chosen = slice(first, first + spec.frames)
    return small[chosen], large[chosen], times.tolist()


def _told(info: VideoInfo, spec: ClipSpec) -> None:
    count = spec.frames * spec.height * spec.width * 3
    whole = (info.frame_count or 0) * info.width * info.height * 3
    share = f", {whole / count:,.0f} times fewer than the video has" if whole > count else ""
    st.write(f"{spec.frames} × {spec.height} × {spec.width} × 3 = **{count:,} numbers**{share}.")
    if spec.span_sec > info.duration_sec:
        st.caption(
            f"The clip lasts {info.duration_sec:.2f} s, less than the span: its frames are spread from the first to "
            "the last, so it seems faster to the network than a longer one."
        )
    else:
        st.caption(
            f"They cover {spec.span_sec:g} of the clip's {info.duration_sec:.2f} seconds, one every "
            f"{1000 * spec.span_sec / spec.frames:.0f} ms. A short span misses the action, a long one its quick "
            "parts. In training and in recognition it must be the same."
        )


def _rows(
    small: UInt8[np.ndarray, "time side side 3"], large: UInt8[np.ndarray, "time height width 3"], most: int = 10
) -> Image.Image:
    """Pairs of frames in rows of ten."""
    pairs = [
        (_high(above, _STRIP_HIGH), Image.fromarray(below).resize((_STRIP_HIGH, _STRIP_HIGH), Image.Resampling.NEAREST))
        for above, below in zip(large, small, strict=True)
    ]
    width = max(picture.width for pair in pairs for picture in pair) + 4
    rows = -(-len(pairs) // most)
    high = 2 * _STRIP_HIGH + 12
    sheet = Image.new("RGBA", (width * min(most, len(pairs)), high * rows), (0, 0, 0, 0))
    for place, (above, below) in enumerate(pairs):
        left, top = place % most * width, place // most * high
        sheet.paste(above, (left + (width - above.width) // 2, top))
        sheet.paste(below, (left + (width - below.width) // 2, top + _STRIP_HIGH + 2))
    return sheet


def _high(frame: UInt8[np.ndarray, "height width 3"], height: int) -> Image.Image:
    picture = Image.fromarray(frame)
    return picture.resize((max(1, round(picture.width * height / picture.height)), height), Image.Resampling.BILINEAR)


def _enlarged(frame: UInt8[np.ndarray, "side side 3"]) -> Image.Image:
    """With its pixels to be seen."""
    factor = -(-_ENLARGED * 2 // frame.shape[0])
    return Image.fromarray(frame).resize((frame.shape[1] * factor, frame.shape[0] * factor), Image.Resampling.NEAREST)


def _played(frames: UInt8[np.ndarray, "time side side 3"], spec: ClipSpec) -> bytes:
    first, *others = (_enlarged(frame) for frame in frames)
    data = io.BytesIO()
    each_ms = max(20, round(1000 * spec.span_sec / spec.frames))
    first.save(data, "WEBP", save_all=True, append_images=others, duration=each_ms, loop=0, quality=60)
    return data.getvalue()


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


if __name__ == "__main__":
    start_app()
