"""MoViNet-A0-Stream with a new head: transfer from the 600 actions of Kinetics to other actions with few clips of each.

The network is frozen; the features of a frame are the outputs of its own hidden dense layer. A small LSTM is trained on
their sequence, and two layers are solved for: on means over both halves of the time, and on deviations
(docs/decisions/0043-movinet.md).
"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks.architectures.movinet import CITATION, PUBLISHED, SPEC
from har.networks.network import OWN, Cost, Network, Options, Preset
from har.runtime.movinet import HIDDEN, SIDE, MovinetEncoder, MovinetHead

if TYPE_CHECKING:
    import keras

PENALTY_PER_CLIP = 0.0027  # of the solved layers
ENCODER = replace(
    PUBLISHED,
    encoder=partial(MovinetEncoder, hidden=True),
    head=None,
    labels=lambda path, spec: MovinetHead(path, spec.frames, hidden=True),
)


def build(label_count: int, spec: ClipSpec) -> "keras.Model":
    """The published encoder with a new head; about 540,000 parameters are trained.

    Raises:
        OptionsError: clips of a single frame, which have no halves.
    """
    import keras

    from har.networks.blocks.frame_stacks import on_stacks
    from har.networks.blocks.frozen_head import Solved, direction_of_deviation, direction_of_halves, frozen_head
    from har.networks.blocks.published_encoder import published_encoder

    if spec.frames < 2:
        raise OptionsError("Clips of one frame were requested.", "MoViNet's head needs two or more.", "Choose more.")
    encoder = published_encoder(ENCODER, spec.frames, spec.shape[1:], HIDDEN)
    solved = Solved([direction_of_halves, direction_of_deviation], [6.0, 6.0], penalty_per_clip=PENALTY_PER_CLIP)
    head = frozen_head(label_count, spec.frames, [HIDDEN], solved)
    clips = keras.Input(spec.shape, dtype="uint8")
    return keras.Model(clips, on_stacks(encoder, head, clips, 1), name="movinet_head")


def cost(options: Options) -> Cost:
    """Of training."""
    return Cost(step_sec=0.001, encode_sec=0.002, clip_bytes=1 << 20, extra_bytes=200 << 20)


_CHANGES = {
    "spec": SPEC,
    "learning_rate": 1e-3,
    "epochs": 15,
    "patience": 15,
    "flip": False,  # mirror images take as long to encode as the clips, and do not help
}
ENTRY = Network(
    name="movinet-head",
    title="MoViNet, new head",
    description="MoViNet, trained on Kinetics, with a new head. Best for real videos; downloads 3 MB once.",
    citation=CITATION,
    build=build,
    spec=SPEC,
    smallest_side=SIDE,
    order=3,
    score_sec=0.02,
    presets={
        OWN: Preset(
            "Recommended",
            "Tuned on our benchmarks: the learning rate rises and falls; clips are mixed.",
            _CHANGES,
            "Few clips",
            "96% correct on ten actions of UCF101",
        ),
        "long": Preset(
            "Long windows",
            "Windows of 6 seconds instead of 3: 98% correct on ten actions of UCF101, but worse for videos in which "
            "the action changes often.",
            _CHANGES | {"spec": replace(SPEC, frames=2 * SPEC.frames, span_sec=2 * SPEC.span_sec)},
        ),
    },
    cost=cost,
    published=ENCODER,
)
