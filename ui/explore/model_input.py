"""Model input: the frames that a network gets of a clip, next to those of the video."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from har.clips import CenterClip, ClipSpec, center_clip
from har.datasets import Dataset, LabelledVideo, ensure_drawn
from har.datasets.facts import video_info
from har.errors import HarError
from har.labels import display_name
from har.plots import span_figure
from har.video import VideoInfo
from ui.jobs import is_done
from ui.messages import show_error

_HEIGHT = 336  # pixels, of both frames; the network's may be somewhat larger
_TILE = 60  # pixels, of a frame in the strip
_GAP = 4  # pixels
_SIZES = (32, 48, 64, 96, 112)


@dataclass(frozen=True)
class _Pictures:
    """All images of a clip, as files."""

    originals: tuple[bytes, ...]
    enlarged: tuple[bytes, ...]  # the network's frames
    pairs: tuple[bytes, ...]  # small: the original above, the network's frame below
    animation: bytes  # both, side by side
    times_sec: tuple[float, ...]
    spread: bool  # whether the clip is shorter than the span


def show(dataset: Dataset, name: str) -> None:
    """Show the choice of a clip and a clip spec, and what the network gets."""
    video = _choose_clip(dataset, name)
    spec = _choose_spec()
    try:
        if not is_done(("sight", str(video.path), spec), lambda: _load(video, spec), "Reading the clip…"):
            return
        info, pictures = _load(video, spec)
    except HarError as error:
        show_error(error)
        return
    _show_size(info, spec, pictures)
    _show_frame(info, spec, pictures)
    st.markdown(f"**All {spec.frames} frames**: original above, model input below")
    with st.container(horizontal=True, gap="xsmall"):
        for place, (pair, time_sec) in enumerate(zip(pictures.pairs, pictures.times_sec, strict=True), start=1):
            st.image(pair, caption=f"{time_sec:.2f} s", alt=f"Frame {place}: original and model input")
    st.markdown("**Animation**")
    st.image(pictures.animation, alt="Original and model input, moving side by side")


def _choose_clip(dataset: Dataset, name: str) -> LabelledVideo:
    """The chosen clip; at first the one that the address names."""
    requested = (st.query_params.get("label"), st.query_params.get("clip"))
    labels = list(dataset.labels)
    left, right = st.columns(2)
    with left:
        label = st.selectbox(
            "Class",
            labels,
            index=labels.index(requested[0]) if requested[0] in labels else 0,
            format_func=display_name,
            key=f"sight-label-{name}",
        )
    videos = [video for video in dataset.videos if video.label == label]
    names = [video.path.name for video in videos]
    with right:
        place = st.selectbox(
            "Clip",
            range(len(videos)),
            index=names.index(requested[1]) if label == requested[0] and requested[1] in names else 0,
            format_func=names.__getitem__,
            key=f"sight-clip-{name}-{label}",
        )
    return videos[place]


def _choose_spec() -> ClipSpec:
    with st.container(horizontal=True):
        frames = st.slider("Frames", 4, 40, 20, width=220)
        span_sec = st.slider("Span (seconds)", 0.2, 8.0, 2.0, 0.1, width=220, help="The time that the frames cover.")
        side = st.select_slider("Frame size (pixels)", _SIZES, 64, width=220)
        fit = st.segmented_control(
            "Fit", ["stretch", "crop"], default="stretch", required=True, help="Squeeze the frame, or crop its sides."
        )
    return ClipSpec(frames, side, side, span_sec, "crop" if fit == "crop" else "stretch")


def _load(video: LabelledVideo, spec: ClipSpec) -> tuple[VideoInfo, _Pictures]:
    """A clip's properties and images; the images are cached."""
    ensure_drawn([video])
    info = video_info(video)
    return info, _pictures(video.content, spec, info)


@st.cache_data(max_entries=48, show_spinner=False)
def _pictures(content: str, spec: ClipSpec, _info: VideoInfo) -> _Pictures:
    """Cached by the file's content, as encoded images, which are smaller than frames."""
    clip = center_clip(_info, spec, _HEIGHT)
    return _Pictures(
        originals=tuple(_encode(Image.fromarray(frame), "WEBP") for frame in clip.originals),
        enlarged=tuple(_encode(_enlarged(frame), "PNG") for frame in clip.frames),
        pairs=tuple(_encode(_pair(*both), "WEBP") for both in zip(clip.originals, clip.frames, strict=True)),
        animation=_animation(clip, spec),
        times_sec=tuple(clip.times_sec.tolist()),
        spread=clip.spread,
    )


def _show_size(info: VideoInfo, spec: ClipSpec, pictures: _Pictures) -> None:
    st.write(
        f"{spec.frames} frames × {spec.height} × {spec.width} pixels × 3 colours = "
        f"**{spec.frames * spec.height * spec.width * 3:,} values**. {describe_loss(info, spec, pictures.spread)}"
    )
    figure = span_figure(pictures.times_sec, info.duration_sec, spec.span_sec)
    st.plotly_chart(figure, key="span", config={"staticPlot": True})
    if pictures.spread:
        st.caption(
            f"The clip lasts {info.duration_sec:.2f} s, less than the span. Its frames are spread evenly, so the "
            "network sees it slower than a longer clip."
        )
    else:
        st.caption(
            f"The frames cover {spec.span_sec:g} of {info.duration_sec:.2f} seconds. A short span may miss part of the "
            "action, a long one its fast movements. Training and recognition use the same span; otherwise the network "
            "would see the action at another speed."
        )


