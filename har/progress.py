"""Progress of long functions: one type for all of them, and words for each stage.

A long function takes `on_progress: OnProgress`. If that raises `StopRequested`, the function stops and keeps what is
complete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MB = 1_000_000


class Stage(StrEnum):
    """What a long function is doing, in words that `Progress.text` completes."""

    # Annotating a video
    LOOK_UP = "Looking up the video"  # on YouTube
    FETCH = "Downloading from YouTube: {share:.0%}"  # done and total in seconds of video
    DRAW_SAMPLE = "Generating the sample: {subject}"
    PREPARE_PLAYER = "Preparing the player"
    LOAD_CLASSIFIER = "Loading {subject}"
    SCORE = "Recognising: {done:.0f} of {total:.0f} s"  # done and total in seconds of video
    WRITE_VIDEO = "Writing the labels into the video"
    CUT_CLIPS = "Cutting clip {next:.0f} of {total:.0f}"
    READ_SOUND = "Reading the sound: {done:.0f} of {total:.0f} shots"
    READ_CLIPS = "Reading clips: {done:.0f} of {total:.0f}"
    WRITE_FILM = "Writing the film: {share:.0%}"  # done and total in frames
    EXPLAIN = "Testing the frames in other orders"
    # Data sets
    DOWNLOAD = "Downloading {subject}: {done_mb:.0f} of {total_mb:.0f} MB"  # done and total in bytes
    UNPACK = "Unpacking"
    CHECK_VIDEOS = "Checking videos: {done:.0f} of {total:.0f}"
    DRAW_CLIPS = "Generating clips: {done:.0f} of {total:.0f}"
    SCAN_VIDEOS = "Reading videos: {done:.0f} of {total:.0f}"
    COMPARE_VIDEOS = "Comparing videos to group them by recording: {done:.0f} of {total:.0f}"
    # Training and evaluation
    DECODE = "Decoding clips: {done:.0f} of {total:.0f}"
    ENCODE = "Computing features: {done:.0f} of {total:.0f} clips"  # by a pretrained network
    PRETRAIN = "Pretraining on single frames: step {done:.0f} of {total:.0f}"
    TRAIN = "Epoch {next:.0f} of {total:.0f}"  # done and total in epochs
    TEST = "Testing the best epoch: {done:.0f} of {total:.0f} clips"
    SAVE = "Saving the classifier and its report"
    EVALUATE = "Evaluating: {done:.0f} of {total:.0f} clips"
    # Many tasks on many workers
    TASKS = "{done:.0f} of {total:.0f} {subject}"


@dataclass(frozen=True)
class Progress:
    """The progress of one stage."""

    stage: Stage
    done: float = 0.0
    total: float = 0.0  # in the unit of `done`; 0: not known
    subject: str = ""  # what the stage works on: a classifier's title, a class that is downloaded
    note: str = ""  # more information for users: speed, loss, time left
    event: object = None  # data for the caller, such as an epoch's figures

    @property
    def fraction(self) -> float:
        """The share of this stage that is done, 0 to 1; 0 if the total is not known."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else 0.0

    @property
    def text(self) -> str:
        """The stage in words, for pages and the command line, without a full stop."""
        words = self.stage.format(
            done=self.done,
            total=self.total,
            subject=self.subject,
            next=min(int(self.done) + 1, self.total),
            done_mb=self.done / MB,
            total_mb=self.total / MB,
            share=self.fraction,
        )
        return f"{words} · {self.note}" if self.note else words


OnProgress = Callable[[Progress], None]

Spans = Mapping[Stage, tuple[float, float]]  # where each stage of a task begins and ends, 0 to 1

ANNOTATING: Spans = {
    Stage.DOWNLOAD: (0.0, 0.1),  # of the classifier
    Stage.FETCH: (0.0, 0.1),
    Stage.DRAW_SAMPLE: (0.0, 0.1),
    Stage.PREPARE_PLAYER: (0.1, 0.2),
    Stage.LOAD_CLASSIFIER: (0.2, 0.25),
    Stage.SCORE: (0.25, 0.98),
}
FILMING: Spans = {Stage.READ_SOUND: (0.0, 0.1), Stage.WRITE_FILM: (0.1, 1.0)}
FILMING_CLASSES: Spans = {Stage.DRAW_CLIPS: (0.0, 0.3), Stage.READ_CLIPS: (0.3, 0.7), Stage.WRITE_FILM: (0.7, 1.0)}
TRAINING: Spans = {
    Stage.DRAW_CLIPS: (0.0, 0.06),
    Stage.SCAN_VIDEOS: (0.06, 0.1),
    Stage.COMPARE_VIDEOS: (0.1, 0.12),
    Stage.DECODE: (0.12, 0.25),
    Stage.ENCODE: (0.25, 0.4),
    Stage.PRETRAIN: (0.25, 0.4),
    Stage.TRAIN: (0.4, 0.9),
    Stage.TEST: (0.9, 0.97),
    Stage.SAVE: (0.97, 1.0),
}


def overall(progress: Progress, spans: Spans) -> float:
    """The share of the whole task that is done, 0 to 1; `spans` gives each stage its part."""
    begin, end = spans.get(progress.stage, (0.0, 1.0))
    return begin + (end - begin) * progress.fraction


def ignore(progress: Progress) -> None:
    """Do nothing: the default where progress is not needed."""
