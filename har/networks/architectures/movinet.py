"""MoViNet-A0-Stream (Kondratyuk et al. 2021, https://arxiv.org/abs/2103.11511), used as it was published.

Its file is fetched when it is first needed (`har.networks.published`) and run unchanged (`har.runtime.movinet`).
"""

from typing import TYPE_CHECKING

from har.clips import ClipSpec
from har.networks.network import Network, Published
from har.networks.parts import HEAD, LABELS
from har.networks.published import MOVINET
from har.runtime.movinet import FEATURES, HIDDEN, SIDE, MovinetEncoder, MovinetHead

if TYPE_CHECKING:
    import keras

SPEC = ClipSpec(frames=15, height=SIDE, width=SIDE, span_sec=3.0, fit="crop")
PUBLISHED = Published(
    MOVINET, MovinetEncoder, lambda path, spec: MovinetHead(path, spec.frames), multiply_adds=47_473_000
)
CITATION = (
    "Kondratyuk et al. 2021, [MoViNets](https://arxiv.org/abs/2103.11511): convolutions over time that see only "
    "earlier frames and keep a memory of them, so that each frame is processed once. Trained on "
    "[Kinetics-600](https://arxiv.org/abs/1808.01340) (Carreira et al. 2018)."
)


def build(label_count: int, spec: ClipSpec) -> "keras.Model":
    """The published encoder with dense layers of the published size, which are not filled."""
    import keras
    from keras import layers

    from har.networks.blocks.frame_stacks import on_stacks
    from har.networks.blocks.published_encoder import published_encoder

    features = keras.Input((spec.frames, FEATURES))
    x = layers.Dense(HIDDEN, activation="relu6", name="hidden")(layers.GlobalAveragePooling1D()(features))
    head = keras.Model(features, layers.Dense(label_count, activation="softmax", name=LABELS)(x), name=HEAD)
    encoder = published_encoder(PUBLISHED, spec.frames, spec.shape[1:], FEATURES)
    clips = keras.Input(spec.shape, dtype="uint8")
    return keras.Model(clips, on_stacks(encoder, head, clips, 1), name="movinet")


ENTRY = Network(
    name="movinet",
    title="MoViNet",
    description="A small, fast network that reads a video once, used as it was trained on Kinetics-600.",
    citation=CITATION,
    build=build,
    spec=SPEC,
    smallest_side=SIDE,
    order=6,
    score_sec=0.02,
    label_count=600,
    published=PUBLISHED,
)
