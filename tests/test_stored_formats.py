"""Whatever earlier versions stored still opens. The files lie in `tests/stored` and are never made again."""

import json
import math
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from har.batch import BatchOptions, annotate_many
from har.classifier import list_cards, load, read_card
from har.clips import ClipSpec
from har.crossvalidation import CrossValidationOptions, crossvalidate, write_reports
from har.datasets import open_dataset, user_sets
from har.recipe import Recipe
from har.results import (
    ExplanationTarget,
    LabelOptions,
    apply_corrections,
    compare_with_ground_truth,
    explain_target,
    import_corrections,
    list_explanations,
    open_annotation,
    open_comparison,
    open_partial,
    partial_changed_ns,
    playable_file,
    read_corrections,
    read_explanation,
    save_training_clips,
    target_at,
    undo_correction,
)
from har.runs import (
    export_run,
    gave_up,
    import_run,
    interrupted_runs,
    is_requested,
    list_runs,
    open_run,
    read_attempts,
    train_run,
)
from har.settings import Settings, settings
from har.sharing import SharedKind, SharedResult, find_link, open_link
from har.timeline import parse_ground_truth, read_table
from har.video import probe

STORED = Path(__file__).parent / "stored"
OWNER, ANOTHER = "owner-of-stored-files0", "another-owner-of-files"
FIGURES, STOPPED, GROWING = "result-figures-0000001", "result-stopped-0000001", "result-growing-0000001"
FINISHED, INTERRUPTED = "finished-run-000000001", "interrupted-run-000001"
SHADES, KEPT = "own-stored-shades-00001", "own-stored-kept-000001"
TEXTS = {".json", ".jsonl"}  # that may name folders


@pytest.fixture
def home(tmp_path: Path, override: Callable[..., Settings]) -> Path:
    """`HAR_HOME` with everything that is stored, as if it had just been written there."""
    graphs, weights = settings().graphs, str(settings().weights)
    graphs.mkdir(exist_ok=True)
    shutil.copytree(STORED, tmp_path, copy_function=shutil.copyfile, dirs_exist_ok=True)
    for path in tmp_path.rglob("*"):
        if path.suffix in TEXTS:
            text = path.read_text("utf-8").replace("@HOME@", str(tmp_path)).replace("@WEIGHTS@", weights)
            path.write_text(text, "utf-8")
    (tmp_path / "graphs").symlink_to(graphs)  # what was converted for one test serves the next
    override(home=tmp_path)
    return tmp_path


def stored_json(name: str) -> Any:
    return json.loads((STORED / name).read_text("utf-8"))


def answers_as_stored(folder: Path, name: str) -> None:
    classifier = load(folder)
    numbers = np.arange(math.prod(classifier.card.spec.shape)).reshape(classifier.card.spec.shape)
    clips = np.stack([numbers * factor % 251 for factor in (0, 1, 7, 97)]).astype(np.uint8)
    said = classifier(clips)
    np.testing.assert_allclose(said, stored_json("said.json")[name], atol=2e-5)
    if classifier.has_frame_encoder:
        together = [classifier.encode(clip) for clip in clips]
        np.testing.assert_allclose(classifier.classify(np.stack(together)), said, atol=2e-5)


def parts(segments: Any) -> list[tuple[float, float, str | None, str | None]]:
    return [(round(part.start_sec, 3), round(part.end_sec, 3), part.label, part.mark) for part in segments]


# Results


