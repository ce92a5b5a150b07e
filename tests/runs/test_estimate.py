from dataclasses import replace
from pathlib import Path

import pytest

from har.clips import ClipSpec
from har.datasets import Dataset, LabelledVideo
from har.errors import TrainingTooLarge
from har.networks import NETWORKS
from har.recipe import recipe_for
from har.runs import Plan, Run, estimate, group_runs
from har.runs import estimate as estimate_function
from har.runs.estimate import _bytes


def clips(count: int) -> Dataset:
    return Dataset("d", "D", tuple(LabelledVideo(Path(f"{number}.mp4"), "ab"[number % 2]) for number in range(count)))


@pytest.mark.parametrize("network", [name for name, entry in NETWORKS.items() if entry.trainable])
def test_every_network_can_be_estimated_and_more_clips_take_longer(network: str) -> None:
    recipe = recipe_for(network)
    few, many = estimate(clips(40), recipe), estimate(clips(120), recipe)
    assert 0 < few.seconds < many.seconds
    assert few.memory_bytes < 2 << 30
    assert many.clips == 120


def test_layers_that_are_solved_at_the_end_need_room() -> None:
    recipe = recipe_for("lrcn-lite0")
    without = estimate(clips(40), replace(recipe, options={"motion": True}))
    assert estimate(clips(40), recipe).memory_bytes - without.memory_bytes > 2 * 8 * 2560**2  # the sums alone


def test_what_takes_too_long_is_refused_with_a_reason() -> None:
    with pytest.raises(TrainingTooLarge, match=r"hours.*At most 3.0 hours"):
        estimate_function(clips(40_000), recipe_for("convlstm"))


def test_what_takes_too_much_memory_is_refused_with_a_reason() -> None:
    huge = recipe_for("convlstm", spec=ClipSpec(height=224, width=224), batch_size=64, epochs=1)
    with pytest.raises(TrainingTooLarge, match="GB of memory"):
        estimate_function(clips(20), huge)


@pytest.mark.parametrize(
    ("text", "expected"), [("2GiB", 2 << 30), ("1.5 GB", 1_500_000_000), ("800MiB", 800 << 20), ("auto", None)]
)
def test_a_workers_memory_is_read_as_dask_reads_it(text: str, expected: int | None) -> None:
    assert _bytes(text) == expected


def test_runs_that_differ_in_the_seed_are_one_experiment(plan: Plan, finished: Run) -> None:
    same = replace(finished, id="b" * 22, plan=replace(plan, recipe=replace(plan.recipe, seed=1)))
    other = replace(finished, id="c" * 22, plan=replace(plan, recipe=replace(plan.recipe, flip=False)))
    waiting = Run("d" * 22, replace(plan, recipe=replace(plan.recipe, seed=2)), None)
    groups = group_runs([finished, other, same, waiting])
    assert [[run.id for run in group.runs] for group in groups] == [[finished.id, "b" * 22, "d" * 22], ["c" * 22]]
    assert finished.outcome is not None
    assert finished.outcome.examination is not None
    assert groups[0].mean == finished.outcome.examination.report.accuracy
    assert groups[0].spread == 0.0
    assert groups[1].spread is None
