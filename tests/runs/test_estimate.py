from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from har.clips import ClipSpec
from har.datasets import Dataset, LabelledVideo
from har.datasets.figures import list_figures
from har.errors import TrainingTooLarge
from har.networks import NETWORKS
from har.recipe import Recipe, recipe_for
from har.runs import Plan, Run, estimate, group_runs
from har.settings import Settings


def clips(count: int) -> Dataset:
    return Dataset("d", "D", tuple(LabelledVideo(Path(f"{number}.mp4"), "ab"[number % 2]) for number in range(count)))


@pytest.mark.parametrize("network", [name for name, entry in NETWORKS.items() if entry.trainable])
def test_more_clips_take_longer_with_every_network(network: str) -> None:
    recipe = recipe_for(network)
    few, many = estimate(clips(40), recipe), estimate(clips(120), recipe)
    assert 0 < few.seconds < many.seconds
    assert few.memory_bytes < 2 << 30
    assert many.clips == 120


def test_clips_of_the_generated_set_that_are_not_drawn_yet_take_longer(tmp_path: Path) -> None:
    figures, recipe = list_figures(["Wave"], root=tmp_path), recipe_for("lrcn")
    missing = estimate(figures, recipe)
    for video in figures.videos:
        video.path.parent.mkdir(exist_ok=True)
        video.path.touch()
    drawn = estimate(figures, recipe)
    assert 10 < missing.seconds - drawn.seconds < 100  # of 100 clips
    assert missing.cost_sec == drawn.cost_sec


def test_solved_layers_need_memory() -> None:
    recipe = recipe_for("lrcn-lite0")
    without = estimate(clips(40), replace(recipe, options={"motion": True}))
    assert estimate(clips(40), recipe).memory_bytes - without.memory_bytes > 2 * 8 * 2560**2  # the running sums


@pytest.mark.promise("jobs", "A training too large for the machine is refused before it starts")
@pytest.mark.parametrize(
    ("clip_count", "recipe", "message"),
    [
        (40_000, recipe_for("convlstm"), r"hours.*At most 3.0 hours"),
        (20, recipe_for("convlstm", spec=ClipSpec(height=224, width=224), batch_size=64, epochs=1), "GB of memory"),
    ],
    ids=["time", "memory"],
)
def test_trainings_that_take_too_much_are_refused(clip_count: int, recipe: Recipe, message: str) -> None:
    with pytest.raises(TrainingTooLarge, match=message):
        estimate(clips(clip_count), recipe)


@pytest.mark.parametrize(("worker_memory", "refused"), [("1.5 GB", False), ("800MiB", True)])
def test_a_training_may_take_the_memory_of_a_worker(
    override: Callable[..., Settings], worker_memory: str, refused: bool
) -> None:
    override(worker_memory=Settings(worker_memory=worker_memory).worker_memory)
    with pytest.raises(TrainingTooLarge, match=r"0\.8 GB") if refused else nullcontext():
        estimate(clips(20), recipe_for("lrcn"))


@pytest.mark.training
def test_runs_that_differ_only_in_the_seed_are_grouped(plan: Plan, finished: Run) -> None:
    same = replace(finished, id="b" * 22, plan=replace(plan, recipe=replace(plan.recipe, seed=1)))
    other = replace(finished, id="c" * 22, plan=replace(plan, recipe=replace(plan.recipe, flip=False)))
    waiting = Run("d" * 22, replace(plan, recipe=replace(plan.recipe, seed=2)), None)
    groups = group_runs([finished, other, same, waiting])
    assert [[run.id for run in group.runs] for group in groups] == [[finished.id, "b" * 22, "d" * 22], ["c" * 22]]
    assert groups[0].mean == finished.outcome.examination.report.accuracy
    assert groups[0].spread == 0.0
    assert groups[1].spread is None
