"""At the end of a training its clips are kept as the network sees them; the training is never lost for that."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har.classifier import embeddings as embeddings_module
from har.classifier import load, save
from har.classifier.embeddings import EMBEDDINGS, read_embeddings
from har.clips import decode
from har.datasets import Dataset
from har.datasets.facts import info_of
from har.errors import NoFrames, StopRequested
from har.networks.last import embedder, widths
from har.recipe import Recipe
from har.training import Remembering, TrainingEvent, TrainingResult, remember, train
from tests.training.test_features import I3D, LITE


@pytest.fixture(scope="module")
def result(squares: Dataset, recipe: Recipe) -> TrainingResult:
    return train(squares, recipe)


@pytest.fixture
def folder(result: TrainingResult, tmp_path: Path) -> Path:
    save(tmp_path, result.classifier.card, result.classifier.model)
    return tmp_path


def kept_of(folder: Path) -> dict[str, np.ndarray]:
    classifier = load(folder)
    kept = read_embeddings(folder, classifier.card, widths(classifier.model))
    assert kept is not None
    return kept


def check(folder: Path, result: TrainingResult) -> None:
    """Row by row, against the whole network's look at the middle of the clip that the card has in that place."""
    kept, look, spec = kept_of(folder), embedder(result.classifier.model), result.classifier.card.spec
    for number, seen in enumerate(result.classifier.card.data.trained):
        video = next(video for video in result.dataset.videos if video.content == seen.content)
        samples = decode(info_of(video), spec)
        begin = (len(samples) - spec.frames) // 2
        for name, row in look(samples[begin : begin + spec.frames][None]).items():
            np.testing.assert_allclose(kept[name][number], row[0], rtol=2e-3, atol=2e-3)


def test_there_is_a_row_for_each_clip_of_the_card(result: TrainingResult, recipe: Recipe, folder: Path) -> None:
    events: list[TrainingEvent] = []
    remember(folder, result, recipe, events.append)
    check(folder, result)
    assert events == [Remembering(4, 6), Remembering(6, 6)]
    assert not any(np.ptp(rows, axis=0).max() == 0 for rows in kept_of(folder).values())


def test_what_a_pretrained_part_gave_before_is_not_looked_at_again(
    squares: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, recipe in enumerate((LITE, replace(I3D, spec=replace(I3D.spec, frames=12, span_sec=1.2)))):
        result, folder = train(squares, recipe), tmp_path / str(number)
        save(folder, result.classifier.card, result.classifier.model)
        with monkeypatch.context() as patched:
            patched.setattr("har.training.features.Encoder._looked_at", None)
            remember(folder, result, recipe)
        if recipe is LITE:
            check(folder, result)
        assert len(kept_of(folder)) == len(widths(result.classifier.model))


def test_asked_to_stop_it_leaves_none(result: TrainingResult, recipe: Recipe, folder: Path) -> None:
    def stop(event: TrainingEvent) -> None:
        raise StopRequested

    remember(folder, result, recipe, stop)
    assert not (folder / EMBEDDINGS).exists()
    remember(folder, replace(result, stopped=True), recipe, stop)  # the training was stopped: what is kept is whole
    assert len(kept_of(folder)["labels"]) == 6


def test_a_training_stopped_in_its_test_does_not_wait_for_it(
    result: TrainingResult, recipe: Recipe, folder: Path
) -> None:
    remember(folder, replace(result, stopped=True, examination=None), recipe)
    assert not (folder / EMBEDDINGS).exists()


@pytest.mark.parametrize("error", [OSError("no room"), NoFrames("The clip is gone.", "It was expected.", "Bring it.")])
def test_what_goes_wrong_loses_no_training(
    result: TrainingResult,
    recipe: Recipe,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("har.training.remembering.embed", fail)
    remember(folder, result, recipe)
    assert not (folder / EMBEDDINGS).exists()
    assert load(folder).card.labels == ("rise", "sink")
    assert type(error).__name__ in caplog.text
    assert str(error) not in caplog.text  # it may name somebody's files


def test_of_too_many_clips_nothing_is_kept(
    result: TrainingResult, recipe: Recipe, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings_module, "_MOST_VALUES", 10)
    remember(folder, result, recipe)
    assert not (folder / EMBEDDINGS).exists()
