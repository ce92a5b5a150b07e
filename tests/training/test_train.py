from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.clips import decode
from har.datasets import Dataset, splits
from har.errors import DatasetMissing, DatasetTooSmall, StopRequested, TrainingFailed
from har.evaluation import unseen
from har.progress import Progress, Stage, ignore
from har.recipe import Recipe, recipe_for
from har.training import BatchRecord, EpochRecord, Resumed, TrainingResult, steps, train
from har.training.examples import decode_all
from har.training.pretraining import pretrain_on_frames
from har.video import probe
from tests.training.conftest import Killed, raise_if

pytestmark = pytest.mark.training
Condition = Callable[[Progress], bool]


@pytest.fixture(scope="module")
def progress() -> list[Progress]:
    return []


@pytest.fixture(scope="module")
def result(squares: Dataset, recipe: Recipe, progress: list[Progress]) -> TrainingResult:
    return train(squares, recipe, progress.append)


@pytest.fixture
def short(recipe: Recipe) -> Recipe:
    """One epoch, without pretraining."""
    return replace(recipe, epochs=1, frame_steps=0)


def in_stage(stage: Stage) -> Condition:
    return lambda progress: progress.stage is stage


def is_batch_of_epoch_2(progress: Progress) -> bool:
    return isinstance(progress.event, BatchRecord) and progress.event.epoch == 2


def events(progress: list[Progress], kind: type) -> list[object]:
    return [each.event for each in progress if isinstance(each.event, kind)]


def test_every_step_is_reported(result: TrainingResult, progress: list[Progress]) -> None:
    stages = [each.stage for each in progress]
    assert (
        stages
        == [Stage.SCAN_VIDEOS] * 10 + [Stage.DECODE] * 8 + [Stage.PRETRAIN] + [Stage.TRAIN] * 9 + [Stage.TEST] * 4
    )
    assert progress[-1] == Progress(Stage.TEST, 4, 4)
    training = [each for each in progress if each.stage is Stage.TRAIN]
    assert [type(each.event) for each in training] == [BatchRecord, BatchRecord, EpochRecord] * 3
    assert [each.done for each in training] == sorted(each.done for each in training)
    assert training[-1].fraction == 1
    assert training[0].text.startswith("Epoch 1 of 3 · step 1 of 2 · loss ")
    assert training[1].text.startswith("Epoch 1 of 3 · step 2 of 2 · loss ")
    epochs = events(progress, EpochRecord)
    assert tuple(epochs) == result.outcome.history
    assert [epoch.epoch for epoch in result.outcome.history] == [1, 2, 3]
    assert result.outcome.history[0].best


def test_the_best_epoch_is_the_one_with_the_lowest_validation_loss(result: TrainingResult) -> None:
    outcome = result.outcome
    assert outcome.best.validation_loss == min(epoch.validation_loss for epoch in outcome.history)
    assert [epoch for epoch in outcome.history if epoch.best][-1] == outcome.best


def test_the_card_describes_the_training(result: TrainingResult, squares: Dataset, recipe: Recipe) -> None:
    card, evaluation = result.classifier.card, result.outcome.examination
    assert card.labels == ("rise", "sink")
    assert card.spec == recipe.test_spec
    assert card.recipe["seed"] == recipe.seed
    assert card.data.name == "squares"
    assert {video.content for video in card.data.trained} == {video.content for video in result.split.train}
    assert {video.content for video in card.data.validated} == {video.content for video in result.split.validation}
    assert {video.path for video in card.data.seen} <= {f"{v.label}/{v.path.name}" for v in squares.videos}
    assert set(unseen(card, squares)) == set(result.split.test)
    assert (card.figures[0].metric, card.figures[0].value) == ("accuracy", evaluation.report.accuracy)
    assert "never trained on" in card.figures[0].data
    assert (card.temperature, card.threshold) == (evaluation.calibration.temperature, evaluation.calibration.threshold)


