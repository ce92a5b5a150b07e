"""Everything chosen before training."""

from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any, Literal

from har.clips import ClipSpec
from har.errors import OptionsError

_MANY_CLIPS, _FEWEST_STEPS = 450, 100  # in training; of single frames

SplitKind = Literal["grouped", "random", "ucf101-1", "ucf101-2", "ucf101-3"]  # as `har.datasets.splits.KINDS`


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. The defaults suit a few hundred short clips."""

    network: str = "lrcn"
    preset: str = "own"  # the choices it began with
    options: dict[str, bool | int | float | str] = field(default_factory=dict)  # of the network's builder
    spec: ClipSpec = field(default_factory=ClipSpec)
    stride_sec: float = 0.5  # of the classifier's windows in long videos
    epochs: int = 24  # at most; the learning rate falls so that the last ones are worth having
    patience: int = 12  # epochs without a better one before it ends; the loss is restless while the rate is high
    batch_size: int = 16  # small: with hundreds of clips, the number of steps is what counts
    learning_rate: float = 3e-3  # the highest; it falls to nothing along a cosine
    frame_rate: float = 3e-3  # the same for single frames
    decay: bool = True  # False: the learning rate stays
    warmup_epochs: int = 3  # of rising rate: without them some seeds never leave the first plateau
    frame_steps: int = 2000  # at most, of 64 single frames before the first clip: see `frame_steps_for`
    clip_norm: float = 1.0  # longest gradient; an LSTM's now and then explodes
    weight_decay: float = 1e-4  # AdamW's
    averaged_steps: int = 100  # the classifier has the mean of the weights of about so many steps, which swings less
    flip: bool = True  # mirror every other clip: an action done left-handed is the same action
    recolour: bool = False  # red may become blue: where clothes and places tell nothing of the action
    brightness: float = 0.2  # brighten or darken each channel by up to this share
    contrast: float = 0.2  # raise or lower it by up to this share
    saturation: float = 0.3  # the same
    shift: float = 0.1  # move the picture by up to this share of its side
    zoom: float = 0.5  # enlarge it by up to this share, and look at any part
    zoom_out: float = 0.1  # or shrink it by up to this share
    aspect: float = 0.15  # widen or heighten it by up to this share
    mixup: float = 0.2  # blend two clips and their labels; how evenly: alpha of the Beta distribution, 0 for never
    smoothing: float = 0.1  # probability that is spread over all labels, whatever the true one
    test_zoom: float = 1.0  # windows are enlarged by so much where nothing is drawn: see `test_spec`
    tempo: float = 0.2  # quicken or slow it by up to this share, as far as the video is long enough
    seed: int = 0  # of the split, the first weights and every draw
    split: SplitKind = "grouped"  # random tests on recordings that were trained on, and flatters
    validation_share: float = 0.12  # of the clips: they choose the best epoch
    test_share: float = 0.2  # of the clips: they only measure

    @property
    def test_spec(self) -> ClipSpec:
        """How the classifier, and all that judges it, looks at a video.

        Nearer than what training draws from, which is then enlarged more or less: so people are about as large here as
        there, and not smaller than the network knows them (Touvron et al. 2019, https://arxiv.org/abs/1906.06423).
        """
        return replace(self.spec, zoom=self.test_zoom)

    def frame_steps_for(self, clip_count: int) -> int:
        """Steps with single frames, for networks with a part for these: fewer clips are known by heart sooner."""
        return min(self.frame_steps, max(_FEWEST_STEPS, round(self.frame_steps * sqrt(clip_count / _MANY_CLIPS))))

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            OptionsError: a number outside its range.
        """
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise OptionsError(
                    f"The recipe's {name.replace('_', ' ')} is {value}.",
                    f"It must lie between {low:g} and {high:g}.",
                    "Change it.",
                )


_RANGES = (
    ("stride_sec", 0.01, 3600),
    ("epochs", 1, 10_000),
    ("patience", 1, 10_000),
    ("batch_size", 1, 1024),
    ("learning_rate", 1e-7, 1),
    ("frame_rate", 1e-7, 1),
    ("warmup_epochs", 0, 1000),
    ("frame_steps", 0, 1_000_000),
    ("clip_norm", 1e-3, 1e3),
    ("weight_decay", 0, 1),
    ("averaged_steps", 1, 100_000),
    ("shift", 0, 0.5),
    ("zoom", 0, 2),
    ("zoom_out", 0, 0.5),
    ("aspect", 0, 0.5),
    ("contrast", 0, 0.9),
    ("saturation", 0, 1),
    ("test_zoom", 1, 2),
    ("mixup", 0, 10),
    ("smoothing", 0, 0.5),
    ("tempo", 0, 0.5),
    ("brightness", 0, 0.9),
    ("seed", 0, 2**32 - 1),
    ("validation_share", 0.01, 0.9),
    ("test_share", 0.01, 0.9),
)

_OWN = "own"
_TUTORIAL: dict[str, Any] = {
    # As in the tutorial that many student projects follow: Adam at its usual rate, batches of four, nothing else.
    "spec": ClipSpec(span_sec=7.0),
    "batch_size": 4,
    "learning_rate": 1e-3,
    "decay": False,
    "warmup_epochs": 0,
    "frame_steps": 0,
    "clip_norm": 1e3,
    "weight_decay": 0.0,
    "averaged_steps": 1,
    "flip": False,
    "recolour": False,
    "brightness": 0.0,
    "contrast": 0.0,
    "saturation": 0.0,
    "shift": 0.0,
    "zoom": 0.0,
    "zoom_out": 0.0,
    "aspect": 0.0,
    "mixup": 0.0,
    "smoothing": 0.0,
    "tempo": 0.0,
    "options": {"plain": True},
}

_FIGURES: dict[str, Any] = {
    # For the generated data set: colours tell nothing there, where a limb is tells much, and motion the most.
    "epochs": 34,
    "patience": 20,
    "recolour": True,
    "contrast": 0.0,
    "saturation": 0.0,
    "zoom": 0.15,
    "zoom_out": 0.15,
    "aspect": 0.0,
    "mixup": 0.0,
    "smoothing": 0.0,
}

# By network, then by name; what differs from the defaults above. One with a data set's name is meant for that.
PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "lrcn": {
        _OWN: {
            "options": {"wide": True, "motion": True},
            "epochs": 12,
            "patience": 12,
            "frame_steps": 1300,
            "test_zoom": 1.2,  # the mean of what clips are drawn at
        },
        "figures": _FIGURES,
        "tutorial": _TUTORIAL | {"epochs": 70, "patience": 15},
    },
    "convlstm": {
        _OWN: {"options": {"wide": True, "motion": True}, "epochs": 12, "patience": 12, "frame_steps": 1300},
        "figures": _FIGURES
        | {"options": {"wide": True, "motion": True}, "epochs": 12, "patience": 12, "frame_steps": 1300},
        "tutorial": _TUTORIAL | {"epochs": 50, "patience": 10},
    },
    # Only a head learns, on features that are computed once.
    "lrcn-lite0": {
        _OWN: {
            "options": {"motion": True, "solved": True},
            "spec": ClipSpec(height=160, width=160),
            "learning_rate": 1e-3,
            "epochs": 30,
            "patience": 30,
        }
    },
    "i3d-head": {
        _OWN: {
            "spec": ClipSpec(16, 224, 224, 1.28, "crop"),
            "stride_sec": 0.64,
            "learning_rate": 1e-3,
            "epochs": 40,
            "patience": 40,
        }
    },
}


def preset_for(network: str, dataset: str) -> str:
    """The preset to begin with: one that is meant for the data set, if there is one."""
    return dataset if dataset in PRESETS.get(network, {}) else _OWN


def recipe_for(network: str, preset: str = _OWN, **changes: Any) -> Recipe:
    """A recipe that suits a network, with some choices made otherwise.

    Args:
        network: a key of `PRESETS`.
        preset: a key of its presets.
        changes: fields of `Recipe`.

    Raises:
        OptionsError: a network or preset that there is not, or a number outside its range.
    """
    if network not in PRESETS:
        raise OptionsError(
            f"{network!r} was asked to be trained.", f"There are recipes for {', '.join(PRESETS)}.", "Choose one."
        )
    if preset not in PRESETS[network]:
        raise OptionsError(
            f"There is no recipe {preset!r} for {network}.", f"There are {', '.join(PRESETS[network])}.", "Choose one."
        )
    return replace(Recipe(network, preset), **{**PRESETS[network][preset], **changes})
