import pytest

from har.errors import OptionsError
from har.networks import NETWORKS
from har.recipe import default_network, default_preset, first_choices, recipe_for


def test_the_default_recipe_of_each_network_has_its_clip_spec() -> None:
    for name, entry in NETWORKS.items():
        if entry.trainable:
            assert recipe_for(name).spec == entry.spec
        else:
            with pytest.raises(OptionsError, match="cannot be trained"):
                recipe_for(name)


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
def test_numbers_out_of_range_are_refused_by_name(change: dict[str, float | str]) -> None:
    (name,) = change
    with pytest.raises(OptionsError, match=name.replace("_", " ")):
        recipe_for("lrcn", **change)


def test_the_default_preset_is_the_one_named_after_the_data_set() -> None:
    assert default_preset("lrcn", "figures") == default_preset("convlstm", "figures") == "figures"
    assert default_preset("lrcn", "my clips") == default_preset("lrcn-lite0", "figures") == "own"


def test_an_unknown_preset_is_refused_with_a_list_of_the_known_ones() -> None:
    with pytest.raises(OptionsError, match="own, figures, tutorial"):
        recipe_for("lrcn", "unknown")


@pytest.mark.parametrize(("clips", "steps"), [(450, 1300), (10_000, 1300), (212, 892), (73, 524), (1, 100)])
def test_fewer_clips_get_fewer_pretraining_steps(clips, steps):
    assert recipe_for("lrcn").frame_steps_for(clips) == steps


def test_pretraining_steps_never_exceed_the_recipe():
    assert recipe_for("lrcn", frame_steps=5).frame_steps_for(1) == 5
    assert recipe_for("lrcn", "tutorial").frame_steps_for(1000) == 0


def test_the_default_network_suits_the_data_and_what_can_be_had(override) -> None:
    assert (default_network("figures"), default_network("mine")) == ("lrcn", "lrcn")
    override(movinet_url="https://example.org/file")
    assert (default_network("figures"), default_network("mine")) == ("lrcn", "movinet-head")
    assert default_network("own") == "movinet-head"  # as all visitors' sets are called


def test_few_real_clips_get_a_pretrained_network() -> None:
    assert (default_network("mine", 60), default_network("mine", 5000)) == ("lrcn-lite0", "lrcn")
    assert default_network("figures", 60) == "lrcn"


def test_first_choices_have_one_network_for_each_purpose(override) -> None:
    assert first_choices("figures") == ["lrcn", "convlstm"]
    assert first_choices("mine") == first_choices("own") == ["lrcn", "lrcn-lite0"]
    override(movinet_url="https://example.org/file")
    assert first_choices("figures") == ["lrcn", "convlstm"]
    assert first_choices("mine") == ["movinet-head", "lrcn"]
