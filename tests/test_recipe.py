import pytest

from har.errors import OptionsError
from har.networks import NETWORKS
from har.recipe import recipe_for


def test_every_trainable_network_has_a_recipe_for_the_input_it_was_designed_for() -> None:
    for name, entry in NETWORKS.items():
        if entry.trainable:
            assert recipe_for(name).spec == entry.spec
        else:
            with pytest.raises(OptionsError, match="recipes for"):
                recipe_for(name)


def test_choices_can_be_made_otherwise() -> None:
    recipe = recipe_for("lrcn", epochs=3, split="random")
    assert (recipe.network, recipe.epochs, recipe.split) == ("lrcn", 3, "random")


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"seed": -1},
        {"validation_share": 1.0},
        {"brightness": -0.1},
    ],
)
def test_numbers_that_cannot_be_meant_are_refused_by_name(change: dict[str, float | str]) -> None:
    (name,) = change
    with pytest.raises(OptionsError, match=name.replace("_", " ")):
        recipe_for("lrcn", **change)
