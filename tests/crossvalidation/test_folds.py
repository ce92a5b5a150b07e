import json
import shutil
from dataclasses import replace

import pytest

from har.clips import ClipSpec
from har.crossvalidation import CrossValidationOptions, crossvalidate, folds
from har.crossvalidation.folds import MANIFEST
from har.datasets import open_dataset
from har.errors import DatasetMissing, DatasetTooSmall, StopRequested, TrainingFailed
from har.progress import Progress, Stage
from har.recipe import recipe_for
from har.training import EpochRecord
from tests.tiny_clips import write_shades

GROUPS = ("g01", "g02", "g03")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six clips of two labels in three groups."""
    return write_shades(tmp_path_factory.mktemp("shades"), (1, 2, 3), frame_count=8)


@pytest.fixture(scope="module")
def options(folder):
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    recipe = recipe_for("lrcn", spec=spec, epochs=1, batch_size=4, warmup_epochs=0, frame_steps=0)
    return CrossValidationOptions(str(folder), None, recipe)


@pytest.fixture
def trained(monkeypatch):
    """Records which folds are trained instead of training them; those of groups in `failing` fail."""
    calls, failing = [], set()

    def train_fold(seed, group, shared, on_progress):
        calls.append((seed, group))
        on_progress(Progress(Stage.TRAIN, 1, 1))
        if group in failing:
            raise TrainingFailed("A loss of nan.", "A number was expected.", "Lower the rate.")
        return {"right": 1, "count": 2, "clips": []}

    monkeypatch.setattr(folds, "train_fold", train_fold)
    train_fold.calls, train_fold.failing = calls, failing
    return train_fold


def shared_options(options):
    return folds._Shared(options, folds.clips_fingerprint(open_dataset(options.dataset)))


@pytest.mark.training
def test_a_fold_tests_the_group_that_it_was_trained_without(options):
    summary = folds.train_fold(0, "g02", shared_options(options))
    assert {(clip["clip"], clip["label"]) for clip in summary["clips"]} == {
        ("bright/v_bright_g02_c01.mp4", "bright"),
        ("dark/v_dark_g02_c01.mp4", "dark"),
    }
    assert summary["right"] == sum(clip["label"] == clip["predicted"] for clip in summary["clips"])
    assert (summary["count"], summary["epochs"]) == (2, 1)
    assert set(summary["orders"]) == {"shuffled", "reversed", "frozen"}
    json.dumps(summary, allow_nan=False)


@pytest.mark.training
def test_of_two_groups_each_can_be_left_out_where_no_group_is_spared_for_validation(options, tmp_path):
    folder = write_shades(tmp_path, (1, 2, 3, 4), frame_count=8)
    for path in list(folder.glob("*/*.mp4")):
        number = int(path.stem.split("_g")[1][:2])
        path.rename(path.with_name(f"take_g{(number + 1) // 2:02}_c{number:02}.mp4"))
    options = replace(options, dataset=str(folder))
    with pytest.raises(DatasetTooSmall):
        folds.train_fold(0, "g02", shared_options(options))
    summary = folds.train_fold(0, "g02", shared_options(replace(options, recipe=replace(options.recipe, split="all"))))
    assert sorted(clip["clip"] for clip in summary["clips"]) == [
        f"{label}/take_g02_c0{number}.mp4" for label in ("bright", "dark") for number in (3, 4)
    ]


@pytest.mark.training
def test_a_fold_that_is_stopped_has_no_result(options):
    def stop(progress):
        if isinstance(progress.event, EpochRecord):
            raise StopRequested

    with pytest.raises(StopRequested):
        folds.train_fold(0, "g01", shared_options(options), stop)


def test_a_worker_with_other_clips_refuses(options):
    with pytest.raises(DatasetMissing, match="different clips"):
        folds.train_fold(0, "g01", folds._Shared(options, "another"))


def test_each_group_is_left_out_once(options, trained, tmp_path):
    progress = []
    result = crossvalidate(options, str(tmp_path), 0, progress.append)
    assert [(row["seed"], row["group"]) for row in result.done] == [(0, group) for group in GROUPS]
    assert result.labels == ("bright", "dark")
    trained_folds = [each for each in progress if each.stage is Stage.TASKS]
    assert (trained_folds[0].done, trained_folds[-1].done, trained_folds[-1].total) == (0, 3, 3)
    assert progress[-1].text == "3 of 3 folds"
    assert len((tmp_path / MANIFEST).read_text().splitlines()) == 3


def test_clips_that_cannot_be_read_are_left_out_and_named(options, trained, tmp_path, folder):
    copied = shutil.copytree(folder, tmp_path / "set")
    for name in ("dark/v_dark_g02_c02.mp4", "dark/v_dark_g09_c01.mp4"):
        (copied / name).write_bytes(b"no video")
    result = crossvalidate(replace(options, dataset=str(copied)), str(tmp_path / "out"), 0)
    assert [row["group"] for row in result.done] == list(GROUPS)  # not g09
    assert [item.name for item in result.skipped] == ["dark/v_dark_g02_c02.mp4", "dark/v_dark_g09_c01.mp4"]


def test_finished_folds_are_not_repeated_unless_recipe_or_clips_differ(options, trained, tmp_path, folder):
    def run(options):
        trained.calls.clear()
        return crossvalidate(options, str(tmp_path), 0)

    two_seeds = replace(options, seeds=2)
    trained.failing.add("g02")
    result = run(two_seeds)
    assert trained.calls == [(seed, group) for seed in (0, 1) for group in GROUPS]
    failed = [(row["fold"], row["error"]) for row in result.failed]
    assert failed == [("seed 0, g02", "TrainingFailed"), ("seed 1, g02", "TrainingFailed")]
    trained.failing.clear()
    result = run(two_seeds)
    assert trained.calls == [(0, "g02"), (1, "g02")]
    assert (len(result.done), result.failed) == (6, ())
    assert len(run(replace(options, seeds=3)).done) == 9
    assert trained.calls == [(2, group) for group in GROUPS]
    other_recipe = replace(options, recipe=replace(options.recipe, epochs=2))
    assert len(run(other_recipe).done) == 3
    assert len(trained.calls) == 3
    added = folder / "dark/v_dark_g03_c02.mp4"
    added.write_bytes((folder / "dark/v_dark_g03_c01.mp4").read_bytes())
    try:
        assert len(run(other_recipe).done) == 3
        assert len(trained.calls) == 3
    finally:
        added.unlink()


def test_an_interrupted_crossvalidation_resumes(options, trained, tmp_path):
    def stop(progress):
        if progress.stage is Stage.TASKS and progress.done == 2:
            raise StopRequested

    with pytest.raises(StopRequested):
        crossvalidate(options, str(tmp_path), 0, stop)
    assert [json.loads(line)["group"] for line in (tmp_path / MANIFEST).read_text().splitlines()] == ["g01", "g02"]
    trained.calls.clear()
    crossvalidate(options, str(tmp_path), 0)
    assert trained.calls == [(0, "g03")]


@pytest.mark.parametrize("groups", [GROUPS[:2], ("", "")], ids=["too few", "unknown"])
def test_unsuitable_groups_are_refused_before_any_training(options, trained, folder, tmp_path, groups):
    for label in ("bright", "dark"):
        (tmp_path / "few" / label).mkdir(parents=True)
        content = (folder / label / f"v_{label}_g01_c01.mp4").read_bytes()
        for number, group in enumerate(groups):
            name = f"v_{label}_{group}_c01.mp4" if group else f"{number}.mp4"
            (tmp_path / "few" / label / name).write_bytes(content)
    with pytest.raises(DatasetTooSmall):
        crossvalidate(replace(options, dataset=str(tmp_path / "few")), str(tmp_path / "out"), 0)
    assert trained.calls == []
    assert not (tmp_path / "out").exists()
