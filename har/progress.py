"""Progress of long functions: one type for all of them, and one table that turns stages into words.

A long function takes `on_progress: OnProgress`. If that raises `StopRequested`, the function stops and keeps what is
complete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

MB = 1_000_000


class Stage(StrEnum):
    """What a long function is doing."""

    # Annotating a video
    LOOK_UP = "look up"  # a video on YouTube
    FETCH = "fetch"  # from YouTube; done and total in seconds of video
    DRAW_SAMPLE = "draw sample"
    PREPARE_PLAYER = "prepare player"
    LOAD_CLASSIFIER = "load classifier"
    SCORE = "score"  # done and total in seconds of video
    WRITE_VIDEO = "write video"
    CUT_CLIPS = "cut clips"
    READ_SOUND = "read sound"
    READ_CLIPS = "read clips"
    WRITE_FILM = "write film"  # done and total in frames
    EXPLAIN = "explain"
    # Data sets
    DOWNLOAD = "download"  # done and total in bytes
    UNPACK = "unpack"
    CHECK_VIDEOS = "check videos"
    DRAW_CLIPS = "draw clips"
    SCAN_VIDEOS = "scan videos"
    COMPARE_VIDEOS = "compare videos"  # to guess which belong to one recording
    # Training and evaluation
    DECODE = "decode"
    ENCODE = "encode"  # by a pretrained network
    PRETRAIN = "pretrain"  # on single frames
    TRAIN = "train"  # done and total in epochs
    TEST = "test"
    SAVE = "save"  # a classifier with its report
    EVALUATE = "evaluate"
    # Many tasks on many workers
    TASKS = "tasks"


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
        words = _WORDS[self.stage].format(
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

_WORDS: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.LOOK_UP: "Looking up the video",
        Stage.FETCH: "Downloading from YouTube: {share:.0%}",
        Stage.DRAW_SAMPLE: "Generating the sample: {subject}",
        Stage.PREPARE_PLAYER: "Preparing the player",
        Stage.LOAD_CLASSIFIER: "Loading {subject}",
        Stage.SCORE: "Recognising: {done:.0f} of {total:.0f} s",
        Stage.WRITE_VIDEO: "Writing the labels into the video",
        Stage.CUT_CLIPS: "Cutting clip {next:.0f} of {total:.0f}",
        Stage.READ_SOUND: "Reading the sound: {done:.0f} of {total:.0f} shots",
        Stage.READ_CLIPS: "Reading clips: {done:.0f} of {total:.0f}",
        Stage.WRITE_FILM: "Writing the film: {share:.0%}",
        Stage.EXPLAIN: "Testing the frames in other orders",
        Stage.DOWNLOAD: "Downloading {subject}: {done_mb:.0f} of {total_mb:.0f} MB",
        Stage.UNPACK: "Unpacking",
        Stage.CHECK_VIDEOS: "Checking videos: {done:.0f} of {total:.0f}",
        Stage.DRAW_CLIPS: "Generating clips: {done:.0f} of {total:.0f}",
        Stage.SCAN_VIDEOS: "Reading videos: {done:.0f} of {total:.0f}",
        Stage.COMPARE_VIDEOS: "Comparing videos to group them by recording: {done:.0f} of {total:.0f}",
        Stage.DECODE: "Decoding clips: {done:.0f} of {total:.0f}",
        Stage.ENCODE: "Computing features: {done:.0f} of {total:.0f} clips",
        Stage.PRETRAIN: "Pretraining on single frames: step {done:.0f} of {total:.0f}",
        Stage.TRAIN: "Epoch {next:.0f} of {total:.0f}",
        Stage.TEST: "Testing the best epoch: {done:.0f} of {total:.0f} clips",
        Stage.SAVE: "Saving the classifier and its report",
        Stage.EVALUATE: "Evaluating: {done:.0f} of {total:.0f} clips",
        Stage.TASKS: "{done:.0f} of {total:.0f} {subject}",
    }
)

Spans = Mapping[Stage, tuple[float, float]]  # where each stage of a task begins and ends, 0 to 1

ANNOTATING: Spans = MappingProxyType(
    {
        Stage.DOWNLOAD: (0.0, 0.1),  # of the classifier
        Stage.FETCH: (0.0, 0.1),
        Stage.DRAW_SAMPLE: (0.0, 0.1),
        Stage.PREPARE_PLAYER: (0.1, 0.2),
        Stage.LOAD_CLASSIFIER: (0.2, 0.25),
        Stage.SCORE: (0.25, 0.98),
    }
)
FILMING: Spans = MappingProxyType({Stage.READ_SOUND: (0.0, 0.1), Stage.WRITE_FILM: (0.1, 1.0)})
FILMING_CLASSES: Spans = MappingProxyType(
    {Stage.DRAW_CLIPS: (0.0, 0.3), Stage.READ_CLIPS: (0.3, 0.7), Stage.WRITE_FILM: (0.7, 1.0)}
)
TRAINING: Spans = MappingProxyType(
    {
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
)


def overall(progress: Progress, spans: Spans) -> float:
    """The share of the whole task that is done, 0 to 1; `spans` gives each stage its part."""
    begin, end = spans.get(progress.stage, (0.0, 1.0))
    return begin + (end - begin) * progress.fraction


def ignore(progress: Progress) -> None:
    """Do nothing: the default where progress is not needed."""
