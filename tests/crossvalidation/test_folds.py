import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from har.clips import ClipSpec
from har.crossvalidation import LEDGER, CrossValidationOptions, crossvalidate, folds
from har.datasets import open_dataset
from har.errors import DatasetMissing, DatasetTooSmall, StopRequested, TrainingFailed
from har.recipe import recipe_for
from har.video import write_video

GROUPS = ("g01", "g02", "g03")


def growing(dark: bool, group: int) -> Iterator[np.ndarray]:
    for step in range(8):
        frame = np.full((64, 64, 3), 30 if dark else 220, np.uint8)
        frame[: 5 + step, 10 * group : 10 * group + 8] = 128
        yield frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six clips of two labels in three groups."""
    folder = tmp_path_factory.mktemp("shades")
    for label in ("bright", "dark"):
        (folder / label).mkdir()
        for group in (1, 2, 3):
            path = folder / label / f"v_{label}_g{group:02}_c01.mp4"
            write_video(path, growing(label == "dark", group), Fraction(10))
    return folder


@pytest.fixture(scope="module")
def options(folder):
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    recipe = recipe_for("lrcn", spec=spec, epochs=1, batch_size=4, warmup_epochs=0, frame_steps=0)
    return CrossValidationOptions(str(folder), None, recipe)


@pytest.fixture
def trained(monkeypatch):
    """Which trainings were asked for; nothing is trained."""
    asked = []

    def train_fold(seed, group, shared, on_event):
        asked.append((seed, group))
        on_event(None)
        if group in failing:
            raise TrainingFailed("A loss of nan.", "A number was expected.", "Lower the rate.")
        return {"right": 1, "count": 2, "clips": []}

    failing = set()
    monkeypatch.setattr(folds, "train_fold", train_fold)
    train_fold.asked, train_fold.failing = asked, failing
    return train_fold


def test_a_group_is_tested_by_a_training_without_it(options):
    shared = folds._Shared(options, folds.clips_fingerprint(open_dataset(options.dataset)))
    facts = folds.train_fold(0, "g02", shared)
    assert {(clip["clip"], clip["label"]) for clip in facts["clips"]} == {
        ("bright/v_bright_g02_c01.mp4", "bright"),
        ("dark/v_dark_g02_c01.mp4", "dark"),
    }
    assert facts["right"] == sum(clip["label"] == clip["predicted"] for clip in facts["clips"])
    assert (facts["count"], facts["epochs"]) == (2, 1)
    assert set(facts["orders"]) == {"shuffled", "reversed", "frozen"}
    json.dumps(facts, allow_nan=False)


def test_each_group_has_its_turn(options, trained, tmp_path):
    events = []
    found = crossvalidate(options, str(tmp_path), 0, events.append)
    assert [(row["seed"], row["group"]) for row in found.done] == [(0, group) for group in GROUPS]
    assert found.labels == ("bright", "dark")
    assert (events[0].done, events[-1].done, events[-1].total) == (0, 3, 3)
    assert len((tmp_path / LEDGER).read_text().splitlines()) == 3


def test_what_is_done_is_not_trained_again_unless_the_recipe_or_the_clips_differ(options, trained, tmp_path, folder):
    two = replace(options, seeds=2)
    trained.failing.add("g02")
    found = crossvalidate(two, str(tmp_path), 0)
    assert trained.asked == [(seed, group) for seed in (0, 1) for group in GROUPS]
    assert [(row["fold"], row["error"]) for row in found.failed] == [
        ("seed 0, g02", "TrainingFailed"),
        ("seed 1, g02", "TrainingFailed"),
    ]
    trained.asked.clear()
    trained.failing.clear()
    found = crossvalidate(two, str(tmp_path), 0)
    assert trained.asked == [(0, "g02"), (1, "g02")]
    assert len(found.done) == 6
    assert found.failed == ()
    trained.asked.clear()
    three = replace(options, seeds=3)  # more seeds are more of the same
    assert len(crossvalidate(three, str(tmp_path), 0).done) == 9
    assert trained.asked == [(2, group) for group in GROUPS]
    trained.asked.clear()
    other = replace(options, recipe=replace(options.recipe, epochs=2))
    assert len(crossvalidate(other, str(tmp_path), 0).done) == 3
    assert len(trained.asked) == 3
    (folder / "dark/v_dark_g03_c02.mp4").write_bytes((folder / "dark/v_dark_g03_c01.mp4").read_bytes())
    try:
        assert len(crossvalidate(other, str(tmp_path), 0).done) == 3
        assert len(trained.asked) == 6
    finally:
        (folder / "dark/v_dark_g03_c02.mp4").unlink()


def test_stopping_keeps_the_trainings_that_are_over(options, trained, tmp_path):
    def stop(event):
        if event.done == 2:
            raise StopRequested

    with pytest.raises(StopRequested):
        crossvalidate(options, str(tmp_path), 0, stop)
    assert [json.loads(line)["group"] for line in (tmp_path / LEDGER).read_text().splitlines()] == ["g01", "g02"]
    trained.asked.clear()
    crossvalidate(options, str(tmp_path), 0)
    assert trained.asked == [(0, "g03")]


def test_clips_without_groups_and_too_few_groups_are_refused_before_any_training(options, trained, folder, tmp_path):
    for number, groups in enumerate((GROUPS[:2], ("", ""))):
        few = tmp_path / str(number)
        for label in ("bright", "dark"):
            (few / label).mkdir(parents=True)
            for place, group in enumerate(groups):
                name = f"v_{label}_{group}_c01.mp4" if group else f"{place}.mp4"
                content = (folder / label / f"v_{label}_g01_c01.mp4").read_bytes()
                (few / label / name).write_bytes(content)
        with pytest.raises(DatasetTooSmall):
            crossvalidate(replace(options, dataset=str(few)), str(tmp_path / "out"), 0)
    assert trained.asked == []
    assert not (tmp_path / "out").exists()


def test_a_worker_with_other_clips_refuses(options):
    with pytest.raises(DatasetMissing, match="other clips"):
        folds.train_fold(0, "g01", folds._Shared(options, "another"))


def test_half_a_training_is_none(options, monkeypatch):
    monkeypatch.setattr(folds, "train", lambda *rest, **more: SimpleNamespace(stopped=True, examination=None))
    shared = folds._Shared(options, folds.clips_fingerprint(open_dataset(options.dataset)))
    with pytest.raises(StopRequested):
        folds.train_fold(0, "g01", shared)
