"""A network as a file that Keras alone can read, for use elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def save_portable(model: "keras.Model", path: Path) -> None:
    """Write a `.keras` file that `keras.saving.load_model` opens without this project.

    Layers of our own are replaced by those of Keras that have the same weights and give the same answers.

    Args:
        model: a network of the registry, with its weights.
        path: must end in `.keras`.
    """
    import keras

    from har.networks.convlstm import ConvLSTM

    def swapped(layer: "keras.layers.Layer") -> "keras.layers.Layer":
        if isinstance(layer, ConvLSTM):
            return keras.layers.ConvLSTM2D(
                layer.filters,
                layer.kernel_size,
                recurrent_dropout=layer.recurrent_dropout,
                return_sequences=True,
                name=layer.name,
            )
        return layer.__class__.from_config(layer.get_config())

    if not any(isinstance(layer, ConvLSTM) for layer in model._flatten_layers()):
        model.save(path)
        return
    twin = keras.models.clone_model(model, clone_function=swapped, recursive=True)
    ours = [weight for weight in model.weights if "seed_generator" not in weight.path]
    theirs = [weight for weight in twin.weights if "seed_generator" not in weight.path]
    for weight, value in zip(theirs, ours, strict=True):
        weight.assign(value)
    twin.save(path)
