"""The nearest training clips: worked out by hand, in the order of the card, and a sentence where there are none."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import Card, SeenVideo, TrainingData, load, save
from har.classifier.embeddings import EMBEDDINGS, write_embeddings
from har.clips import ClipSpec
from har.explain import Window, explain, read, write
from har.explain.files import FACTS
from har.explain.nearest import DAMAGED, NONE_KEPT, SHIPPED, nearest, similarities
from har.networks.last import embedder
from har.settings import settings

SPEC = ClipSpec(4, 64, 64, 0.4)
CLIPS = np.random.default_rng(0).integers(0, 255, (7, *SPEC.shape), np.uint8)
SEEN = tuple(SeenVideo(f"{number:032x}", f"g{number}", "jump", f"jump/{number}.mp4") for number in range(7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier that says nothing of use, with what it makes of seven clips."""
    model = networks.build("lrcn", 2, SPEC, wide=True)
    rng = np.random.default_rng(1)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.3, weight.shape))
    card = Card("test", "Test", "", "lrcn", ("jump", "run"), SPEC, 0.1, "MIT", TrainingData("clips", SEEN))
    folder = tmp_path_factory.mktemp("nearest") / "test"
    save(folder, replace(card, options={"wide": True}), model)
    write_embeddings(folder, embedder(model)(CLIPS))
    return folder


def test_a_training_clip_is_nearest_to_itself(folder: Path) -> None:
    classifier = load(folder)
    for number, clip in enumerate(CLIPS):
        alike, why_not = nearest(classifier, clip)
        assert why_not is None
        assert len(alike) == 5
        assert alike[0].clip == SEEN[number]
        assert alike[0].similarity == pytest.approx(1, abs=1e-3)
        found = [each.similarity for each in alike]
        assert found == sorted(found, reverse=True)
        assert found[1] < 0.99


def test_names_of_any_length_are_not_handed_on(folder: Path) -> None:
    """A card from elsewhere may say anything of its clips."""
    classifier = load(folder)
    long = tuple(seen._replace(group="g" * 10_000, path="p" * 10_000) for seen in SEEN)
    classifier.card = replace(classifier.card, data=TrainingData("clips", long))
    alike, _ = nearest(classifier, CLIPS[0])
    assert {(len(each.clip.group or ""), len(each.clip.path)) for each in alike} == {(300, 300)}


def test_similarity_is_the_mean_over_layers_of_the_cosine_of_what_is_not_common_to_all() -> None:
    kept = {
        "frames": np.array([[11, 10], [9, 10], [10, 12], [10, 8]], np.float32),  # about 10, 10
        "motion": np.array([[1, 0], [1, 0], [-1, 0], [-1, 0]], np.float32),
    }
    one = {"frames": np.array([[13, 10]], np.float32), "motion": np.array([[0.01, 0]], np.float32)}
    np.testing.assert_allclose(similarities(kept, one), [1, 0, -0.5, -0.5], atol=1e-6)


def test_what_is_as_the_mean_of_all_is_like_none_more_than_another() -> None:
    kept = {"labels": np.ones((3, 2), np.float32)}
    np.testing.assert_array_equal(similarities(kept, {"labels": np.ones((1, 2), np.float32)}), [0, 0, 0])


def test_it_stands_in_the_explanation_and_is_read_again(folder: Path, tmp_path: Path) -> None:
    facts = explain(load(folder), Window(CLIPS[2], np.arange(4) / 10)).facts
    assert facts.nearest[0].clip == SEEN[2]
    assert facts.no_nearest is None
    write(tmp_path, explain(load(folder), Window(CLIPS[2], np.arange(4) / 10)))
    assert read(tmp_path).facts.nearest == facts.nearest


def test_an_explanation_of_before_is_read_without(folder: Path, tmp_path: Path) -> None:
    import json

    write(tmp_path, explain(load(folder), Window(CLIPS[0], np.arange(4) / 10)))
    raw = json.loads((tmp_path / FACTS).read_text())
    del raw["nearest"], raw["no_nearest"]
    (tmp_path / FACTS).write_text(json.dumps(raw))
    facts = read(tmp_path).facts
    assert (facts.nearest, facts.no_nearest) == ((), None)


def test_where_there_are_none_a_sentence_says_why(folder: Path, tmp_path: Path) -> None:
    there = shutil.copytree(folder, tmp_path / "test")
    (there / EMBEDDINGS).write_bytes(b"PK")
    assert nearest(load(there), CLIPS[0]) == ((), DAMAGED)
    (there / EMBEDDINGS).unlink()
    assert nearest(load(there), CLIPS[0]) == ((), NONE_KEPT)
    shipped = load(settings().weights / "lrcn-figures")
    assert nearest(shipped, np.zeros(shipped.card.spec.shape, np.uint8)) == ((), SHIPPED)