def test_a_finished_result(home: Path) -> None:
    stored = open_annotation(home / "jobs" / FIGURES)
    assert (stored.info.width, stored.info.height, stored.info.frame_count) == (96, 72, 113)
    found = probe(stored.info.path)  # its video, where the notes say
    assert (found.size_bytes, found.fps, found.duration_sec) == (22986, stored.info.fps, stored.info.duration_sec)
    assert (stored.card.name, stored.card.title, len(stored.card.labels)) == ("lrcn-figures", "LRCN on figures", 10)
    assert stored.classifier == settings().weights / "lrcn-figures"
    assert (stored.options.labels, stored.options.timeline.threshold) == (None, 0.35)
    assert stored.scored.scores.probabilities.shape == (16, 10)
    assert (stored.scored.stopped, stored.scored.duration_sec) == (False, pytest.approx(9.04))
    assert parts(stored.labelled.timeline.segments) == [(0, 5.36, "Walk", None), (5.36, 9.04, "Wave", None)]
    assert stored.labelled.timeline.segments[0].confidence == pytest.approx(0.935172, abs=1e-5)
    assert playable_file(stored.folder) == stored.folder / "proxy.mp4"
    (stored.folder / "proxy.mp4").replace(stored.folder / "preview.mp4")  # as results before that had it
    assert playable_file(stored.folder) == stored.folder / "preview.mp4"
    assert (stored.folder / "name.txt").read_text("utf-8") == "Wäving & more.mp4"


def test_its_corrections_and_the_steps_that_can_be_undone(home: Path) -> None:
    stored = open_annotation(home / "jobs" / FIGURES)
    before, now, after = (
        ((0.0, "Walk", "confirmed"), (5.36, "Wave", None)),
        ((0.0, "Walk", "confirmed"), (5.36, "juggling balls", "corrected")),
        ((0.0, "Walk", "confirmed"), (5.36, None, "corrected")),
    )
    found = read_corrections(stored)
    assert (found.now, found.past, found.future) == (now, (None, before), (after,))
    assert parts(apply_corrections(stored).labelled.timeline.segments) == [
        (0, 5.36, "Walk", "confirmed"),
        (5.36, 9.04, "juggling balls", "corrected"),
    ]
    assert undo_correction(stored).now == before
    assert undo_correction(stored).now is None
    assert read_corrections(stored).future == (before, now, after)


def test_its_truth(home: Path) -> None:
    stored = open_annotation(home / "jobs" / FIGURES)
    assert parts(stored.ground_truth.segments) == [(0, 5, "Walk", None), (5, 9, "Wave", None), (9, 9.04, None, None)]
    found = compare_with_ground_truth(stored)
    assert found.metrics.frame_accuracy == pytest.approx(109 / 113, abs=0.01)
    assert found.metrics.edit_score == pytest.approx(1)


def test_its_second_classifier(home: Path) -> None:
    stored = open_annotation(home / "jobs" / FIGURES)
    second = open_comparison(stored, stored.options)
    assert (second.card.name, second.options.timeline.threshold) == ("convlstm-figures", 0.4)
    assert second.scored.scores.labels == stored.scored.scores.labels
    assert parts(second.labelled.timeline.segments)[0][2] == "Walk"
    assert second.ground_truth == stored.ground_truth


@pytest.mark.parametrize(
    ("name", "key", "label", "probability", "frames"),
    [
        (FIGURES, "000002-768d919d", "Walk", 0.99751, 20),
        (STOPPED, "000004-fa15f750", "bright", 0.986022, 4),  # tells the nearest training clips, too
    ],
)
def test_what_was_explained(home: Path, name: str, key: str, label: str, probability: float, frames: int) -> None:
    stored = open_annotation(home / "jobs" / name)
    assert list_explanations(stored.folder) == [key]
    assert ExplanationTarget.with_label(key, label).key == key
    kept = read_explanation(stored.folder, key)
    assert kept.facts.label == label
    assert kept.facts.probability == pytest.approx(probability, abs=1e-5)
    assert kept.facts.likeliest[0] == (label, kept.facts.probability)
    assert len(kept.facts.times_sec) == len(kept.facts.drops) == frames
    assert set(kept.facts.orders) == {"shuffled", "reversed", "frozen"}
    high, wide = cv2.imdecode(np.frombuffer(kept.frames_png, np.uint8), cv2.IMREAD_COLOR).shape[:2]
    assert (wide, high) == (frames * stored.card.spec.width, stored.card.spec.height)
    assert cv2.imdecode(np.frombuffer(kept.heat_png, np.uint8), cv2.IMREAD_GRAYSCALE) is not None


