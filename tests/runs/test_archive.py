import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from har.classifier import load
from har.errors import ArchiveRefused, ClassifierDamaged, RunMissing
from har.runs import Plan, Run, export_run, import_run, list_runs, new_run, open_run
from har.runs import archive as takeaway_module
from har.settings import settings
from tests.runs.conftest import OTHER, OWNER

_EMBEDDINGS = "classifier/embeddings.npz"


@pytest.fixture(scope="module")
def taken(finished: Run) -> Path:
    return export_run(finished.id)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_the_zip_holds_classifier_report_and_a_file_for_keras(taken: Path) -> None:
    files = members(taken)
    assert set(files) == {
        "classifier/card.json",
        "classifier/weights.npz",
        "model.keras",
        "report.html",
        "run.json",
    }
    page = files["report.html"].decode()
    assert page.count("plotly-graph-div") >= 5
    assert "http" not in page.split("<script>")[0]
    assert "Shades" in page


def test_nothing_in_the_zip_tells_where_the_clips_lie(taken: Path, folder: Path) -> None:
    for name, data in members(taken).items():
        if name != "run.json":
            assert str(folder).encode() not in data
    clips = json.loads(members(taken)["run.json"])[1]["examination"]["report"]["clips"]
    assert {clip["path"].count("/") for clip in clips} == {1}


def test_what_was_taken_away_can_be_brought_back(taken: Path, finished: Run) -> None:
    run = import_run(OTHER, taken)
    assert run.id != finished.id
    assert run.id in {each.id for each in list_runs(OTHER)}
    assert run.outcome is not None
    assert finished.outcome is not None
    assert run.outcome.history == finished.outcome.history
    assert run.plan.dataset == ""
    clips = np.random.default_rng(0).integers(0, 256, (2, *run.plan.recipe.spec.shape), np.uint8)
    np.testing.assert_array_equal(load(run.classifier)(clips), load(finished.classifier)(clips))


def test_embeddings_that_an_earlier_version_wrote_are_ignored(taken: Path, tmp_path: Path) -> None:
    run = import_run(OTHER, packed(tmp_path / "a.zip", members(taken) | {_EMBEDDINGS: b"no arrays"}))
    assert sorted(path.name for path in run.classifier.iterdir()) == ["card.json", "weights.npz"]


def test_no_path_of_a_brought_report_leads_to_a_file_here(taken: Path, tmp_path: Path) -> None:
    files = members(taken)
    raw = json.loads(files["run.json"])
    raw[1]["examination"]["report"]["clips"][0]["path"] = "/etc/passwd"
    files["run.json"] = json.dumps(raw).encode()
    run = import_run(OTHER, packed(tmp_path / "a.zip", files))
    assert run.outcome is not None
    assert run.outcome.examination is not None
    assert {clip.path for clip in run.outcome.examination.report.clips} == {""}


def odd_card(files: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    card = json.loads(files["classifier/card.json"])
    return files | {"classifier/card.json": json.dumps(card | changes).encode()}


@pytest.mark.parametrize(
    "change",
    [
        lambda files: {name: data for name, data in files.items() if name != "run.json"},
        lambda files: {name: data for name, data in files.items() if name != "classifier/weights.npz"},
        lambda files: files | {"run.json": b"[]"},
        lambda files: files | {"run.json": b"[" * 100_000},
        lambda files: files | {"run.json": b"\xff\xfe"},
        lambda files: files | {f"more{number}": b"" for number in range(100)},
        lambda files: odd_card(files, labels=["bright"]),
        lambda files: odd_card(files, labels=["bright", "dark", "dim"]),
        lambda files: odd_card(files, temperature=0.0),
        lambda files: files | {"classifier/card.json": b"{}"},
    ],
)
def test_what_is_no_run_is_refused_and_leaves_nothing(taken: Path, tmp_path: Path, change) -> None:
    before = sorted(settings().runs.iterdir())
    with pytest.raises((ArchiveRefused, ClassifierDamaged)):
        import_run(OTHER, packed(tmp_path / "a.zip", change(members(taken))))
    assert sorted(settings().runs.iterdir()) == before


def odd_run(change: Callable[[Any, Any], object]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """What a run says of itself, changed: its plan and its outcome."""

    def changed(files: dict[str, bytes]) -> dict[str, bytes]:
        plan, outcome = json.loads(files["run.json"])
        change(plan, outcome)
        return files | {"run.json": json.dumps([plan, outcome]).encode()}

    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda plan, outcome: plan["recipe"].update(network="resnet"),
        lambda plan, outcome: plan.update(title="t" * 5000),
        lambda plan, outcome: plan.update(created=float("nan")),
        lambda plan, outcome: plan.update(created=1e300),
        lambda plan, outcome: plan.update(labels=["bright"]),
        lambda plan, outcome: outcome.update(history=[]),
        lambda plan, outcome: outcome["best"].update(epoch=-5),
        lambda plan, outcome: outcome["best"].update(train_loss=float("inf")),
        lambda plan, outcome: outcome["split"].update(test=-1),
        lambda plan, outcome: outcome.update(parameters=10**40),
        lambda plan, outcome: outcome["examination"]["report"].update(clips=[]),
        lambda plan, outcome: outcome["examination"]["report"]["clips"][0].update(predicted="elsewhere"),
        lambda plan, outcome: outcome["examination"]["report"]["clips"][0].update(confidence=7.0),
        lambda plan, outcome: outcome["examination"]["orders"].update(shuffled={"right": 3, "count": 0}),
        lambda plan, outcome: outcome["examination"]["calibration"].update(threshold=2.0),
        lambda plan, outcome: outcome["examination"]["calibration"]["after"][0].update(count=-4),
    ],
)
def test_what_no_training_can_have_given_is_refused(taken: Path, tmp_path: Path, change) -> None:
    before = sorted(settings().runs.iterdir())
    with pytest.raises(ArchiveRefused, match="cannot be"):
        import_run(OTHER, packed(tmp_path / "a.zip", odd_run(change)(members(taken))))
    assert sorted(settings().runs.iterdir()) == before


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_not_unpacked(taken: Path, tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        for name, data in members(taken).items():
            archive.writestr(name, data)
    with pytest.raises(ArchiveRefused, match="unknown way"):
        import_run(OTHER, tmp_path / "a.zip")


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(ArchiveRefused):
        import_run(OTHER, tmp_path / "a.zip")


def test_a_cut_off_zip_is_refused(taken: Path, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(taken.read_bytes()[:-2000])
    with pytest.raises(ArchiveRefused):
        import_run(OTHER, tmp_path / "a.zip")


def test_more_bytes_than_a_file_may_have_are_not_unpacked(
    taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(takeaway_module._FILES, "classifier/weights.npz", 1000)
    files = members(taken) | {"classifier/weights.npz": bytes(2000)}
    with pytest.raises(ArchiveRefused, match="larger than any"):
        import_run(OTHER, packed(tmp_path / "a.zip", files))


def test_a_run_that_is_not_through_cannot_be_taken_away(plan: Plan) -> None:
    with pytest.raises(RunMissing, match="not through"):
        export_run(new_run(OWNER, plan).id)


def test_labels_are_text_in_the_report(finished: Run) -> None:
    from dataclasses import replace

    from har.plots.training_report import render_training_report

    nasty = "<script>alert(1)</script>"
    page = render_training_report(replace(finished, plan=replace(finished.plan, title=nasty)))
    assert nasty not in page
    assert open_run(finished.id).plan.title == "Shades"
