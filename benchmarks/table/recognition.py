"""Scores for a video, and whole jobs with labels burned_in in."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import keras

from benchmarks import burn_in, tutorial
from benchmarks.running import App
from benchmarks.table.inputs import FPS, LARGE, SMALL, make_video
from benchmarks.table.rows import Bench, Figure, Measurement, compare, discard, fit_line, seconds
from benchmarks.table.training import macs_per_sec, with_weights_of
from benchmarks.table.tutorial_process import time_tutorial
from har.annotation import annotate
from har.classifier import Card, Classifier, TrainingData, load, save
from har.clips import ClipSpec, Samples, stride_samples
from har.networks.summary import summarise
from har.recognition import score, window_probabilities
from har.render import burn_in as burn
from har.video import VideoInfo, probe
from stress.soak.memory import MemorySampler

_EVERY_FRAME_SEC = 1 / FPS
_STRIDE_SEC = 0.64  # of I3D
_FITS = 3  # repetitions


def every_frame(bench: Bench) -> Measurement:
    """LRCN on every window of twenty consecutive frames."""
    path, classifier = make_video(bench, SMALL, bench.size(20, 2)), same_classifier(tutorial.lrcn(len(tutorial.LABELS)))
    info = probe(path)
    windows = len(score(info, classifier).scores.start_sec)
    if (frames := round(info.duration_sec * FPS)) - tutorial.FRAMES + 1 != windows:
        raise SystemExit(f"{windows} windows against {frames} frames")
    return compare(
        bench,
        lambda: discard(score(info, classifier)),
        {"the tutorial's way": lambda: time_tutorial("scored", path, frames)},
        f"{windows} windows, decoding included",
    )


def i3d(bench: Bench) -> Measurement:
    """I3D with 400 labels, compared with the length of the video."""
    path, classifier = make_video(bench, SMALL, bench.size(30, 2)), load("i3d-kinetics400")
    info = probe(path)
    windows = len(score(info, classifier, _STRIDE_SEC).scores.start_sec)
    stride = stride_samples(classifier.card.spec, _STRIDE_SEC)

    def one_by_one() -> None:
        samples = Samples(info, classifier.card.spec)
        for _ in window_probabilities([samples], classifier, stride, lambda window: window):
            pass

    macs = summarise(classifier.model, classifier.card.network).macs
    return compare(
        bench,
        lambda: discard(score(info, classifier, _STRIDE_SEC)),
        {
            "real time": lambda: info.duration_sec,
            "one window after another": one_by_one,
            "the arithmetic alone": lambda: windows * macs / macs_per_sec(),
        },
        f"a window every {_STRIDE_SEC} s, 25 frames a second; decoding included, loading the network not; the "
        f"arithmetic: {macs / 1e9:.0f} billion multiply-adds a window, as fast as products of large matrices",
    )


def whole_large(bench: Bench) -> Measurement:
    """A whole job at 1080p."""
    return _whole_job(bench, LARGE, bench.size(10, 1))


def whole_small(bench: Bench) -> Measurement:
    """A whole job at 320×240."""
    return _whole_job(bench, SMALL, bench.size(20, 1))


def burned_in(bench: Bench) -> Measurement:
    """Burning labels in at 1080p, compared with copies without labels."""
    path = make_video(bench, LARGE, bench.size(20, 1))
    info = probe(path)
    labels = burn_in.make_labels(info)
    ours = partial(burn, info, labels, bench.folder / "burned_in.mp4")
    plain = partial(burn_in.transcode, info, bench.folder / "plain.mp4")
    like_ours = partial(burn_in.transcode_like_burn_in, info, bench.folder / "like-burn-in.mp4")
    others = {"a plain transcode": plain, "one with the same options": like_ours}
    measurement = compare(bench, ours, others, "libx264, veryfast, crf 23; below 1 is slower")
    memory = (
        Figure("memory of ffmpeg", (_ffmpeg_mb(bench, ours),), "MB", "at most"),
        Figure("memory of ffmpeg in a plain transcode", (_ffmpeg_mb(bench, plain),), "MB", "at most"),
    )
    return replace(measurement, figures=(*measurement.figures, *memory))


def _ffmpeg_mb(bench: Bench, work: Callable[[], None]) -> float:
    sampler = MemorySampler(App("", bench.folder, os.getpid(), bench.folder), every_sec=0.1)
    work()
    sampler.close()
    return max((sample.parts_mb.get("ffmpeg", 0.0) for sample in sampler.samples), default=0.0)


def growth(bench: Bench) -> Measurement:
    """How scoring grows with the length of the video."""
    classifier = same_classifier(tutorial.lrcn(len(tutorial.LABELS)))
    lengths = [60, 600, 1800, 3600] if not bench.quick else [1, 2, 3]
    works = [partial(_score, probe(make_video(bench, SMALL, length)), classifier) for length in lengths]
    works[0]()
    lines = [fit_line(lengths, [seconds(work) for work in works]) for _ in range(min(_FITS, bench.rounds))]
    return Measurement(
        (
            Figure("R² of a straight line", tuple(line.r_squared for line in lines), ""),
            Figure("a minute of video", tuple(60 * line.slope for line in lines), "s", "at most"),
        ),
        f"LRCN, every frame, videos of {', '.join(map(str, lengths))} s",
    )


def _score(info: VideoInfo, classifier: Classifier) -> None:
    score(info, classifier)


def same_classifier(theirs: keras.Model) -> Classifier:
    """Our classifier with the weights of the tutorial's LRCN, applied to every frame."""
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
    return Classifier.from_model(card, with_weights_of(theirs, "lrcn"))


def _whole_job(bench: Bench, size: tuple[int, int], naive_sec: int) -> Measurement:
    """From the file to all results, for five minutes of video; the tutorial's code runs on a part of it."""
    length = bench.size(300, 2)
    path, ours = make_video(bench, size, length), same_classifier(tutorial.lrcn(len(tutorial.LABELS)))
    folder = bench.folder / "same"
    save(folder, ours.card, ours.model, overwrite=True)
    out = bench.folder / "annotated"

    def annotated() -> None:
        shutil.rmtree(out, ignore_errors=True)
        annotate(path, out, folder)

    part = ("annotated", path, FPS * naive_sec, bench.folder / "naive.mp4")
    return compare(
        bench,
        annotated,
        {"the tutorial's way": lambda: time_tutorial(*part)},
        f"{length} s of video, with all that `har annotate` writes; the tutorial's way on its first {naive_sec} s, "
        f"times {length / naive_sec:g}",
        length / naive_sec,
    )
