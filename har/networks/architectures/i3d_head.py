"""I3D with a new top layer: transfer from the 400 actions of Kinetics to other actions with few clips of each.

I3D sees 16 frames at the rate of its training and is frozen. One dense layer is trained on its 1,024 features of a
window, so each window needs to be encoded only once.
"""

from typing import TYPE_CHECKING

from har.clips import ClipSpec
from har.networks import pretrained
from har.networks.architectures import i3d
from har.networks.network import OWN, Cost, Network, Options
from har.networks.parts import ENCODER, HEAD, LABELS
from har.networks.presets import recommended

if TYPE_CHECKING:
    import keras

PRETRAINED = "i3d-kinetics400"
DROPOUT = 0.5


def build(label_count: int, spec: ClipSpec) -> "keras.Model":
    """I3D with a new head; 12.3 million parameters are frozen, 1,025 for each label are trained."""
    import keras
    from keras import layers

    whole = i3d.build(2, spec)
    encoder = keras.Model(whole.input, whole.get_layer("gap").output, name=ENCODER)
    pretrained.fill(encoder, PRETRAINED)
    encoder.trainable = False
    features = keras.Input(encoder.output_shape[1:])
    x = layers.Dropout(DROPOUT)(features)
    head = keras.Model(features, layers.Dense(label_count, activation="softmax", name=LABELS)(x), name=HEAD)
    clips = keras.Input(spec.shape, dtype="uint8")
    return keras.Model(clips, head(encoder(clips)), name="i3d_head")


def cost(options: Options) -> Cost:
    """Of training."""
    return Cost(step_sec=0.0001, encode_sec=0.27, encodes_windows=True, clip_bytes=1 << 20)


ENTRY = Network(
    name="i3d-head",
    title="I3D, new top layer",
    description="I3D, trained on Kinetics, looks at short windows; a new top layer is trained. For few clips.",
    citation=i3d.ENTRY.citation,
    build=build,
    spec=i3d.ENTRY.spec,
    smallest_side=32,
    order=4,
    score_sec=1.1,
    presets={
        OWN: recommended(spec=i3d.ENTRY.spec, stride_sec=0.64, learning_rate=1e-3, epochs=40, patience=40),
    },
    cost=cost,
    pretrained=PRETRAINED,
)