@pytest.mark.training
def test_a_result_that_was_stopped_and_its_classifier_explains_it_still(home: Path) -> None:
    stored = open_annotation(home / "jobs" / STOPPED)
    assert (stored.scored.stopped, stored.scored.duration_sec) == (True, pytest.approx(2.6))
    assert stored.options.labels == ("dark", "bright")
    assert [part.label for part in stored.labelled.timeline.segments] == ["bright", "dark", "bright"]
    assert stored.classifier == home / "runs" / FINISHED / "classifier"
    place = target_at(stored, 1.6)
    explain_target(stored.folder, place)  # the video and the classifier give the probabilities that are stored
    assert read_explanation(stored.folder, place.key).facts.label == "dark"


def test_a_result_whose_work_was_cut_off(home: Path) -> None:
    folder = home / "jobs" / GROWING
    found = open_partial(folder)
    assert (found.card.title, found.options.timeline.threshold) == ("bright · dark (ConvLSTM)", 0.2)
    assert found.info.path == folder / "video.mp4"
    assert len(found.annotation.labelled.frames.times_sec) == 35
    assert parts(found.annotation.labelled.timeline.segments) == [
        (0, 1.2, "bright", None),
        (1.2, 2.2, "dark", None),
        (2.2, 3.2, "bright", None),
        (3.2, 3.5, "dark", None),
    ]
    assert partial_changed_ns(folder) > 0


@pytest.mark.parametrize("name", ["timeline.json", "label-studio.json", "activitynet.json"])
def test_timelines_that_were_taken_away_can_be_brought_back(home: Path, name: str) -> None:
    stored = open_annotation(home / "jobs" / FIGURES)
    import_corrections(stored, (home / "exported" / name).read_bytes())
    assert read_corrections(stored).now == (
        (0, "Walk", "confirmed"),
        (pytest.approx(5.36, abs=0.01), "juggling balls", "corrected"),
    )


def test_a_table_of_frames_serves_as_truth(home: Path) -> None:
    timeline = parse_ground_truth(read_table(home / "jobs" / FIGURES / "timeline.csv"), 9.04)
    assert parts(timeline.segments) == [(0, 5.36, "Walk", None), (5.36, 9.04, "juggling balls", None)]


@pytest.mark.parametrize(
    ("kind", "folder", "link"),
    [
        (SharedKind.ANNOTATION, f"jobs/{FIGURES}", "link-to-annotation-001"),
        (SharedKind.RUN, f"runs/{FINISHED}", "link-to-a-run-00000001"),
    ],
)
def test_links_that_were_shared(home: Path, kind: SharedKind, folder: str, link: str) -> None:
    assert open_link(link) == SharedResult(kind, Path(folder).name)
    assert open_link(link).folder == home / folder
    assert find_link(SharedResult(kind, Path(folder).name)) == link


# Runs


@pytest.mark.training
def test_a_finished_run_that_is_taken_away_and_comes_back(home: Path) -> None:
    run = open_run(FINISHED)
    plan, outcome = run.plan, run.outcome
    assert (plan.dataset, plan.title, plan.labels, plan.created) == (SHADES, "Shades of grey", ("bright", "dark"), 1000)
    assert plan.pair == INTERRUPTED
    assert (plan.recipe.network, plan.recipe.epochs, plan.recipe.learning_rate) == ("convlstm", 3, 0.02)
    assert plan.recipe.spec == ClipSpec(4, 32, 32, 0.4)
    assert run.name == read_card(run.classifier).title == "bright · dark (ConvLSTM)"
    assert run.history == outcome.history
    assert [epoch.validation_loss for epoch in run.history] == pytest.approx([0.249193, 0.0705120, 0.0188971], rel=1e-5)
    assert outcome.best == outcome.history[2]
    assert (outcome.split.train, outcome.split.validation, outcome.split.test) == (6, 2, 2)
    assert outcome.split.groups == {"train": ("g01", "g02", "g04"), "validation": ("g05",), "test": ("g03",)}
    assert (outcome.parameters, outcome.macs, outcome.stopped) == (33130, 7143104, False)
    assert outcome.examination.report.accuracy == 1
    assert outcome.examination.report.confusion.tolist() == [[1, 0], [0, 1]]
    assert outcome.examination.calibration.temperature == 0.9801
    right = {order: share.right for order, share in outcome.examination.orders.items()}
    assert right == {"shuffled": 2, "reversed": 2, "frozen": 2}
    assert [found.id for found in list_runs(OWNER)] == [INTERRUPTED, FINISHED]
    assert read_attempts(run).begun == 1
    assert not is_requested(run)
    answers_as_stored(run.classifier, f"runs/{FINISHED}/classifier")
    back = import_run(ANOTHER, export_run(FINISHED))
    assert back.outcome
    assert back.history == run.history
    answers_as_stored(back.classifier, f"runs/{FINISHED}/classifier")


