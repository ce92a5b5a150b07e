import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from har.classifier import load
from har.errors import ArchiveRefused, ClassifierDamaged, RunMissing, TooManyRuns
from har.networks import NETWORKS
from har.plots.training_report import render_training_report
from har.runs import Plan, Run, archive, export_run, import_run, list_runs, new_run, train_run
from har.settings import settings
from tests.runs.conftest import OTHER, OWNER

pytestmark = pytest.mark.training

_EMBEDDINGS = "classifier/embeddings.npz"
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def exported(finished: Run) -> Path:
    return export_run(finished.id)


def read_files(path: Path) -> Files:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def write_zip(path: Path, files: Files, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return path


def test_an_exported_run_has_classifier_report_and_keras_file(exported: Path) -> None:
    files = read_files(exported)
    assert set(files) == {"classifier/card.json", "classifier/weights.npz", "model.keras", "report.html", "run.json"}
    page = files["report.html"].decode()
    assert page.count("plotly-graph-div") >= 5
    assert "http" not in page.split("<script>")[0]
    assert "Shades" in page


def test_an_exported_run_does_not_reveal_folders(exported: Path, folder: Path) -> None:
    files = read_files(exported)
    for data in files.values():
        assert str(folder).encode() not in data
    clips = json.loads(files["run.json"])[1]["examination"]["report"]["clips"]
    assert {clip["path"].count("/") for clip in clips} == {1}


@pytest.mark.promise("numbers", "An exported run can be imported")
def test_an_exported_run_can_be_imported(exported: Path, finished: Run) -> None:
    run = import_run(OTHER, exported)
    assert run.id != finished.id
    assert run.id in {each.id for each in list_runs(OTHER)}
    assert run.outcome.history == finished.outcome.history
    assert run.plan.dataset == ""
    clips = np.random.default_rng(0).integers(0, 256, (2, *run.plan.recipe.spec.shape), np.uint8)
    np.testing.assert_array_equal(load(run.classifier)(clips), load(finished.classifier)(clips))


def test_what_contains_a_pretrained_network_brings_its_notice(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the encoder of LRCN were that of LRCN on Lite0, which takes far longer to train and convert."""
    pretrained = NETWORKS["lrcn-lite0"].pretrained
    monkeypatch.setitem(NETWORKS, "lrcn", replace(NETWORKS["lrcn"], pretrained=pretrained))
    run = new_run(OWNER, replace(plan, recipe=replace(plan.recipe, epochs=1)))
    train_run(run.id)
    notice = read_files(export_run(run.id))["NOTICE"]
    assert notice == (settings().weights / "efficientnet-lite0-imagenet" / "NOTICE").read_bytes()


def test_an_imported_run_can_be_exported_again(exported: Path) -> None:
    files = read_files(export_run(import_run(OTHER, exported).id))
    assert set(files) == {"classifier/card.json", "classifier/weights.npz", "report.html", "run.json"}
    assert "bright · dark (LRCN): Shades" in files["report.html"].decode()


def test_embeddings_of_an_earlier_version_are_ignored(exported: Path, tmp_path: Path) -> None:
    run = import_run(OTHER, write_zip(tmp_path / "a.zip", read_files(exported) | {_EMBEDDINGS: b"no arrays"}))
    assert sorted(path.name for path in run.classifier.iterdir()) == ["card.json", "weights.npz"]


def with_card(**changes: object) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        card = json.loads(files["classifier/card.json"])
        return files | {"classifier/card.json": json.dumps(card | changes).encode()}

    return change


def with_run(edit: Callable[[Any, Any], object]) -> Callable[[Files], Files]:
    """Edits the plan and the outcome."""

    def change(files: Files) -> Files:
        plan, outcome = json.loads(files["run.json"])
        edit(plan, outcome)
        return files | {"run.json": json.dumps([plan, outcome]).encode()}

    return change


@pytest.mark.promise("hostile", "Paths in an imported run are dropped")
def test_paths_in_an_imported_report_are_dropped(exported: Path, tmp_path: Path) -> None:
    edit = with_run(lambda plan, outcome: outcome["examination"]["report"]["clips"][0].update(path="/etc/passwd"))
    run = import_run(OTHER, write_zip(tmp_path / "a.zip", edit(read_files(exported))))
    assert {clip.path for clip in run.outcome.examination.report.clips} == {""}


IMPLAUSIBLE = [
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
]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda files: {name: data for name, data in files.items() if name != "run.json"}, ArchiveRefused, None),
        (lambda files: {name: data for name, data in files.items() if "weights" not in name}, ArchiveRefused, None),
        (lambda files: files | {"run.json": b"[]"}, ArchiveRefused, "invalid"),
        (lambda files: files | {"run.json": b"[" * 100_000}, ArchiveRefused, None),
        (lambda files: files | {"run.json": b"\xff\xfe"}, ArchiveRefused, None),
        (lambda files: files | {f"more{number}": b"" for number in range(100)}, ArchiveRefused, "too many files"),
        (lambda files: files | {"classifier/weights.npz": bytes(1 << 20)}, ArchiveRefused, "larger than"),
        (lambda files: files | {"classifier/card.json": b"{}"}, ClassifierDamaged, None),
        (with_card(labels=["bright"]), ClassifierDamaged, None),
        (with_card(labels=["bright", "dark", "dim"]), ClassifierDamaged, "labels of the report differ"),
        (with_card(temperature=0.0), ClassifierDamaged, None),
        *((with_run(edit), ArchiveRefused, "invalid") for edit in IMPLAUSIBLE),
    ],
)
def test_invalid_runs_are_refused_and_leave_no_files(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change, error, message
) -> None:
    files = read_files(exported)
    monkeypatch.setitem(archive._MAX_BYTES, "classifier/weights.npz", len(files["classifier/weights.npz"]))
    before = sorted(settings().runs.iterdir())
    with pytest.raises(error, match=message):
        import_run(OTHER, write_zip(tmp_path / "a.zip", change(files)))
    assert sorted(settings().runs.iterdir()) == before


def stored_again(files: Files, **arrays: np.ndarray) -> bytes:
    """The weights with other arrays, so that their file has no array of its own size."""
    with np.load(io.BytesIO(files["classifier/weights.npz"])) as opened:
        named: dict[str, Any] = {name: arrays.get("all", opened[name]) for name in opened}
    out = io.BytesIO()
    np.savez(out, **named)
    return out.getvalue()


@pytest.mark.promise("hostile", "An imported run is checked against its network before it is unpacked")
@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (lambda files: bytes(100 << 20), ArchiveRefused, "100 times its size"),
        (lambda files: np.random.default_rng(0).bytes(8 << 20), ArchiveRefused, "larger than its network needs"),
        (lambda files: stored_again(files, all=np.zeros((3, 3), np.float32)), ClassifierDamaged, "the network has"),
    ],
)
def test_weights_that_do_not_fit_the_network_are_never_written(
    exported: Path, tmp_path: Path, weights: Callable[[Files], bytes], error: type[Exception], message: str
) -> None:
    written: list[Path] = []
    files = read_files(exported)
    packed = write_zip(tmp_path / "a.zip", files | {"classifier/weights.npz": weights(files)})
    with pytest.raises(error, match=message):
        import_run(OTHER, packed, lambda progress: written.extend(settings().runs.glob("*/classifier/weights.npz")))
    assert {path.parents[1] for path in written} <= {run.folder for run in list_runs(OWNER) + list_runs(OTHER)}


def test_the_network_of_an_import_is_built_in_a_process_that_ends(exported: Path, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, har.runs\n"
        "if __name__ == '__main__':\n"
        f"    run = har.runs.import_run({OTHER!r}, pathlib.Path({str(exported)!r}))\n"
        "    print(run.id, 'tensorflow' in sys.modules)\n"
    )
    (tmp_path / "imports.py").write_text(script)
    printed = subprocess.run([sys.executable, tmp_path / "imports.py"], capture_output=True, text=True, check=True)
    run_id, loaded = printed.stdout.split()
    assert (loaded, run_id in {run.id for run in list_runs(OTHER)}) == ("False", True)


def test_too_many_imports_replace_those_opened_longest_ago(
    exported: Path, override: Callable[..., object], tmp_path: Path
) -> None:
    override(home=tmp_path, max_imported_runs=2)
    first, second = (import_run(owner * 22, exported) for owner in "ab")
    with pytest.raises(TooManyRuns, match="short time ago"):
        import_run("c" * 22, exported)
    for age_sec, run in ((7200, second), (3600, first)):
        for path in run.folder.iterdir():
            os.utime(path, (time.time() - age_sec,) * 2)
    third = import_run("c" * 22, exported)
    assert {path.name for path in settings().runs.iterdir()} == {first.id, third.id}


def test_other_compression_methods_are_refused(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="unsupported method"):
        import_run(OTHER, write_zip(tmp_path / "a.zip", dict.fromkeys(read_files(exported), b"{}"), zipfile.ZIP_LZMA))


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x05\x06" + bytes(18), None])
def test_damaged_zip_files_are_refused(exported: Path, tmp_path: Path, data: bytes | None) -> None:
    (tmp_path / "a.zip").write_bytes(exported.read_bytes()[:-2000] if data is None else data)
    with pytest.raises(ArchiveRefused):
        import_run(OTHER, tmp_path / "a.zip")


def test_an_unfinished_run_cannot_be_exported(plan: Plan) -> None:
    with pytest.raises(RunMissing, match="not finished"):
        export_run(new_run(OWNER, plan).id)


def test_titles_are_escaped_in_the_report(finished: Run) -> None:
    script = "<script>alert(1)</script>"
    run = replace(finished, plan=replace(finished.plan, title=script))
    assert script not in render_training_report(run.name, run.plan.recipe, run.outcome)
