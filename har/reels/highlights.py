"""Highlights: the segments with the highest confidence as a film, with title, captions, crossfades and sound."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from har.exports import single_line
from har.labels import display_name
from har.progress import OnProgress, Progress, Stage, ignore
from har.reels.composing import (
    Clip,
    Footage,
    caption,
    card,
    check_suffix,
    clip_of,
    crossfaded,
    ensure_folder,
    frames_of,
    layered,
    placed,
    plain,
    scaled,
)
from har.reels.plan import HighlightOptions, Plan, Shot, plan_highlights
from har.reels.sound import Sound, write_tracks
from har.render.glyphs import SPELLED_FILM_REMARK, drawable_labels
from har.render.layout import fit_layout
from har.render.text import wrap
from har.render.text_pictures import DIM, Line, draw_texts
from har.results import Annotation, LabelOptions, apply_corrections, open_annotation
from har.storage import quota
from har.timeline import timeline_colours
from har.video import VideoInfo, probe, read_frames, write_video
from har.video.sound import OnRemark, ignore_remark

HIGHLIGHTS = "highlights.mp4"  # in a result's folder

_END_FADE_SEC = 1.0
_TITLE_LINES = 5
_TITLE_SHARES = (1 / 9, 1 / 11, 1 / 14)  # of the film's shorter side: the largest line with which a title fits
_SOURCE_SHARE = 0.4  # of the film's width, for a time and a video's name
_BLUR_SIDE = 48  # pixels of the longer side of what is enlarged to a blurred border
_BORDER_BRIGHTNESS = 0.5
_FILLS = 0.96  # a picture that fills this share of the film is cropped to it instead of getting borders


def make_highlights(
    folders: Sequence[Path],
    out: Path,
    options: HighlightOptions | None = None,
    *,
    label_options: LabelOptions | None = None,
    on_progress: OnProgress = ignore,
    on_remark: OnRemark = ignore_remark,
) -> Plan:
    """Make a film of the segments with the highest confidence of one or more results, with their corrections.

    The MP4 (H.264, yuv420p, faststart; with sound if the videos have any) is written completely or not at all.
    `StopRequested` raised out of `on_progress` ends the work. `on_remark` is called with a sentence for users if
    something is left out, or labels are spelled in other letters. `label_options` replace those of the results.

    Returns:
        What is in the film.

    Raises:
        AnnotationMissing, CorrectionsInvalid: a result cannot be opened.
        LabelsError: no segment has any of the labels.
        OptionsError: `out` is no .mp4.
        LocationError: the film's folder cannot be created or written to.
        VideoError: a video is gone or cannot be read, or the film cannot be written.
        StopRequested: raised out of `on_progress`.
    """
    check_suffix(out, ".mp4")
    options = options or HighlightOptions()
    stored = [open_annotation(folder) for folder in folders]
    if label_options is not None:
        stored = [result.relabelled(label_options.canonicalize(result.card.labels)) for result in stored]
    chosen = [apply_corrections(result) for result in stored]
    plan = plan_highlights(chosen, options)
    infos = {number: probe(chosen[number].info.path) for number in sorted({shot.video for shot in plan.shots})}
    ensure_folder(out)
    with tempfile.TemporaryDirectory(prefix="har-film-") as name, ExitStack() as stack, quota.raising_disk_full():
        sounds = _sounds(plan, infos, options.speed, on_progress)
        tracks = write_tracks(sounds, Path(name), on_remark)
        film = _compose(plan, infos, options, chosen, stack)
        frames = frames_of(film, plan.frame_count, plan.fps, on_progress)
        write_video(out, frames, plan.fps, sound=tracks, sound_sec=plan.duration_sec)
    names = [single_line(shot.label) for shot in plan.shots]
    if drawable_labels(names) != names:
        on_remark(SPELLED_FILM_REMARK)
    return plan


def highlights_job(
    folder: Path, options: HighlightOptions, label_options: LabelOptions, on_progress: OnProgress = ignore
) -> tuple[str, ...]:
    """`make_highlights` of one result, as a job: returns remarks for users. The film stays in the result's folder."""
    remarks: list[str] = []
    make_highlights(
        [folder],
        folder / HIGHLIGHTS,
        options,
        label_options=label_options,
        on_progress=on_progress,
        on_remark=remarks.append,
    )
    return tuple(dict.fromkeys(remarks))


def _sounds(plan: Plan, infos: dict[int, VideoInfo], speed: float, on_progress: OnProgress) -> Iterator[Sound]:
    rate = float(plan.fps)
    starts, fades = plan.starts[1:], (*plan.fades[1:], _end_fade(plan))
    for number, (shot, start) in enumerate(zip(plan.shots, starts, strict=True)):
        on_progress(Progress(Stage.READ_SOUND, number, len(plan.shots)))
        fade_in, fade_out = (fade / rate for fade in fades[number : number + 2])
        yield Sound(infos[shot.video], shot.start_sec, shot.end_sec, speed, start / rate, fade_in, fade_out)


def _compose(
    plan: Plan, infos: dict[int, VideoInfo], options: HighlightOptions, chosen: Sequence[Annotation], stack: ExitStack
) -> Clip:
    """The film as a clip; the readers of its shots end with the stack."""
    black = plain((0, 0, 0), options.size, plan.frame_count, plan.fps)
    clips, items = [black], _items(plan, infos, options, chosen, stack)
    for item, start, count, fade in zip(items, plan.starts, plan.frame_counts, plan.fades, strict=True):
        clips += crossfaded(item, start, count, fade, plan.fps)
    if end := _end_fade(plan):
        clips += crossfaded(black, plan.frame_count - end, end, end, plan.fps)
    return layered(*clips)