@pytest.mark.training
def test_the_network_of_a_run_for_keras_alone(home: Path) -> None:
    import keras

    run = open_run(FINISHED)
    theirs, ours = keras.saving.load_model(run.folder / "model.keras"), load(run.classifier).model
    clips = np.arange(2 * math.prod(ours.input_shape[1:])).reshape(2, *ours.input_shape[1:]) % 251
    np.testing.assert_allclose(theirs(clips.astype(np.uint8)), ours(clips.astype(np.uint8)), atol=1e-5)


@pytest.mark.training
def test_a_run_that_was_cut_off_goes_on_from_its_checkpoint(home: Path) -> None:
    run = open_run(INTERRUPTED)
    assert run.outcome is None
    assert [epoch.epoch for epoch in run.history] == [1, 2]
    assert [epoch.validation_loss for epoch in run.history] == pytest.approx([0.249193, 0.0705120], rel=1e-5)
    assert (read_attempts(run).begun, read_attempts(run).kept) == (1, 0)
    assert is_requested(run)
    assert not gave_up(run)
    assert INTERRUPTED in {found.id for found in interrupted_runs()}
    train_run(INTERRUPTED)
    after = open_run(INTERRUPTED).outcome
    assert after.history[:2] == run.history
    assert after.history[2].epoch == 3
    whole = open_run(FINISHED).history[2]  # the same training in one go
    assert after.history[2].validation_loss == pytest.approx(whole.validation_loss, abs=0.05)
    assert after.seconds < 600
    assert read_attempts(run).begun == 2
    assert load(run.classifier).card.labels == ("bright", "dark")


@pytest.mark.training
@pytest.mark.parametrize(
    ("name", "classifier", "losses"),
    [
        ("run.zip", f"runs/{FINISHED}/classifier", [0.249193, 0.0705120, 0.0188971]),
        ("run-of-format-1.zip", "classifiers/format-1", [0.261968, 0.0790814, 0.0201416]),
    ],
)
def test_a_run_that_was_taken_away(home: Path, name: str, classifier: str, losses: list[float]) -> None:
    run = import_run(ANOTHER, home / "exported" / name)
    assert (run.plan.title, run.plan.labels, run.plan.dataset) == ("Shades of grey", ("bright", "dark"), "")
    assert time.time() - run.plan.created < 600
    assert [epoch.validation_loss for epoch in run.history] == pytest.approx(losses, rel=1e-5)
    assert run.outcome.examination.report.accuracy == 1
    assert [run.id] == [found.id for found in list_runs(ANOTHER)]
    answers_as_stored(run.classifier, classifier)


# Classifiers


@pytest.mark.training
def test_a_card_of_format_2_and_its_network(home: Path) -> None:
    card = read_card("format-2")
    assert card == read_card(home / "classifiers" / "format-2")
    assert (card.format_version, card.network, card.options) == (2, "lrcn", {"plain": True})
    assert (card.labels, card.spec) == (("jump", "run", "wäve"), ClipSpec(3, 64, 64, 0.3, "stretch", 1.25))
    assert (card.temperature, card.threshold, card.stride_sec) == (1.5, 0.4, 0.1)
    assert card.figures == (("accuracy", 0.5, "two clips"),)
    assert card.data.seen[1] == ("11ee", None, "run", "run/a [b] {c}.mp4")
    answers_as_stored(home / "classifiers" / "format-2", "classifiers/format-2")
    assert {"format-1", "format-2", "first"} <= {card.name for card in list_cards()}