def test_training_goes_on_without_clips_that_cannot_be_read_and_with_guessed_groups(
    squares: Dataset, short: Recipe, tmp_path: Path
) -> None:
    broken = []
    for name in ("truncated.mp4", "empty.mp4"):
        path = tmp_path / "sink" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(squares.videos[-1].path.read_bytes()[: 900 if name == "truncated.mp4" else 0])
        broken.append(replace(squares.videos[-1], path=path))
    videos = tuple(replace(video, group=None) for video in (*squares.videos, *broken))
    progress: list[Progress] = []
    outcome = train(replace(squares, videos=videos), short, progress.append).outcome
    assert {item.name for item in outcome.skipped} == {"sink/truncated.mp4", "sink/empty.mp4"}
    split = outcome.split
    assert split.train + split.validation + split.test == len(squares.videos)
    assert split.note is not None
    assert split.guessed_groups
    assert Stage.COMPARE_VIDEOS in {report.stage for report in progress}
    all_broken = replace(squares, videos=tuple(replace(video, path=broken[0].path) for video in squares.videos))
    with pytest.raises(DatasetMissing, match=rf"None of the {len(squares.videos)} videos.*sink/"):
        train(all_broken, short)


@pytest.fixture(scope="module")
def untested(squares: Dataset, recipe: Recipe) -> TrainingResult:
    """Trained without test clips."""
    whole = splits.split_dataset(squares, "grouped", 0, 0.2, 0.2)
    split = replace(whole, train=whole.train + whole.test, test=())
    return train(squares, replace(recipe, epochs=1, frame_steps=0, test_zoom=1.5), split=split)


def test_validation_uses_the_zoom_of_the_classifier(untested: TrainingResult, squares: Dataset, recipe: Recipe) -> None:
    spec = untested.classifier.card.spec
    assert spec == replace(recipe.spec, zoom=1.5)
    losses = []
    for video in untested.split.validation:
        samples = decode(probe(video.path), spec)
        first = (len(samples) - spec.frames) // 2
        probabilities = untested.classifier.model(samples[None, first : first + spec.frames]).numpy()[0]
        losses.append(-np.log(probabilities[squares.labels.index(video.label)]))
    assert np.mean(losses) == pytest.approx(untested.outcome.best.validation_loss, abs=1e-5)


def test_without_test_clips_only_the_calibration_is_fitted(untested: TrainingResult) -> None:
    assert untested.outcome.examination is None
    assert not untested.outcome.stopped
    assert untested.classifier.card.threshold is not None
    assert len(untested.classifier.card.figures) == 1


def test_training_learns_an_easy_task(squares: Dataset, recipe: Recipe) -> None:
    """Videos with dark and bright backgrounds."""
    labels = {"g00": "dark", "g01": "dark", "g03": "bright", "g04": "bright"}
    videos = (
        replace(video, label=labels[video.group], group=f"{video.label}{video.group}")
        for video in squares.videos
        if video.group in labels
    )
    unchanged = {"brightness": 0.0, "contrast": 0.0, "mixup": 0.0, "smoothing": 0.0}
    easy = replace(recipe, epochs=40, patience=40, frame_steps=60, **unchanged)
    outcome = train(replace(squares, videos=tuple(videos)), easy).outcome
    assert outcome.best.validation_loss < 0.5
    assert outcome.examination.report.accuracy == 1.0


def test_stopping_keeps_the_best_epoch_and_tests_it(squares: Dataset, recipe: Recipe) -> None:
    """Also if it is stopped again during the test."""
    stop = raise_if(lambda progress: is_batch_of_epoch_2(progress) or progress.stage is Stage.TEST)
    result = train(squares, replace(recipe, frame_steps=0), stop)
    assert result.outcome.stopped
    assert [epoch.epoch for epoch in result.outcome.history] == [1]
    assert len(result.outcome.examination.report.clips) == len(result.split.test)


@pytest.mark.parametrize("stage", [Stage.DECODE, Stage.PRETRAIN, Stage.TRAIN])
def test_stopping_before_the_first_epoch_returns_nothing(squares: Dataset, recipe: Recipe, stage: Stage) -> None:
    with pytest.raises(StopRequested):
        train(squares, recipe, raise_if(in_stage(stage)))