def _end_fade(plan: Plan) -> int:
    return min(round(_END_FADE_SEC * plan.fps), plan.frame_counts[-1] // 2)


def _items(
    plan: Plan, infos: dict[int, VideoInfo], options: HighlightOptions, chosen: Sequence[Annotation], stack: ExitStack
) -> Iterator[Clip]:
    """The title card, and each shot with its caption, which changes in the middle of a crossfade."""
    yield card(_title(plan, options.size))
    fades = pairwise((*plan.fades[1:], 0))
    for shot, (fade_in, fade_out), text in zip(plan.shots, fades, _captions(plan, chosen, options.size), strict=True):
        picture = _shot_picture(shot, infos[shot.video], plan.fps, options, stack)
        shown = placed(text, fade_in // 2, shot.frame_count - fade_in // 2 - (fade_out - fade_out // 2), plan.fps)
        yield layered(*(placed(clip, 0, shot.frame_count, plan.fps) for clip in picture), shown)


def _shot_picture(
    shot: Shot, info: VideoInfo, fps: Fraction, options: HighlightOptions, stack: ExitStack
) -> list[Clip]:
    """A shot that fills the film, or is centred on a blurred enlargement of itself."""
    inner, fills = fitted(info, options.size)
    open_reader = partial(
        read_frames,
        info,
        size=inner[::-1],
        fit="crop" if fills else "stretch",
        fps=fps / Fraction(options.speed).limit_denominator(100),
        start_sec=shot.start_sec,
        end_sec=shot.end_sec,
    )
    footage = Footage(open_reader, inner, shot.frame_count, fps)
    stack.callback(footage.close)
    clip = footage.clip()
    if fills:
        return [clip]
    width, height = options.size
    border = clip_of(
        lambda time_sec: _blurred(footage.frame_at(time_sec), width, height), options.size, shot.frame_count, fps
    )
    return [border, clip.with_position(((width - inner[0]) // 2, (height - inner[1]) // 2))]


def fitted(info: VideoInfo, size: tuple[int, int]) -> tuple[tuple[int, int], bool]:
    """Width and height at which a video's picture fits into a film, and whether it fills it.

    A picture that nearly fills it gets the size of the film.
    """
    inner = scaled(info, *size)
    fills = inner[0] >= _FILLS * size[0] and inner[1] >= _FILLS * size[1]
    return (size if fills else inner), fills


def _blurred(
    frame: UInt8[np.ndarray, "height width 3"], width: int, height: int
) -> UInt8[np.ndarray, "film_height film_width 3"]:
    high, wide, _ = frame.shape
    factor = min(wide / width, high / height)
    cut_width, cut_height = max(1, round(width * factor)), max(1, round(height * factor))
    left, top = (wide - cut_width) // 2, (high - cut_height) // 2
    part = frame[top : top + cut_height, left : left + cut_width]
    shrink = _BLUR_SIDE / max(width, height)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    soft = cv2.GaussianBlur(cv2.resize(part, size, interpolation=cv2.INTER_AREA), (0, 0), 1.5)
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.convertScaleAbs(large, alpha=_BORDER_BRIGHTNESS)


def _title(plan: Plan, size: tuple[int, int]) -> UInt8[np.ndarray, "height width"]:
    width, height = size
    for share in _TITLE_SHARES:
        large = round(min(size) * share)
        lines, fits = wrap(plan.title, 0.86 * width / large, _TITLE_LINES)
        if fits:
            break
    text = [*(Line(line, large) for line in lines), Line(plan.subtitle, round(0.5 * large), DIM)]
    return next(draw_texts([text], width, height, centred=True))


def _captions(plan: Plan, chosen: Sequence[Annotation], size: tuple[int, int]) -> Iterator[Clip]:
    """Of each shot: its label, and when it is in which video; at the top, since players' controls cover the bottom."""
    names = [display_name(shot.label) for shot in plan.shots]
    layout = fit_layout(*size, names, [], 0)
    several = len({shot.video for shot in plan.shots}) > 1
    texts = []
    for name, shot in zip(names, plan.shots, strict=True):
        source = f" · {chosen[shot.video].info.path.stem}" if several else ""
        room = max(layout.text_width, round(_SOURCE_SHARE * size[0])) / layout.small
        when = wrap(f"{clock(shot.start_sec)}{source}", room, 1)[0]
        main = [Line(line, layout.main) for line in layout.main_text(name)]
        texts.append([*main, *(Line(line, layout.small, DIM) for line in when)])
    colours = timeline_colours(chosen[0].frames, (shot.label for shot in plan.shots))
    height = max(sum(line.size for line in text) for text in texts)
    pictures = draw_texts(texts, size[0] - 2 * layout.text_left, height)
    for shot, text, picture in zip(plan.shots, texts, pictures, strict=True):
        own = picture[: sum(line.size for line in text)]
        clip = caption(own, layout.padding, layout.bar, colours[shot.label])
        yield clip.with_position((layout.margin, layout.margin))


def clock(seconds: float) -> str:
    """A time in a video: 1:05, or 1:02:05."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