@pytest.mark.training
def test_a_card_of_format_1_and_its_network_with_embeddings_beside_it(home: Path) -> None:
    card = read_card("format-1")
    assert (card.format_version, card.network, card.labels) == (1, "convlstm", ("bright", "dark"))
    assert (card.spec, card.temperature, card.threshold) == (ClipSpec(4, 32, 32, 0.4), 0.9801, 0.4)
    assert (len(card.data.trained), len(card.data.validated)) == (6, 2)
    assert card.recipe["epochs"] == 3
    assert (home / "classifiers" / "format-1" / "embeddings.npz").is_file()
    answers_as_stored(home / "classifiers" / "format-1", "classifiers/format-1")


def test_a_card_of_the_first_version(home: Path) -> None:
    card = read_card(home / "classifiers" / "first")
    assert (card.format_version, card.title, card.labels) == (1, "A first one", ("jump", "run", "wäve"))
    assert (card.temperature, card.threshold, card.spec.zoom) == (1.0, None, 1.0)
    assert card.data.trained[0].group == "g01"


# Many at once


def test_the_manifest_of_many_videos(home: Path) -> None:
    done = home / "many" / "shades.mp4"
    os.utime(done, ns=(1_700_000_000_000_000_000,) * 2)  # as the manifest has it
    options = BatchOptions(home / "classifiers" / "format-2", LabelOptions(labels=("run", "jump")), 0.2, False)
    stored = open_annotation(home / "many" / "out" / "shades-annotated")
    assert (stored.card.title, stored.options.labels) == ("A tiny one", ("run", "jump"))
    assert stored.info.path == done
    assert stored.scored.duration_sec == 2
    before = (stored.folder / "scores.npz").stat().st_mtime_ns
    found = annotate_many([str(done), str(home / "many" / "broken.mp4")], str(home / "many" / "out"), options, 0)
    assert (found.done, found.earlier, found.failed) == (0, 1, 1)
    assert (stored.folder / "scores.npz").stat().st_mtime_ns == before
    first, second = map(json.loads, (home / "many" / "out" / "manifest.jsonl").read_text().splitlines())
    assert (first["state"], first["folder"]) == ("done", "shades-annotated")
    assert (second["state"], second["error"]) == ("failed", "NotAVideo")


def test_the_ledger_and_the_report_of_a_cross_validation(home: Path) -> None:
    report = stored_json("crossvalidation/report.json")
    recipe = report["recipe"]
    recipe = Recipe(**recipe | {"spec": ClipSpec(**recipe["spec"])})
    assert (recipe.network, recipe.seed, recipe.spec.width, recipe.learning_rate) == ("convlstm", 0, 32, 0.003)
    options = CrossValidationOptions(SHADES, None, recipe)
    found = crossvalidate(options, str(home / "crossvalidation"), 0)
    assert list(found.done) == report["folds"]  # nothing was trained again: it would have taken other seconds
    assert (found.labels, found.title, found.failed) == (("bright", "dark"), "Shades of grey", ())
    pooled = write_reports(found, options, str(home / "again"))
    assert (pooled.accuracy, pooled.clips, pooled.shuffled) == (1, 10, 1)
    again = json.loads((home / "again" / "report.json").read_text())
    assert {name: again[name] for name in report} | {"recipe": report["recipe"]} == report


# Data sets


def test_a_visitors_own_set_and_clips_that_are_kept_in_it_again(home: Path) -> None:
    data = open_dataset(KEPT)
    assert (data.title, data.labels) == ("My clips", ("StandUp", "Walk", "Wave", "juggling balls"))
    assert {video.path.name: video.group for video in data.videos} == {
        "first.mp4": "p1",
        "second.mp4": "p2",
        "third.mp4": None,
        "v_Walk_g01_c01.mp4": "g01",
        "v_Walk_g01_c02.mp4": "g01",
        "v_JugglingBalls_g01_c01.mp4": "g01",
    }
    found = save_training_clips(home / "jobs" / FIGURES, user_sets.dataset_folder(KEPT))
    assert (found.group, found.counts) == ("g01", {"Walk": 2, "juggling balls": 1})
    assert replace(open_dataset(KEPT), skipped=()) == replace(data, skipped=())  # they took the place of those before
