from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har.classifier import load, save
from har.clips import decode
from har.datasets import Dataset, splits
from har.errors import DatasetTooSmall, StopRequested, TrainingFailed
from har.evaluation import unseen
from har.recipe import Recipe, recipe_for
from har.training import BatchDone, Decoding, EpochDone, FramesDone, TrainingEvent, TrainingResult, train
from har.training import events as told
from har.video import probe


@pytest.fixture(scope="module")
def events() -> list[TrainingEvent]:
    return []


@pytest.fixture(scope="module")
def result(squares: Dataset, recipe: Recipe, events: list[TrainingEvent]) -> TrainingResult:
    return train(squares, recipe, events.append)


def stop_at(condition: Callable[[TrainingEvent], bool]) -> Callable[[TrainingEvent], None]:
    def on_event(event: TrainingEvent) -> None:
        if condition(event):
            raise StopRequested

    return on_event


def late(event: BatchDone | told.Testing) -> bool:
    return isinstance(event, told.Testing) or event.epoch == 2


def test_events_tell_of_every_step(result: TrainingResult, events: list[TrainingEvent]) -> None:
    kinds = [type(event) for event in events]
    assert kinds == [Decoding] * 8 + [FramesDone] + [BatchDone, BatchDone, EpochDone] * 3 + [told.Testing] * 4
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert tuple(epochs) == result.history
    assert [event.epoch for event in epochs] == [1, 2, 3]
    assert epochs[0].best
    assert events[-1] == told.Testing(4, 4)
    batches = [event for event in events if isinstance(event, BatchDone)]
    assert [(event.batch, event.batches) for event in batches] == [(1, 2), (2, 2)] * 3


def test_the_best_epochs_weights_are_kept(result: TrainingResult, squares: Dataset, recipe: Recipe) -> None:
    assert result.best.validation_loss == min(epoch.validation_loss for epoch in result.history)
    assert [epoch for epoch in result.history if epoch.best][-1] == result.best


def test_the_card_tells_how_it_came_about(result: TrainingResult, squares: Dataset, recipe: Recipe) -> None:
    card = result.classifier.card
    assert card.labels == ("rise", "sink")
    assert card.spec == recipe.test_spec
    assert card.recipe["seed"] == recipe.seed
    assert card.data.name == "squares"
    assert {video.content for video in card.data.trained} == {video.content for video in result.split.train}
    assert {video.content for video in card.data.validated} == {video.content for video in result.split.validation}
    assert {video.path for video in card.data.seen} <= {f"{v.label}/{v.path.name}" for v in squares.videos}
    assert result.examination is not None
    figure = card.figures[0]
    assert (figure.metric, figure.value) == ("accuracy", result.examination.report.accuracy)
    assert "never trained on" in figure.data
    assert card.temperature == result.examination.calibration.temperature
    assert card.threshold == result.examination.calibration.threshold


def test_what_judges_the_network_is_looked_at_from_as_near_as_videos_will_be(squares: Dataset, recipe: Recipe) -> None:
    result = train(squares, replace(recipe, test_zoom=1.5))
    spec = result.classifier.card.spec
    assert spec == replace(recipe.spec, zoom=1.5)
    losses = []
    for video in result.split.validation:
        samples = decode(probe(video.path), spec)
        begin = (len(samples) - spec.frames) // 2
        said = result.classifier.model(samples[None, begin : begin + spec.frames]).numpy()[0]
        losses.append(-np.log(said[squares.labels.index(video.label)]))
    assert np.mean(losses) == pytest.approx(result.best.validation_loss, abs=1e-5)


def test_what_was_never_seen_is_the_test_part(result: TrainingResult, squares: Dataset) -> None:
    assert set(unseen(result.classifier.card, squares)) == set(result.split.test)


