"""Two labellings of one video side by side, in sync: two classifiers, or a prediction and ground truth."""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from har.datasets import content_hash
from har.errors import AnnotationMissing, OptionsError
from har.labels import display_name
from har.progress import OnProgress, Progress, Stage, ignore
from har.reels.composing import (
    DARK,
    Clip,
    Footage,
    card,
    check_suffix,
    clip_of,
    ensure_folder,
    frames_of,
    layered,
    moviepy,
    placed,
    plain,
    rgb,
    scaled,
)
from har.reels.plan import check_lines, film_fps
from har.reels.sound import Sound, write_tracks
from har.render.text import wrap
from har.render.text_pictures import DIM, Line, draw_texts
from har.results import (
    Annotation,
    LabelOptions,
    apply_corrections,
    compare_with_ground_truth,
    open_annotation,
    open_comparison,
)
from har.settings import settings
from har.storage import quota
from har.timeline import Timeline, timeline_colours
from har.video import VideoInfo, probe, read_frames, write_video
from har.video.sound import OnRemark, ignore_remark

_GROUND_TRUTH = "Ground truth"
_UNSURE = "unsure"


class Against(StrEnum):
    """What a result is compared with."""

    CLASSIFIER = "classifier"  # the second one of the result
    GROUND_TRUTH = "ground truth"


SIDE_BY_SIDE = {Against.CLASSIFIER: "two-classifiers.mp4", Against.GROUND_TRUTH: "with-ground-truth.mp4"}  # in a folder


@dataclass(frozen=True)
class Side:
    """One of the labellings."""

    title: str
    timeline: Timeline


@dataclass(frozen=True)
class Pair:
    """Two labellings of a video, and the colour of each label; the label None is unsure."""

    video: VideoInfo
    sides: tuple[Side, Side]
    colours: Mapping[str | None, str]

    @property
    def duration_sec(self) -> float:
        """Duration of the shorter timeline."""
        return min(side.timeline.duration_sec for side in self.sides)


@dataclass(frozen=True)
class SideOptions:
    """How a film of two labellings looks.

    Raises:
        OptionsError: a number outside its range.
    """

    max_sec: float | None = None  # only the first seconds; None: the whole video
    lines: int = 480  # of `har.reels.LINES`; the film is somewhat higher or lower, depending on the video

    def __post_init__(self) -> None:
        check_lines(self.lines)
        if self.max_sec is not None and not self.max_sec > 0:
            raise OptionsError(
                f"A film of at most {self.max_sec:g} seconds was requested.", "It must be positive.", "Choose another."
            )


@dataclass(frozen=True)
class _Layout:
    """Sizes in pixels. From top to bottom: title, picture, label, timeline."""

    width: int  # of a side
    picture: tuple[int, int]  # width and height; narrow ones are centred
    text: int  # height of a line
    gap: int

    @property
    def title(self) -> int:
        return self.text + self.gap

    @property
    def label(self) -> int:
        return self.text + 2 * self.gap

    @property
    def size(self) -> tuple[int, int]:
        """Of the film: even sides."""
        width = 2 * self.width + 3 * self.gap
        height = self.title + self.picture[1] + self.label + self.text + 2 * self.gap
        return width + width % 2, height + height % 2


