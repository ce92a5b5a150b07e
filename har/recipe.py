"""A recipe: everything that is chosen before training."""

from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any, Literal

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import DEFAULT_NETWORK, NETWORKS, published
from har.networks.network import OWN

_FEW_CLIPS = 500  # up to so many, a pretrained encoder did better in each benchmark than training all of a network
_FULL_CLIPS, _MIN_STEPS = 450, 100  # training clips from which on all frame steps are taken; frame steps at least

SplitKind = Literal["grouped", "random", "all", "ucf101-1", "ucf101-2", "ucf101-3"]  # as `har.datasets.splits.KINDS`


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. The defaults suit a few hundred short clips."""

    network: str = DEFAULT_NETWORK
    preset: str = OWN  # that it was made from
    options: dict[str, bool | int | float | str] = field(default_factory=dict)  # of the network's builder
    spec: ClipSpec = field(default_factory=ClipSpec)
    stride_sec: float = 0.5  # between the classifier's windows in long videos
    epochs: int = 24  # at most; the learning rate is scheduled so that the last ones are worth keeping
    patience: int = 12  # epochs without improvement before training ends; the loss is noisy while the rate is high
    batch_size: int = 16  # small: with hundreds of clips, the number of steps matters most
    learning_rate: float = 3e-3  # the peak; it falls to zero along a cosine
    frame_rate: float = 3e-3  # the same for pretraining on single frames
    decay: bool = True  # False: the learning rate is constant
    warmup_epochs: int = 3  # of rising rate: without them some seeds never leave the first plateau
    frame_steps: int = 2000  # at most, of pretraining on 64 single frames each: see `frame_steps_for`
    clip_norm: float = 1.0  # longest gradient; an LSTM's explodes now and then
    weight_decay: float = 1e-4  # AdamW's
    averaged_steps: int = 100  # the classifier gets the mean of the weights of about so many steps
    flip: bool = True  # mirror half of the clips: an action done left-handed is the same action
    recolour: bool = False  # swap colour channels: where clothes and places carry no information about the action
    brightness: float = 0.2  # brighten or darken each channel by up to this share
    contrast: float = 0.2  # raise or lower it by up to this share
    saturation: float = 0.3  # the same
    shift: float = 0.1  # move the image by up to this share of its side
    zoom: float = 0.5  # enlarge it by up to this share, and crop anywhere
    zoom_out: float = 0.1  # or shrink it by up to this share
    aspect: float = 0.15  # stretch its width or height by up to this share
    mixup: float = 0.2  # blend two clips and their labels: alpha of the Beta distribution of shares, 0 for never
    smoothing: float = 0.1  # probability that is spread over all labels
    test_zoom: float = 1.0  # fixed zoom of validation, test and recognition: see `test_spec`
    tempo: float = 0.2  # speed up or slow down by up to this share, as far as the video is long enough
    seed: int = 0  # of the split, the initial weights and all random draws
    split: SplitKind = "grouped"  # random puts clips of one recording into training and test, and inflates accuracy
    validation_share: float = 0.12  # of the clips: they choose the best epoch
    test_share: float = 0.2  # of the clips: they only measure

    @property
    def test_spec(self) -> ClipSpec:
        """The clip spec of validation, test and recognition.

        Zoomed in to the mean zoom of training clips, so that people are about as large as in training and not smaller
        (Touvron et al. 2019, https://arxiv.org/abs/1906.06423).
        """
        return replace(self.spec, zoom=self.test_zoom)

    def frame_steps_for(self, clip_count: int) -> int:
        """Steps of pretraining on single frames: fewer training clips are overfitted sooner, so they get fewer."""
        return min(self.frame_steps, max(_MIN_STEPS, round(self.frame_steps * sqrt(clip_count / _FULL_CLIPS))))

    def __post_init__(self) -> None:
        """Check ranges.

        Raises:
            OptionsError: a number outside its range.
        """
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise OptionsError(
                    f"The recipe's {name.replace('_', ' ')} is {value}.",
                    f"It must be between {low:g} and {high:g}.",
                    "Change the value.",
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


def default_network(dataset: str, clip_count: int | None = None) -> str:
    """The network to begin with: one with a recipe for the data set, else a published or pretrained one, if possible.

    With few clips of the chosen labels, a pretrained encoder is better; None: their number is not known.
    """
    networks = _available()
    made_for = [name for name in networks if _is_made_for(name, dataset)]
    on_published = [name for name in networks if NETWORKS[name].published is not None]
    few = clip_count is not None and clip_count <= _FEW_CLIPS
    pretrained = [name for name in networks if few and NETWORKS[name].frozen]
    return (made_for + on_published + pretrained + [DEFAULT_NETWORK])[0]


def first_choices(dataset: str) -> list[str]:
    """Networks among which most people choose: those made for the data set, else one for each purpose."""
    networks = sorted(_available(), key=lambda name: NETWORKS[name].published is None)
    made_for = [name for name in networks if _is_made_for(name, dataset)]
    by_purpose: dict[str, str] = {}
    for name in made_for or networks:
        if purpose := NETWORKS[name].presets[default_preset(name, dataset)].purpose:
            by_purpose.setdefault(purpose, name)
    return list(by_purpose.values())


def _available() -> list[str]:
    """Networks that can be trained, without those whose published file cannot be had."""
    return [
        name
        for name, entry in NETWORKS.items()
        if entry.trainable and (entry.published is None or published.is_expected(entry.published.file))
    ]


def _is_made_for(network: str, dataset: str) -> bool:
    """Whether a network has a preset for a data set; that of all others is named like visitors' own data sets."""
    return dataset != OWN and dataset in NETWORKS[network].presets


def default_preset(network: str, dataset: str) -> str:
    """The preset to begin with: the one named after the data set, if there is one."""
    return dataset if network in NETWORKS and dataset in NETWORKS[network].presets else OWN


def recipe_for(network: str, preset: str = OWN, **changes: Any) -> Recipe:
    """A preset of a network, with some fields of the recipe changed.

    Raises:
        OptionsError: an unknown network or preset, a network that cannot be trained, or a number outside its range.
    """
    trainable = [name for name, entry in NETWORKS.items() if entry.trainable]
    if network not in trainable:
        raise OptionsError(
            f"The network {network!r} does not exist or cannot be trained.",
            f"Networks that can be trained: {', '.join(trainable)}.",
            "Choose one of them.",
        )
    presets = NETWORKS[network].presets
    if preset not in presets:
        raise OptionsError(
            f"There is no recipe {preset!r} for {network}.", f"Recipes: {', '.join(presets)}.", "Choose one of them."
        )
    return replace(Recipe(network, preset), **{**presets[preset].changes, **changes})