def describe_loss(info: VideoInfo, spec: ClipSpec, spread: bool) -> str:
    """How much of the video is not in the input."""
    span_sec = info.duration_sec if spread else spec.span_sec
    video_frames = float(info.fps) * span_sec
    share = spec.frames * spec.height * spec.width / (video_frames * info.width * info.height)
    values = (
        f"That is {_percent(share)} of the values in these {span_sec:.3g} s of video."
        if share < 1
        else "The video has no more."
    )
    skipped = video_frames - spec.frames
    frames = (
        f"About {skipped:.0f} of {video_frames:.0f} frames are skipped." if skipped >= 1 else "No frame is skipped."
    )
    wide, high = info.width / spec.width, info.height / spec.height
    if spec.fit == "stretch":
        distortion = _describe_distortion(Fraction(info.width, info.height) / Fraction(spec.width, spec.height))
        return f"{values} {frames} A pixel covers {_short(wide)} × {_short(high)} pixels of the video{distortion}."
    factor = min(wide, high)
    cut = 1 - factor / max(wide, high)
    sides = "at the sides" if wide > high else "above and below"
    cropped = f"; {_percent(cut)} of the frame is cropped {sides}" if cut > 0.005 else ""
    return f"{values} {frames} A pixel covers {_short(factor)} × {_short(factor)} pixels of the video{cropped}."


def _describe_distortion(aspect: Fraction) -> str:
    if aspect > Fraction(51, 50):
        return f"; people look {_percent(1 - float(1 / aspect))} narrower"
    return f"; people look {_percent(1 - float(aspect))} flatter" if aspect < Fraction(50, 51) else ""


def _short(number: float) -> str:
    return f"{number:.2g}" if number < 99.5 else f"{number:.0f}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def _show_frame(info: VideoInfo, spec: ClipSpec, pictures: _Pictures) -> None:
    place = st.slider("Frame", 1, spec.frames, spec.frames // 2 + 1) - 1
    left, right, _ = st.columns(
        [min(max(info.width / info.height, 0.5), 2.5), 1, 0.6]
    )  # both frames equally high; phones stack them
    with left:
        st.image(
            pictures.originals[place],
            caption=f"Original at {pictures.times_sec[place]:.2f} s",
            width="stretch",
            alt="A frame of the video",
        )
    with right:
        st.image(
            pictures.enlarged[place],
            caption=f"Model input, frame {place + 1}",
            width="stretch",
            alt=f"The same frame at {spec.width} by {spec.height} pixels",
        )


def _pair(original: UInt8[np.ndarray, "high wide 3"], frame: UInt8[np.ndarray, "side side 3"]) -> Image.Image:
    """Small, one above the other."""
    above, below = _scale(original, _TILE), Image.fromarray(frame).resize((_TILE, _TILE), Image.Resampling.NEAREST)
    sheet = Image.new("RGBA", (max(above.width, _TILE), 2 * _TILE + _GAP), (0, 0, 0, 0))
    sheet.paste(above, ((sheet.width - above.width) // 2, 0))
    sheet.paste(below, ((sheet.width - _TILE) // 2, _TILE + _GAP))
    return sheet


def _animation(clip: CenterClip, spec: ClipSpec) -> bytes:
    """Both side by side, at the original speed."""
    sheets = []
    for original, frame in zip(clip.originals, clip.frames, strict=True):
        left = _scale(original, _HEIGHT)
        right = Image.fromarray(frame).resize((_HEIGHT, _HEIGHT), Image.Resampling.NEAREST)
        sheet = Image.new("RGBA", (left.width + 4 * _GAP + _HEIGHT, _HEIGHT), (0, 0, 0, 0))
        sheet.paste(left, (0, 0))
        sheet.paste(right, (left.width + 4 * _GAP, 0))
        sheets.append(sheet)
    each_sec = (clip.times_sec[-1] - clip.times_sec[0]) / max(1, len(clip.times_sec) - 1)
    return _encode(sheets[0], "WEBP", sheets[1:], max(20, round(1000 * each_sec)))


def _scale(frame: UInt8[np.ndarray, "height width 3"], height: int) -> Image.Image:
    picture = Image.fromarray(frame)
    return picture.resize((max(1, round(picture.width * height / picture.height)), height), Image.Resampling.BILINEAR)


def _enlarged(frame: UInt8[np.ndarray, "side side 3"]) -> Image.Image:
    """With visible pixels: each becomes a square of whole pixels."""
    factor = -(-_HEIGHT // frame.shape[0])
    return Image.fromarray(frame).resize((frame.shape[1] * factor, frame.shape[0] * factor), Image.Resampling.NEAREST)


def _encode(picture: Image.Image, kind: str, others: Sequence[Image.Image] = (), each_ms: int = 0) -> bytes:
    data = io.BytesIO()
    moving = {"save_all": True, "append_images": others, "duration": each_ms, "loop": 0} if others else {}
    picture.save(data, kind, **({"quality": 80, "method": 0} if kind == "WEBP" else {}), **moving)
    return data.getvalue()