def make_side_by_side(
    folders: Sequence[Path],
    out: Path,
    options: SideOptions | None = None,
    *,
    against: Against | None = None,
    label_options: LabelOptions | None = None,
    on_progress: OnProgress = ignore,
    on_remark: OnRemark = ignore_remark,
) -> Pair:
    """Make a film of one video with two labellings, each with its current label and its timeline.

    They are those of two results of the same video; or of one, with its corrections and maybe other `label_options`,
    and what it is `against`: by default its second classifier, or else its ground truth. The MP4 (H.264, yuv420p,
    faststart; with sound if the video has any) is written completely or not at all. `StopRequested` raised out of
    `on_progress` ends the work. `on_remark` is called with a sentence for users if the sound is left out.

    Returns:
        What is compared.

    Raises:
        AnnotationMissing, CorrectionsInvalid: a result cannot be opened, or has nothing to be compared with.
        OptionsError: not one or two results, not of the same video, or too long; or `out` is no .mp4.
        LocationError: the film's folder cannot be created or written to.
        VideoError: the video is gone or cannot be read, or the film cannot be written.
        StopRequested: raised out of `on_progress`.
    """
    check_suffix(out, ".mp4")
    options = options or SideOptions()
    pair = _of_two(*folders) if len(folders) == 2 else pair_of(_only(folders), against, label_options)
    info = probe(pair.video.path)
    fps = film_fps([info])
    length_sec = min(pair.duration_sec, options.max_sec or math.inf)
    _check_length(length_sec)
    frame_count = max(1, round(length_sec * fps))
    ensure_folder(out)
    with tempfile.TemporaryDirectory(prefix="har-film-") as name, quota.raising_disk_full():
        on_progress(Progress(Stage.READ_SOUND, 0, 1))
        tracks = write_tracks([Sound(info, 0.0, length_sec)], Path(name), on_remark)
        layout = _layout(info, options.lines)
        open_reader = partial(read_frames, info, size=layout.picture[::-1], fps=fps, end_sec=length_sec)
        footage = Footage(open_reader, layout.picture, frame_count, fps)
        try:
            film = _compose(pair, footage, layout, length_sec)
            write_video(out, frames_of(film, frame_count, fps, on_progress), fps, sound=tracks, sound_sec=length_sec)
        finally:
            footage.close()
    return pair


def side_by_side_job(
    folder: Path, options: SideOptions, against: Against, label_options: LabelOptions, on_progress: OnProgress = ignore
) -> tuple[str, ...]:
    """`make_side_by_side` of one result, as a job: returns remarks for users. The film stays in the result's folder."""
    remarks: list[str] = []
    make_side_by_side(
        [folder],
        folder / SIDE_BY_SIDE[against],
        options,
        against=against,
        label_options=label_options,
        on_progress=on_progress,
        on_remark=remarks.append,
    )
    return tuple(remarks)


def pair_of(folder: Path, against: Against | None = None, label_options: LabelOptions | None = None) -> Pair:
    """A result and what it is compared with; see `make_side_by_side`.

    Raises:
        AnnotationMissing, CorrectionsInvalid: the result cannot be opened, or has nothing to be compared with.
    """
    stored = open_annotation(folder)
    options = stored.options if label_options is None else label_options.canonicalize(stored.card.labels)
    first = apply_corrections(stored.relabelled(options))
    second = open_comparison(stored, options) if against is not Against.GROUND_TRUTH else None
    if second is not None:
        return _pair(first, _side(second))
    truth = compare_with_ground_truth(first) if against is not Against.CLASSIFIER else None
    if truth is not None:
        return _pair(first, Side(_GROUND_TRUTH, truth.timeline))
    raise AnnotationMissing(
        f"{folder.name} has nothing that it can be compared with.",
        f"A {against or 'second classifier or ground truth'} was expected in it, or a second result of the same video.",
        "Annotate the video with another classifier as well, or with --truth, and try again.",
    )


def _only(folders: Sequence[Path]) -> Path:
    if len(folders) != 1:
        raise OptionsError(
            f"{len(folders)} results were given for a film side by side.", "It takes one or two.", "Choose one or two."
        )
    return folders[0]


def _of_two(first_folder: Path, second_folder: Path) -> Pair:
    first, second = (apply_corrections(open_annotation(folder)) for folder in (first_folder, second_folder))
    paths = [result.info.path for result in (first, second)]
    for path in paths:
        probe(path)  # reports a video that is gone
    if not paths[0].samefile(paths[1]) and content_hash(paths[0]) != content_hash(paths[1]):
        raise OptionsError(
            f"{first_folder.name} and {second_folder.name} are results of different videos.",
            "Side by side, both must be of the same video.",
            "Annotate one of the videos with both classifiers.",
        )
    return _pair(first, _side(second))


def _side(result: Annotation) -> Side:
    return Side(result.card.title, result.labelled.timeline)


def _pair(first: Annotation, second: Side) -> Pair:
    sides = (_side(first), second)
    labels = (segment.label for side in sides for segment in side.timeline.segments)
    return Pair(first.info, sides, timeline_colours(first.frames, labels))


