"""A head on I3D: what it learnt on the 400 actions of Kinetics, for actions of one's own with few clips of each.

I3D looks at 16 frames at the rate it was trained at and stays as it is; one dense layer learns on the 1,024 numbers
that it gives for a window, so a window need be looked at only once.
"""

import keras
from keras import layers

from har.clips import ClipSpec
from har.networks import i3d, pretrained

PRETRAINED = "i3d-kinetics400"
DROPOUT = 0.5


def build(label_count: int, spec: ClipSpec) -> keras.Model:
    """I3D with a head; 12.3 million parameters stay, 1,025 for each label learn."""
    whole = i3d.build(2, spec)
    encoder = keras.Model(whole.input, whole.get_layer("gap").output, name="encoder")
    pretrained.fill(encoder, PRETRAINED)
    encoder.trainable = False
    features = keras.Input(encoder.output_shape[1:])
    x = layers.Dropout(DROPOUT)(features)
    head = keras.Model(features, layers.Dense(label_count, activation="softmax", name="labels")(x), name="head")
    clips = keras.Input(spec.shape, dtype="uint8")
    return keras.Model(clips, head(encoder(clips)), name="i3d_head")
