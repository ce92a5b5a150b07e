"""Scores for a video, and whole jobs with labels burned in."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import keras

from benchmarks import burn_in, tutorial
from benchmarks.running import App
from benchmarks.table.apart import tutorials_way
from benchmarks.table.inputs import FPS, LARGE, SMALL, film
from benchmarks.table.learning import macs_per_sec, with_weights_of
from benchmarks.table.rows import Bench, Figure, Found, in_turn, seconds, straight, unsaid
from har.annotation import annotate
from har.classifier import Card, Classifier, TrainingData, load, save
from har.clips import ClipSpec
from har.networks.summary import facts
from har.recognition import score
from har.render import burn_in as burn
from har.video import VideoInfo, probe
from stress.soak.memory import MemorySampler

_EVERY_FRAME_SEC = 1 / FPS
_STRIDE_SEC = 0.64  # of I3D
_LINES = 3  # are drawn


def every_frame(bench: Bench) -> Found:
    """LRCN on each window of twenty frames in a row."""
    path, classifier = film(bench, SMALL, bench.size(20, 2)), same_classifier(tutorial.lrcn(len(tutorial.LABELS)))
    info = probe(path)
    windows = len(score(info, classifier).scores.start_sec)
    if (frames := round(info.duration_sec * FPS)) - tutorial.FRAMES + 1 != windows:
        raise SystemExit(f"{windows} windows against {frames} frames")
    return in_turn(
        bench,
        lambda: unsaid(score(info, classifier)),
        {"the tutorial's way": lambda: tutorials_way("scored", path, frames)},
        f"{windows} windows, decoding included",
    )


def i3d(bench: Bench) -> Found:
    """400 labels, against the time the video itself takes."""
    path, classifier = film(bench, SMALL, bench.size(30, 2)), load("i3d-kinetics400")
    info = probe(path)
    windows = len(score(info, classifier, _STRIDE_SEC).scores.start_sec)
    macs = facts(classifier.model, classifier.card.network).macs
    return in_turn(
        bench,
        lambda: unsaid(score(info, classifier, _STRIDE_SEC)),
        {
            "real time": lambda: info.duration_sec,
            "the arithmetic alone": lambda: windows * macs / macs_per_sec(),
        },
        f"a window every {_STRIDE_SEC} s, 25 frames a second; decoding included, loading the network not; the "
        f"arithmetic: {macs / 1e9:.0f} billion multiply-adds a window, as quick as products of large matrices",
    )


def whole_large(bench: Bench) -> Found:
    """A job of 1080p."""
    return _whole(bench, LARGE, bench.size(10, 1))


def whole_small(bench: Bench) -> Found:
    """A job of 320×240."""
    return _whole(bench, SMALL, bench.size(20, 1))


def burned(bench: Bench) -> Found:
    """Labels at 1080p, against the same encoder without them."""
    path = film(bench, LARGE, bench.size(20, 1))
    info = probe(path)
    labels = burn_in.make_labels(info)
    ours = partial(burn, info, labels, bench.folder / "burned.mp4")
    plain = partial(burn_in.plain, info, bench.folder / "plain.mp4")
    found = in_turn(bench, ours, {"a plain transcode": plain}, "libx264, veryfast, crf 23; below 1 is slower")
    memory = (
        Figure("memory of ffmpeg", (_ffmpeg_mb(bench, ours),), "MB", "at most"),
        Figure("memory of ffmpeg in a plain transcode", (_ffmpeg_mb(bench, plain),), "MB", "at most"),
    )
    return replace(found, figures=(*found.figures, *memory))


def _ffmpeg_mb(bench: Bench, work: Callable[[], None]) -> float:
    sampler = MemorySampler(App("", bench.folder, os.getpid(), bench.folder), every_sec=0.1)
    work()
    sampler.close()
    return max((sample.parts_mb.get("ffmpeg", 0.0) for sample in sampler.samples), default=0.0)


def growth(bench: Bench) -> Found:
    """Scoring videos of different length: a straight line, as far as it goes."""
    classifier = same_classifier(tutorial.lrcn(len(tutorial.LABELS)))
    lengths = [60, 600, 1800, 3600] if not bench.quick else [1, 2, 3]
    works = [partial(_scored, probe(film(bench, SMALL, length)), classifier) for length in lengths]
    works[0]()
    lines = [straight(lengths, [seconds(work) for work in works]) for _ in range(min(_LINES, bench.rounds))]
    return Found(
        (
            Figure("R² of a straight line", tuple(line.r_squared for line in lines), ""),
            Figure("a minute of video", tuple(60 * line.slope for line in lines), "s", "at most"),
        ),
        f"LRCN, every frame, videos of {', '.join(map(str, lengths))} s",
    )


def _scored(info: VideoInfo, classifier: Classifier) -> None:
    score(info, classifier)


def same_classifier(theirs: keras.Model) -> Classifier:
    """Ours with the weights of the tutorial's LRCN, asked for each frame."""
    span_sec = tutorial.FRAMES / FPS
    spec = ClipSpec(tutorial.FRAMES, tutorial.SIDE, tutorial.SIDE, span_sec)
    card = Card(
        "same",
        "The same",
        "",
        "lrcn",
        tutorial.LABELS,
        spec,
        _EVERY_FRAME_SEC,
        "MIT",
        TrainingData("none"),
        {"plain": True},
    )
    return Classifier(card, with_weights_of(theirs, "lrcn"))


def _whole(bench: Bench, size: tuple[int, int], naive_sec: int) -> Found:
    """From the file to all results, for five minutes of video; the tutorial's way on a part of it."""
    length = bench.size(300, 2)
    path, ours = film(bench, size, length), same_classifier(tutorial.lrcn(len(tutorial.LABELS)))
    folder = bench.folder / "same"
    save(folder, ours.card, ours.model, overwrite=True)
    out = bench.folder / "annotated"

    def annotated() -> None:
        shutil.rmtree(out, ignore_errors=True)
        annotate(path, out, folder)

    part = ("annotated", path, FPS * naive_sec, bench.folder / "naive.mp4")
    return in_turn(
        bench,
        annotated,
        {"the tutorial's way": lambda: tutorials_way(*part)},
        f"{length} s of video, with all that `har annotate` writes; the tutorial's way on its first {naive_sec} s, "
        f"times {length / naive_sec:g}",
        length / naive_sec,
    )