def test_a_trained_classifier_can_be_saved_and_loaded(result: TrainingResult, tmp_path: Path, squares: Dataset) -> None:
    save(tmp_path / "mine", result.classifier.card, result.classifier.model)
    clips = np.random.default_rng(0).integers(0, 256, (2, *result.classifier.card.spec.shape), np.uint8)
    np.testing.assert_array_equal(load(tmp_path / "mine")(clips), result.classifier(clips))


def test_the_same_seed_gives_the_same_weights(result: TrainingResult, squares: Dataset, recipe: Recipe) -> None:
    again = train(squares, recipe)
    for one, other in zip(result.classifier.model.get_weights(), again.classifier.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_something_is_learnt(squares: Dataset, recipe: Recipe) -> None:
    """Halves of the dark and the bright backgrounds get a label of their own: told apart at a glance."""
    relabelled = replace(
        squares,
        videos=tuple(
            replace(video, label=kind, group=f"{video.label}{video.group}")
            for video in squares.videos
            if (kind := {"g00": "dark", "g01": "dark", "g03": "bright", "g04": "bright"}.get(video.group or ""))
        ),
    )
    unchanged = {"brightness": 0.0, "contrast": 0.0, "mixup": 0.0, "smoothing": 0.0}
    result = train(relabelled, replace(recipe, epochs=40, patience=40, frame_steps=60, **unchanged))
    assert result.best.validation_loss < 0.5
    assert result.examination is not None
    assert result.examination.report.accuracy == 1.0


def test_stopping_keeps_the_best_epoch_so_far(squares: Dataset, recipe: Recipe) -> None:
    result = train(squares, recipe, stop_at(lambda event: isinstance(event, BatchDone) and event.epoch == 2))
    assert result.stopped
    assert [epoch.epoch for epoch in result.history] == [1]
    assert result.examination is not None
    assert len(result.examination.report.clips) == len(result.split.test)


def test_stopping_goes_through_with_the_test_of_what_is_kept(squares: Dataset, recipe: Recipe) -> None:
    """Whoever asks goes on asking."""
    result = train(squares, recipe, stop_at(lambda event: isinstance(event, BatchDone | told.Testing) and late(event)))
    assert result.stopped
    assert result.examination is not None


def test_stopping_while_testing_keeps_the_classifier(squares: Dataset, recipe: Recipe) -> None:
    result = train(squares, recipe, stop_at(lambda event: isinstance(event, told.Testing)))
    assert result.stopped
    assert len(result.history) == 3
    assert result.examination is None
    assert len(result.classifier.card.figures) == 1


@pytest.mark.parametrize("kind", [Decoding, FramesDone, BatchDone])
def test_stopping_before_the_first_epoch_leaves_nothing(squares: Dataset, recipe: Recipe, kind: type) -> None:
    with pytest.raises(StopRequested):
        train(squares, recipe, stop_at(lambda event: isinstance(event, kind)))


class Killed(BaseException):
    """As when a process ends in the middle."""


@pytest.mark.parametrize("kind", [BatchDone, EpochDone])
def test_what_was_cut_off_goes_on_as_if_nothing_had_been(
    result: TrainingResult, squares: Dataset, recipe: Recipe, tmp_path: Path, kind: type
) -> None:
    checkpoint = tmp_path / "checkpoint.npz"

    def kill(event: TrainingEvent) -> None:
        if isinstance(event, kind) and event.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        train(squares, recipe, kill, checkpoint)
    events: list[TrainingEvent] = []
    resumed = train(squares, recipe, events.append, checkpoint)
    gone_on = [event for event in events if isinstance(event, told.Resumed)]
    assert gone_on == [told.Resumed(1 if kind is BatchDone else 2)]
    assert not any(isinstance(event, FramesDone) for event in events)
    assert [epoch.validation_loss for epoch in resumed.history] == [epoch.validation_loss for epoch in result.history]
    for one, other in zip(result.classifier.model.get_weights(), resumed.classifier.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_checkpoint_that_cannot_be_read_is_as_none(squares: Dataset, recipe: Recipe, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    checkpoint.write_bytes(b"PK and no more")
    events: list[TrainingEvent] = []
    train(squares, replace(recipe, epochs=1), events.append, checkpoint)
    assert not any(isinstance(event, told.Resumed) for event in events)


def test_a_training_that_is_through_is_not_trained_again(squares: Dataset, recipe: Recipe, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    first = train(squares, recipe, checkpoint=checkpoint)
    events: list[TrainingEvent] = []
    again = train(squares, recipe, events.append, checkpoint)
    assert not any(isinstance(event, BatchDone) for event in events)
    assert again.best == first.best


def test_without_test_clips_only_the_threshold_is_found(squares: Dataset, recipe: Recipe) -> None:
    divided = splits.divide(squares, "grouped", 0, 0.2, 0.2)
    whole = replace(divided, train=divided.train + divided.test, test=())
    result = train(squares, replace(recipe, epochs=1), split=whole)
    assert result.examination is None
    assert not result.stopped
    assert result.classifier.card.threshold is not None
    assert len(result.classifier.card.figures) == 1


@pytest.mark.parametrize("network", ["lrcn", "convlstm"])
def test_the_tutorials_recipe_trains(squares: Dataset, recipe: Recipe, network: str) -> None:
    tutorial = recipe_for(network, "tutorial", spec=recipe.spec, epochs=1)
    assert train(squares, tutorial).classifier.card.options == {"plain": True}


def test_what_is_learnt_from_single_frames_is_where_clips_begin(squares: Dataset, recipe: Recipe) -> None:
    """At first the wide network says of a clip what it says of its frames."""
    from har import networks
    from har.training.examples import decode_all
    from har.training.frames import learn_frames

    model = networks.build("lrcn", 2, recipe.spec, wide=True)
    examples = decode_all(squares.videos, squares.labels, recipe, lambda event: None, 0, 10)
    learn_frames(model, examples, recipe, lambda event: None)
    parts = networks.parts(model)
    assert parts is not None
    encoder, head = parts
    frames = np.stack([examples.samples[0][:1].repeat(recipe.spec.frames, axis=0)])
    kernel, bias = head.get_layer("frame_labels").get_weights()
    logits = np.asarray(encoder(frames[0, :1], training=False)) @ kernel + bias
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(np.asarray(model(frames, training=False)), expected, atol=1e-5)
    assert np.abs(bias).max() > 0


def test_patience_ends_training(squares: Dataset, recipe: Recipe) -> None:
    hopeless = replace(recipe, epochs=50, patience=2, learning_rate=1e-7)
    result = train(squares, hopeless)
    assert not result.stopped
    assert len(result.history) - result.best.epoch == 2 or len(result.history) == 50


def test_a_loss_that_is_no_number_ends_training_with_a_sentence(
    squares: Dataset, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from har.training import steps

    def broken(probabilities: object, targets: object) -> tuple[object, object]:
        losses, right = kept(probabilities, targets)
        return losses * np.nan, right

    kept = steps._losses
    monkeypatch.setattr(steps, "_losses", broken)
    with pytest.raises(TrainingFailed, match="loss became nan"):
        train(squares, recipe)


def test_too_few_groups_are_refused_before_anything_is_decoded(squares: Dataset, recipe: Recipe) -> None:
    few = replace(squares, videos=tuple(video for video in squares.videos if video.group in ("g00", "g01")))
    events: list[TrainingEvent] = []
    with pytest.raises(DatasetTooSmall):
        train(few, recipe, events.append)
    assert not events


def test_groups_unknown_are_told_of(squares: Dataset, recipe: Recipe) -> None:
    nameless = replace(squares, videos=tuple(replace(video, group=None) for video in squares.videos))
    result = train(nameless, replace(recipe, epochs=1))
    assert result.split.note is not None
