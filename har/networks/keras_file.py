"""A network as a `.keras` file that Keras opens without this project."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def save_keras_file(model: "keras.Model", path: Path) -> None:
    """Write a `.keras` file for `keras.saving.load_model`.

    Layers of our own are replaced by layers of Keras with the same weights and outputs.

    Args:
        model: a network of the registry, with its weights.
        path: must end in `.keras`.
    """
    import keras

    def converted(layer: "keras.layers.Layer") -> "keras.layers.Layer":
        return layer.to_keras() if hasattr(layer, "to_keras") else layer.__class__.from_config(layer.get_config())

    if not any(hasattr(layer, "to_keras") for layer in model._flatten_layers()):
        model.save(path)
        return
    twin = keras.models.clone_model(model, clone_function=converted, recursive=True)
    ours, theirs = (
        [weight for weight in each.weights if "seed_generator" not in weight.path] for each in (model, twin)
    )
    for weight, value in zip(theirs, ours, strict=True):
        weight.assign(value)
    twin.save(path)
