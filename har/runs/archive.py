"""A run as a zip file for download, and such a file imported. Imported files are untrusted: only data is read."""

import shutil
import time
import zipfile
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.classifier import read_card
from har.datasets.fetching.archive_entries import ZIP_ERRORS, ZIP_METHODS
from har.errors import ArchiveRefused, ClassifierDamaged, OptionsError, RunMissing
from har.evaluation import Evaluation
from har.plots.training_report import render_training_report
from har.runs.store import Plan, Run, new_run, open_run, read_run
from har.runs.validate import is_plausible
from har.settings import MIB
from har.storage import atomic
from har.training import Outcome
from har.training.outcome import write_outcome
from har.training_pipeline import KERAS_FILE, REPORT_FILE

_ZIP, _RUN = "run.zip", "run.json"
_CLASSIFIER = ("card.json", "weights.npz")
_MAX_BYTES = {  # of the files that are read when importing
    "classifier/card.json": 32 * MIB,
    "classifier/weights.npz": 256 * MIB,
    _RUN: 32 * MIB,
}
_MAX_ENTRIES = 50
_runs = TypeAdapter(tuple[Plan, Outcome])


def export_run(run_id: str) -> Path:
    """Write a run's zip file: the classifier, the report, and the network for Keras alone.

    Raises:
        RunMissing: no such run, or it is not finished.
    """
    run = read_run(run_id)
    if run.outcome is None:
        raise RunMissing(
            "This run is not finished.", "Only finished runs can be downloaded.", "Wait until it has finished."
        )
    outcome = replace(run.outcome, examination=_without_paths(run.outcome.examination))
    plan = replace(run.plan, dataset="", pair=None)  # secrets of the owner, and useless elsewhere
    with atomic.replacing(run.folder / _ZIP) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as zip:
        for name in _CLASSIFIER:
            zip.write(run.classifier / name, f"classifier/{name}")
        if (run.folder / KERAS_FILE).exists():
            zip.write(run.folder / KERAS_FILE, KERAS_FILE)
        zip.writestr(_RUN, _runs.dump_json((plan, outcome), indent=1))
        if (run.folder / REPORT_FILE).exists():
            zip.write(run.folder / REPORT_FILE, REPORT_FILE)
        else:  # an imported run, or one of an earlier version
            zip.writestr(REPORT_FILE, render_training_report(run.name, run.plan.recipe, run.outcome))
    return run.folder / _ZIP


def import_run(owner: str, path: Path) -> Run:
    """Create a run from a zip file that `export_run` wrote, here or elsewhere.

    Args:
        owner: of the new run.
        path: the zip file, which may be malicious.

    Raises:
        ArchiveRefused: not such a zip file, or too large.
        ClassifierDamaged: its card is invalid.
        TooManyRuns: the owner has as many runs as allowed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: _read(archive, name, limit) for name, limit in _MAX_BYTES.items()}
        plan, outcome = _runs.validate_json(files[_RUN])
    except (ValidationError, OptionsError) as error:  # the former is a ValueError too
        raise _refused("Its description of the training is invalid.") from error
    except (*ZIP_ERRORS, KeyError) as error:
        raise _refused(f"It cannot be read ({type(error).__name__}).") from error
    if not is_plausible(plan, outcome):
        raise _refused("Its description of the training is invalid.")
    # Names of files on the machine that exported it mean nothing here.
    run = new_run(owner, replace(plan, dataset="", pair=None, created=time.time()))
    try:
        run.classifier.mkdir()
        for name in files.keys() - {_RUN}:
            (run.classifier / Path(name).name).write_bytes(files[name])
        card = read_card(run.classifier)
        if outcome.examination is not None and outcome.examination.report.labels != card.labels:
            raise ClassifierDamaged(
                "The labels of the report differ from those of the classifier.",
                "They must be the same.",
                "Export the run again.",
            )
        write_outcome(run.folder, replace(outcome, examination=_without_paths(outcome.examination, names=False)))
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return open_run(run.id)


def _read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if len(archive.infolist()) > _MAX_ENTRIES:
        raise _refused("It has too many files.")
    entry = archive.getinfo(name)
    if entry.compress_type not in ZIP_METHODS:
        raise _refused(f"{name} is compressed with an unsupported method.")
    data = b""
    if entry.file_size <= limit:
        with archive.open(name) as file:
            data = file.read(limit + 1)  # the size in the header may be wrong
    if max(entry.file_size, len(data)) > limit:
        raise _refused(f"{name} is larger than {limit // MIB} MiB.")
    return data


def _without_paths(evaluation: Evaluation | None, *, names: bool = True) -> Evaluation | None:
    """Clips with label and file name instead of their path, or with neither."""
    if evaluation is None:
        return None
    clips = tuple(
        replace(clip, path=f"{Path(clip.path).parent.name}/{Path(clip.path).name}" if names else "")
        for clip in evaluation.report.clips
    )
    return replace(evaluation, report=replace(evaluation.report, clips=clips))


def _refused(reason: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"This zip file was not imported. {reason}",
        "A run that was exported by this program was expected.",
        "Choose another file.",
    )
