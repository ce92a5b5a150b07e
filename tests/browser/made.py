"""Annotations that no network had to make, of videos whose frames say which one they are; and lessons of Teach."""

import secrets
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from har.classifier import read_card
from har.datasets.figures import draw_clip
from har.results import (
    ANNOTATED,
    SCORES,
    LabelOptions,
    export_text,
    find_filmstrip,
    open_annotation,
    write_filmstrip,
)
from har.results.store import write_notes
from har.settings import settings
from har.timeline import Scored, TimelineOptions, WindowScores, save_scores
from har.video import make_proxy, probe, write_video
from tests.ui.train_pages import OWNER, finished, outcome
from tests.video.barcode import barcode

FPS = Fraction(30000, 1001)
FRAMES = 250  # what a barcode can count
_VIDEO = "video.mp4"
SHARP = LabelOptions(timeline=TimelineOptions(threshold=0.4, smooth_sec=0.0, min_sec=0.0))
# In the browser: which frame the page's video shows, as `tests.video.barcode.number` reads it.
SHOWN = """() => {
  const video = document.querySelector("video");
  const canvas = (window.canvas ??= Object.assign(document.createElement("canvas"), { width: 160, height: 120 }));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0, 160, 120);
  let number = 0;
  for (let bit = 0; bit < 8; bit++) {
    const [red] = context.getImageData(20 + 40 * (bit % 4), 30 + 60 * (bit >> 2), 1, 1).data;
    if (red > 127) number |= 1 << bit;
  }
  return number;
}"""


@dataclass(frozen=True)
class Made:
    """A result under its own address."""

    folder: Path
    duration_sec: float

    @property
    def address(self):
        return f"/annotate?job={self.folder.name}&threshold=0.4&smoothing=0"

    def rows(self):
        """The table of frames, as it is taken away: label and confidence of each."""
        lines = export_text(open_annotation(self.folder), "csv").splitlines()[1:]
        return [line.split(",")[2:] for line in lines]


def make_result(
    home,
    plan,
    names=("squat", "wave", "walk"),
    frames=FRAMES,
    stopped_at=None,
    cuts_sec=(),
    prepared=True,
    window_sec=0.5,
):
    """An annotation.

    Args:
        home: the app's `HAR_HOME`.
        plan: the label of each window; None: unsure.
        names: of the labels.
        frames: of the video.
        stopped_at: the frame before which recognition was stopped; None: it came to the end.
        cuts_sec: where shots begin: multiples of `window_sec`.
        prepared: with a filmstrip, and a copy of the video in place of the labelled one. Otherwise its page starts jobs
            that make them, and is drawn again after each.
        window_sec: the length of a window.
    """
    folder = home / "jobs" / secrets.token_urlsafe(16)
    shutil.copytree(_counting_video(home, frames), folder)
    info = probe(folder / _VIDEO)
    if not prepared:
        find_filmstrip(folder).unlink()
    elif stopped_at is None:
        shutil.copy(folder / _VIDEO, folder / ANNOTATED)
    rng = np.random.default_rng(0)
    shares = np.full((len(plan), len(names)), 0.3 / (len(names) - 1))
    for row, label in enumerate(plan):
        if label is not None:
            shares[row, label] = rng.uniform(0.5, 0.99)
        else:
            shares[row] = 0.3 * rng.dirichlet(np.ones(len(names)))
    starts = np.arange(len(plan)) * window_sec
    scores = WindowScores(tuple(names), starts, starts + window_sec, shares.astype(np.float32), np.array(cuts_sec))
    count = stopped_at or frames
    duration_sec = count / float(FPS) if stopped_at else info.duration_sec
    times = np.arange(count) / float(FPS)
    save_scores(folder / SCORES, Scored(scores, times, duration_sec, stopped=stopped_at is not None))
    write_notes(folder, info, read_card("lrcn-figures"), SHARP)
    (folder / "name.txt").write_text("counting.mp4", encoding="utf-8")
    return Made(folder, duration_sec)


def _counting_video(home, frames):
    """A folder, made once, with a video whose frames show their numbers, its copy for the player and its filmstrip."""
    folder = home / "counting" / str(frames)
    if find_filmstrip(folder) is None:
        folder.mkdir(parents=True, exist_ok=True)
        write_video(folder / _VIDEO, (barcode(number % 256) for number in range(frames)), FPS)
        make_proxy(probe(folder / _VIDEO), folder, mark=secrets.token_hex(16))
        write_filmstrip(folder)
    return folder


def make_lesson(home, labels=("Jump", "Wave")):
    """The address of a lesson of `OWNER`: three clips of each class in one take, and a classifier.

    Args:
        home: the app's `HAR_HOME`.
        labels: names of the classes.
    """
    name = f"own-{secrets.token_urlsafe(16)}"
    for label, action in zip(labels, ("JumpingJack", "Wave"), strict=True):
        folder = home / "own-datasets" / name / label
        folder.mkdir(parents=True)
        for clip in range(1, 4):
            write_video(folder / f"take_g01_c{clip:02}.mp4", draw_clip(action, clip, 1), Fraction(25))
    (home / "own-datasets" / name / ".draft").touch()
    (home / "owners").mkdir(exist_ok=True)
    (home / "owners" / name).write_text(OWNER, encoding="utf-8")
    run = finished(outcome(None), labels=labels, dataset=name)
    shutil.copytree(settings().weights / "lrcn-figures", run.classifier, dirs_exist_ok=True)
    if run.folder.parent != home / "runs":
        shutil.copytree(run.folder, home / "runs" / run.id)
    return f"/teach?dataset={name}&run={run.id}"