def _check_length(length_sec: float) -> None:
    highest = settings().max_film_sec
    if length_sec > highest:
        raise OptionsError(
            f"The film would last {length_sec:.0f} seconds.",
            f"Films last at most {highest:g} seconds (HAR_MAX_FILM_SEC).",
            f"Limit it: --max-sec {highest:g} shows only the beginning of the video.",
        )


def _layout(info: VideoInfo, lines: int) -> _Layout:
    """Pictures of three quarters of the film's lines: 640×360 for 16:9 in a film of 480."""
    long, short = lines * 4 / 3, lines * 3 / 4
    box = (long, short) if info.width >= info.height else (short, long)
    picture = scaled(info, *box)
    return _Layout(max(picture[0], round(lines / 2)), picture, max(14, lines // 20), max(4, lines // 60))


def _compose(pair: Pair, footage: Footage, layout: _Layout, length_sec: float) -> Clip:
    """The film as a clip. Both pictures come from the same reader."""
    labels = list(dict.fromkeys(segment.label for side in pair.sides for segment in side.timeline.segments))
    pictures = dict(zip(labels, _label_pictures(labels, pair.colours, layout), strict=True))
    titles = [[Line(_fitting(side.title, layout), layout.text, DIM)] for side in pair.sides]
    title_pictures, clips = draw_texts(titles, layout.width, layout.title, centred=True), []
    for number, (side, title) in enumerate(zip(pair.sides, title_pictures, strict=True)):
        left = layout.gap + number * (layout.width + layout.gap)
        below = layout.title + layout.picture[1]
        strip_top = below + layout.label
        head = moviepy().ColorClip((max(2, layout.gap // 3), layout.text + layout.gap), (255, 255, 255))
        parts = (
            card(title).with_position((left, layout.gap // 2)),
            footage.clip().with_position((left + (layout.width - layout.picture[0]) // 2, layout.title)),
            _label_track(side.timeline, pictures, footage).with_position((left, below)),
            _strip(side.timeline, pair.colours, layout, length_sec).with_position((left, strip_top)),
            head.with_position(partial(_head_position, left, strip_top - layout.gap // 2, layout.width, length_sec)),
        )
        clips += [placed(clip, 0, footage.frame_count, footage.fps) for clip in parts]
    return layered(plain(DARK, layout.size, footage.frame_count, footage.fps), *clips)


def _head_position(left: int, top: int, width: int, length_sec: float, time_sec: float) -> tuple[int, int]:
    return left + round((width - 1) * min(1.0, time_sec / length_sec)), top


def _fitting(text: str, layout: _Layout) -> str:
    return " ".join(wrap(display_name(text), (layout.width - 4 * layout.gap) / layout.text, 1)[0])


def _label_pictures(
    labels: Sequence[str | None], colours: Mapping[str | None, str], layout: _Layout
) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    bar = 2 * layout.gap
    texts = [
        [Line(_fitting(_UNSURE if label is None else label, layout), layout.text, DIM if label is None else 1.0)]
        for label in labels
    ]
    width = layout.width - bar - layout.gap
    for label, ink in zip(labels, draw_texts(texts, width, layout.text), strict=True):
        whole = np.zeros((layout.label, layout.width), np.uint8)
        whole[layout.gap : layout.gap + layout.text, bar + layout.gap :] = ink
        picture = card(whole).get_frame(0)
        picture[layout.gap : layout.gap + layout.text, :bar] = rgb(colours[label])
        yield picture


def _label_track(
    timeline: Timeline, pictures: Mapping[str | None, UInt8[np.ndarray, "height width 3"]], footage: Footage
) -> Clip:
    height, width, _ = next(iter(pictures.values())).shape
    early_sec = 0.25 / float(footage.fps)  # times are rounded on the way

    def frame_at(time_sec: float) -> np.ndarray:
        return pictures[timeline.at(time_sec + early_sec).label]

    return clip_of(frame_at, (width, height), footage.frame_count, footage.fps)


def _strip(timeline: Timeline, colours: Mapping[str | None, str], layout: _Layout, length_sec: float) -> Clip:
    middles = (np.arange(layout.width) + 0.5) / layout.width * length_sec
    row = np.array([rgb(colours[timeline.at(middle).label]) for middle in middles.tolist()], np.uint8)
    return moviepy().ImageClip(np.repeat(row[None], layout.text, axis=0))
