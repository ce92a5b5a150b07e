"""A network as a `.keras` file that Keras opens without this project."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def save_keras_file(model: "keras.Model", path: Path) -> None:
    """Write a `.keras` file for `keras.saving.load_model`; the path must end so.

    Layers of our own are replaced by layers of Keras with the same weights and outputs.
    """
    import keras

    def converted(layer: "keras.layers.Layer") -> "keras.layers.Layer":
        return layer.to_keras() if hasattr(layer, "to_keras") else layer.__class__.from_config(layer.get_config())

    if not any(hasattr(layer, "to_keras") for layer in model._flatten_layers()):
        model.save(path)
        return
    twin = keras.models.clone_model(model, clone_function=converted, recursive=True)
    both = ([each for each in network.weights if "seed_generator" not in each.path] for network in (twin, model))
    for weight, value in zip(*both, strict=True):
        weight.assign(value)
    twin.save(path)
