"""What a network sees: the frames of a clip at its size and rate, beside those of the video."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from har.clips import ClipSpec, MiddleClip, middle_clip
from har.datasets import Dataset, LabelledVideo, ready
from har.datasets.facts import info_of
from har.errors import HarError
from har.plots import span_figure
from har.video import VideoInfo
from ui.making import is_made
from ui.messages import show_error

_HIGH = 336  # pixels of the original, and of the network's picture at least
_TILE = 60  # pixels of a picture in the strip
_GAP = 4
_SIZES = (32, 48, 64, 96, 112)


@dataclass(frozen=True)
class _Pictures:
    """Everything that is shown of a clip, as files."""

    originals: tuple[bytes, ...]
    enlarged: tuple[bytes, ...]  # the network's frames
    pairs: tuple[bytes, ...]  # small: the original above, the network's frame below
    played: bytes  # both, side by side
    times_sec: tuple[float, ...]
    spread: bool


def show(dataset: Dataset, name: str) -> None:
    """Choose a clip and a clip spec, and see what is left of it."""
    video = _chosen(dataset, name)
    spec = _spec()
    try:
        if not is_made(("sight", str(video.path), spec), lambda: _seen(video, spec), "Reading the clip …"):
            return
        info, pictures = _seen(video, spec)
    except HarError as error:
        show_error(error)
        return
    _told(info, spec, pictures)
    _one_frame(info, spec, pictures)
    st.markdown(f"**All {spec.frames} frames**, above as filmed, below as the network gets them")
    with st.container(horizontal=True, gap="xsmall"):
        for place, (pair, time_sec) in enumerate(zip(pictures.pairs, pictures.times_sec, strict=True), start=1):
            st.image(pair, caption=f"{time_sec:.2f} s", alt=f"Frame {place}: the video's and the network's")
    st.markdown("**Played**")
    st.image(pictures.played, alt="The video and what the network gets of it, moving side by side")


def _chosen(dataset: Dataset, name: str) -> LabelledVideo:
    """The clip that the address names, or another."""
    asked = (st.query_params.get("label"), st.query_params.get("clip"))
    labels = list(dataset.labels)
    left, right = st.columns(2)
    with left:
        label = st.selectbox(
            "Class", labels, index=labels.index(asked[0]) if asked[0] in labels else 0, key=f"sight-label-{name}"
        )
    videos = [video for video in dataset.videos if video.label == label]
    names = [video.path.name for video in videos]
    with right:
        place = st.selectbox(
            "Clip",
            range(len(videos)),
            index=names.index(asked[1]) if label == asked[0] and asked[1] in names else 0,
            format_func=names.__getitem__,
            key=f"sight-clip-{name}-{label}",
        )
    return videos[place]


def _spec() -> ClipSpec:
    with st.container(horizontal=True):
        frames = st.slider("Frames", 4, 40, 20, width=220)
        span_sec = st.slider(
            "Span (seconds)", 0.2, 8.0, 2.0, 0.1, width=220, help="The stretch of time that the frames cover."
        )
        side = st.select_slider("Picture (pixels a side)", _SIZES, 64, width=220)
        fit = st.segmented_control(
            "Fit", ["stretch", "crop"], default="stretch", required=True, help="Squeeze the picture, or cut its sides."
        )
    return ClipSpec(frames, side, side, span_sec, "crop" if fit == "crop" else "stretch")


def _seen(video: LabelledVideo, spec: ClipSpec) -> tuple[VideoInfo, _Pictures]:
    """What is shown of a clip; quick when it was shown before."""
    ready([video])
    info = info_of(video)
    return info, _pictures(video.content, spec, info)


@st.cache_data(max_entries=48, show_spinner=False)
def _pictures(content: str, spec: ClipSpec, _info: VideoInfo) -> _Pictures:
    """By what the file holds; files of pictures are small where frames are not."""
    clip = middle_clip(_info, spec, _HIGH)
    return _Pictures(
        originals=tuple(_file(Image.fromarray(frame), "WEBP") for frame in clip.originals),
        enlarged=tuple(_file(_enlarged(frame), "PNG") for frame in clip.frames),
        pairs=tuple(_file(_pair(*both), "WEBP") for both in zip(clip.originals, clip.frames, strict=True)),
        played=_played(clip, spec),
        times_sec=tuple(clip.times_sec.tolist()),
        spread=clip.spread,
    )


def _told(info: VideoInfo, spec: ClipSpec, pictures: _Pictures) -> None:
    """How many numbers these are, what is lost, and which part of the clip they cover."""
    st.write(
        f"{spec.frames} frames × {spec.height} × {spec.width} pixels × 3 colours = "
        f"**{spec.frames * spec.height * spec.width * 3:,} numbers**. {_lost(info, spec, pictures.spread)}"
    )
    figure = span_figure(pictures.times_sec, info.duration_sec, spec.span_sec)
    st.plotly_chart(figure, key="span", config={"staticPlot": True})
    if pictures.spread:
        st.caption(
            f"The clip lasts {info.duration_sec:.2f} s, less than the span: its frames are spread evenly from the "
            "first to the last, so what happens in it seems slower to the network than in a longer clip."
        )
    else:
        st.caption(
            f"They cover {spec.span_sec:g} of the clip's {info.duration_sec:.2f} seconds. A short span may miss the "
            "action, a long one its quick parts. In training and in recognition the span is the same, or the network "
            "would see the action at another speed."
        )


def _lost(info: VideoInfo, spec: ClipSpec, spread: bool) -> str:
    """What is not among the numbers."""
    long_sec = info.duration_sec if spread else spec.span_sec
    filmed = float(info.fps) * long_sec
    share = spec.frames * spec.height * spec.width / (filmed * info.width * info.height)
    numbers = (
        f"Of what the video has in these {long_sec:.3g} s, that is {_percent(share)}."
        if share < 1
        else "The video has no more than that."
    )
    left_out = filmed - spec.frames
    frames = f"About {left_out:.0f} of {filmed:.0f} frames are left out." if left_out >= 1 else "No frame is left out."
    wide, high = info.width / spec.width, info.height / spec.height
    if spec.fit == "stretch":
        narrower = _ratio(Fraction(info.width, info.height) / Fraction(spec.width, spec.height))
        return f"{numbers} {frames} A pixel stands for {wide:.2g} × {high:.2g} of the video's{narrower}."
    factor = min(wide, high)
    cut = 1 - factor / max(wide, high)
    sides = "at the sides" if wide > high else "above and below"
    gone = f"; {_percent(cut)} of the picture, {sides}, is cut off" if cut > 0.005 else ""
    return f"{numbers} {frames} A pixel stands for {factor:.2g} × {factor:.2g} of the video's{gone}."


def _ratio(aspect: Fraction) -> str:
    if aspect > Fraction(51, 50):
        return f"; people look {_percent(1 - float(1 / aspect))} narrower"
    return f"; people look {_percent(1 - float(aspect))} flatter" if aspect < Fraction(50, 51) else ""


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def _one_frame(info: VideoInfo, spec: ClipSpec, pictures: _Pictures) -> None:
    place = st.slider("Frame", 1, spec.frames, spec.frames // 2 + 1) - 1
    left, right, _ = st.columns(
        [min(max(info.width / info.height, 0.5), 2.5), 1, 0.6]
    )  # both pictures as high; phones stack them
    with left:
        st.image(
            pictures.originals[place],
            caption=f"The video at {pictures.times_sec[place]:.2f} s",
            width="stretch",
            alt="A frame of the video",
        )
    with right:
        st.image(
            pictures.enlarged[place],
            caption=f"The network's frame {place + 1}",
            width="stretch",
            alt=f"The same frame in {spec.width} by {spec.height} pixels",
        )


def _pair(original: UInt8[np.ndarray, "high wide 3"], frame: UInt8[np.ndarray, "side side 3"]) -> Image.Image:
    """Small, one above the other."""
    above, below = _high(original, _TILE), Image.fromarray(frame).resize((_TILE, _TILE), Image.Resampling.NEAREST)
    sheet = Image.new("RGBA", (max(above.width, _TILE), 2 * _TILE + _GAP), (0, 0, 0, 0))
    sheet.paste(above, ((sheet.width - above.width) // 2, 0))
    sheet.paste(below, ((sheet.width - _TILE) // 2, _TILE + _GAP))
    return sheet


def _played(clip: MiddleClip, spec: ClipSpec) -> bytes:
    """Both side by side, as fast as it was."""
    sheets = []
    for original, frame in zip(clip.originals, clip.frames, strict=True):
        left = _high(original, _HIGH)
        right = Image.fromarray(frame).resize((_HIGH, _HIGH), Image.Resampling.NEAREST)
        sheet = Image.new("RGBA", (left.width + 4 * _GAP + _HIGH, _HIGH), (0, 0, 0, 0))
        sheet.paste(left, (0, 0))
        sheet.paste(right, (left.width + 4 * _GAP, 0))
        sheets.append(sheet)
    each_sec = (clip.times_sec[-1] - clip.times_sec[0]) / max(1, len(clip.times_sec) - 1)
    return _file(sheets[0], "WEBP", sheets[1:], max(20, round(1000 * each_sec)))


def _high(frame: UInt8[np.ndarray, "height width 3"], height: int) -> Image.Image:
    picture = Image.fromarray(frame)
    return picture.resize((max(1, round(picture.width * height / picture.height)), height), Image.Resampling.BILINEAR)


def _enlarged(frame: UInt8[np.ndarray, "side side 3"]) -> Image.Image:
    """With its pixels to be seen: each becomes a square of whole pixels."""
    factor = -(-_HIGH // frame.shape[0])
    return Image.fromarray(frame).resize((frame.shape[1] * factor, frame.shape[0] * factor), Image.Resampling.NEAREST)


def _file(picture: Image.Image, kind: str, others: Sequence[Image.Image] = (), each_ms: int = 0) -> bytes:
    data = io.BytesIO()
    moving = {"save_all": True, "append_images": others, "duration": each_ms, "loop": 0} if others else {}
    picture.save(data, kind, **({"quality": 80, "method": 0} if kind == "WEBP" else {}), **moving)
    return data.getvalue()
