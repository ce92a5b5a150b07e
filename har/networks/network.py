"""What is known of a network before it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from har.clips import ClipSpec
from har.runtime import Reach, Runnable

Options = Mapping[str, bool | int | float | str]
OWN = "own"  # the preset of every trainable network; presets named after a data set are meant for that data set


@dataclass(frozen=True)
class Option:
    """An argument of a network's builder, apart from the number of labels and the clip spec."""

    description: str
    head_only: bool = False  # does not change the encoder's features, so cached features stay valid
    curves_note: str = ""  # shown with the training curves if the option is set


@dataclass(frozen=True)
class Preset:
    """A recipe to begin with."""

    title: str
    description: str
    changes: Mapping[str, Any]  # fields of `har.recipe.Recipe` that differ from its defaults
    purpose: str = ""  # what it is best for, in a word or two: it is then among the first choices on Train
    measured: str = ""  # its accuracy in docs/benchmarks.md, and on which data


@dataclass(frozen=True)
class Cost:
    """Time and memory of training, measured on two cores with clips of the network's own spec."""

    step_sec: float  # to train on one clip once; with a pretrained encoder, on its features
    clip_bytes: int  # for each clip in the batch
    frame_sec: float = 0.0  # to pretrain on one frame; 0: the network is not pretrained on frames
    encode_sec: float = 0.0  # for the pretrained encoder: one frame, or one window
    encodes_windows: bool = False  # the pretrained encoder takes whole clips instead of frames
    extra_bytes: int = 0  # beyond what any training takes


@dataclass(frozen=True)
class Published:
    """Parts of a network that run from a file which its authors published, and which is fetched when first needed."""

    file: str  # a key of `har.networks.published.PUBLISHED`
    encoder: Callable[[Path], Runnable]  # from the path of the file; takes frames of the network's own size only
    head: Callable[[Path, ClipSpec], Runnable] | None = None  # None: it is trained
    # From the same features to the labels that the file was published with; these tell what a trained head cannot know.
    labels: Callable[[Path, ClipSpec], Runnable] | None = None
    multiply_adds: int = 0  # of the encoder, for a frame


@dataclass(frozen=True)
class Stages:
    """A network that runs over a whole video stage by stage, see `har.runtime.StagedGraph`."""

    reaches: tuple[Reach, ...]  # of each stage
    functions: Callable[..., "list[Callable[[Any], Any]]"]  # of a `keras.Model`: what each computes, see `i3d.stages`
    temperature: float = 1.0  # divides the logits of a window seen in its context: its probabilities may be too high


@dataclass(frozen=True)
class Network:
    """An entry of the registry: `ENTRY` in a module of `har.networks.architectures`."""

    name: str  # its key; stored in cards and recipes
    title: str
    description: str  # a sentence for users who choose
    citation: str  # the papers it follows, in Markdown
    build: Callable[..., Any]  # from `(label_count, spec, **options)` to a `keras.Model`; imports Keras when called
    spec: ClipSpec  # the input it was designed for
    smallest_side: int  # of a frame, in pixels: with less, nothing is left after pooling
    order: int  # in lists; the first network is the default
    options: Mapping[str, Option] = field(default_factory=dict)
    presets: Mapping[str, Preset] = field(default_factory=dict)  # empty: it cannot be trained here
    cost: Callable[[Options], Cost] | None = None  # of training with some options; None: it cannot be trained here
    score_sec: float = 0.1  # to score a second of video, on two cores: `python -m benchmarks.classifier_speed`
    label_count: int = 4  # in summaries
    half: bool = False  # its weights are bundled in half precision, and stored so for LiteRT as well
    stages: Stages | None = None  # if it can run over a whole video
    published: Published | None = None  # what runs its encoder, which training leaves unchanged
    pretrained: str | None = None  # folder in `weights/` that fills its encoder, which training leaves unchanged

    @property
    def trainable(self) -> bool:
        """Whether there is a recipe for it."""
        return bool(self.presets)

    @property
    def default_options(self) -> Options:
        """Options of its own preset; none if it cannot be trained."""
        return self.presets[OWN].changes.get("options", {}) if self.presets else {}

    @property
    def frozen(self) -> bool:
        """Whether its encoder is pretrained and stays unchanged, so that features can be cached."""
        return self.pretrained is not None or self.published is not None