@pytest.mark.promise("numbers", "The same seed gives the same weights")
@pytest.mark.promise("jobs", "A resumed training gives the same result")
def test_an_interrupted_training_resumes_with_the_same_result(
    result: TrainingResult, squares: Dataset, recipe: Recipe, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    with pytest.raises(Killed):
        train(squares, recipe, raise_if(is_batch_of_epoch_2, Killed), checkpoint)
    progress: list[Progress] = []
    resumed = train(squares, recipe, progress.append, checkpoint)
    assert events(progress, Resumed) == [Resumed(1)]
    assert not any(each.stage is Stage.PRETRAIN for each in progress)
    losses = ([epoch.validation_loss for epoch in each.outcome.history] for each in (result, resumed))
    assert next(losses) == next(losses)
    weights = (each.classifier.model.get_weights() for each in (result, resumed))
    for array, same in zip(*weights, strict=True):
        np.testing.assert_array_equal(array, same)


def test_stopping_during_the_test_keeps_the_classifier_which_is_not_trained_again(
    squares: Dataset, short: Recipe, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    checkpoint.write_bytes(b"PK and no more")  # a damaged one is ignored
    progress: list[Progress] = []

    def stop(each: Progress) -> None:
        progress.append(each)
        raise_if(in_stage(Stage.TEST))(each)

    stopped = train(squares, short, stop, checkpoint)
    assert not events(progress, Resumed)
    assert stopped.outcome.stopped
    assert len(stopped.outcome.history) == 1
    assert stopped.outcome.examination is None
    assert len(stopped.classifier.card.figures) == 1
    assert stopped.classifier.card.threshold is not None
    assert stopped.classifier.card.temperature != 1
    progress.clear()
    again = train(squares, short, progress.append, checkpoint)
    assert not events(progress, BatchRecord)
    assert again.outcome.best == stopped.outcome.best
    assert again.outcome.examination is not None


def test_the_tutorial_recipe_trains(squares: Dataset, recipe: Recipe) -> None:
    tutorial = recipe_for("convlstm", "tutorial", spec=replace(recipe.spec, height=32, width=32), epochs=1)
    assert train(squares, tutorial).classifier.card.options == {"plain": True}


def test_pretraining_on_frames_determines_the_first_predictions_for_clips(squares: Dataset, recipe: Recipe) -> None:
    model = networks.build("lrcn", 2, recipe.spec, wide=True)
    examples = decode_all(squares.videos, squares.labels, recipe)
    pretrain_on_frames(model, examples, recipe, ignore)
    encoder, head = networks.encoder_and_head(model)
    clip = np.stack([examples.samples[0][:1].repeat(recipe.spec.frames, axis=0)])
    kernel, bias = head.get_layer("frame_labels").get_weights()
    logits = np.asarray(encoder(clip[0, :1], training=False)) @ kernel + bias
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(np.asarray(model(clip, training=False)), expected, atol=1e-5)
    assert np.abs(bias).max() > 0


def test_training_ends_when_patience_runs_out(squares: Dataset, short: Recipe) -> None:
    """With a rate at which nothing is learnt."""
    outcome = train(squares, replace(short, epochs=10, patience=2, learning_rate=1.0)).outcome
    assert not outcome.stopped
    assert len(outcome.history) == outcome.best.epoch + 2 < 10


def test_a_loss_that_is_not_a_number_is_an_error(
    squares: Dataset, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = steps._losses

    def broken(probabilities: object, targets: object) -> tuple[object, object]:
        values, right = losses(probabilities, targets)
        return values * np.nan, right

    monkeypatch.setattr(steps, "_losses", broken)
    with pytest.raises(TrainingFailed, match="loss became nan"):
        train(squares, recipe)


def test_too_few_groups_are_refused_before_anything_is_decoded(squares: Dataset, recipe: Recipe) -> None:
    few = replace(squares, videos=tuple(video for video in squares.videos if video.group in ("g00", "g01")))
    progress: list[Progress] = []
    with pytest.raises(DatasetTooSmall):
        train(few, recipe, progress.append)
    assert not progress
