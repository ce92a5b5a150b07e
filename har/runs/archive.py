"""A run as one file to take away, and such a file brought back. What comes back is data only, and from a stranger."""

import os
import secrets
import shutil
import time
import zipfile
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.classifier import read_card
from har.datasets.sources.entries import ZIP_ERRORS, ZIP_METHODS
from har.errors import ArchiveRefused, ClassifierDamaged, OptionsError, RunMissing
from har.evaluation import ClipVerdict, Examination
from har.runs.folder import Run, look_at, new_run, open_run, write_outcome
from har.runs.html_report import report_page
from har.runs.plan import Outcome, Plan
from har.runs.validate import believable
from har.settings import MIB

PORTABLE = "model.keras"
_ZIP, _REPORT, _RUN = "run.zip", "report.html", "run.json"
_CLASSIFIER = ("card.json", "weights.npz")
_FILES = {  # that are read of a zip that is brought, with the most bytes each may have
    "classifier/card.json": 32 * MIB,
    "classifier/weights.npz": 256 * MIB,
    _RUN: 32 * MIB,
}
_MOST_MEMBERS = 50
_runs = TypeAdapter(tuple[Plan, Outcome])


def export_run(run_id: str) -> Path:
    """Write a run's zip: its classifier, the report with its plots, the same network for Keras alone.

    Raises:
        RunMissing: no such run, or it is not through.
    """
    run = look_at(run_id)
    if run.outcome is None:
        raise RunMissing("This run is not through.", "A finished one can be taken away.", "Wait for its end.")
    path, beside = run.folder / _ZIP, run.folder / f".{secrets.token_hex(8)}.tmp"
    outcome = replace(run.outcome, examination=_without_folders(run.outcome.examination))
    plan = replace(run.plan, dataset="", pair=None)  # secrets of their owner, and of no use elsewhere
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in _CLASSIFIER:
                archive.write(run.classifier / name, f"classifier/{name}")
            if (run.folder / PORTABLE).exists():
                archive.write(run.folder / PORTABLE, PORTABLE)
            archive.writestr(_RUN, _runs.dump_json((plan, outcome), indent=1))
            archive.writestr(_REPORT, report_page(run))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def import_run(owner: str, path: Path) -> Run:
    """Make a run of a zip that `export_run` wrote, here or elsewhere. Only the card, the arrays and numbers are read.

    Args:
        owner: whose it is to be.
        path: the zip, which anybody may have made.

    Raises:
        ArchiveRefused: not such a zip, or larger than one can be.
        ClassifierDamaged: its card says something impossible.
        TooManyRuns: the owner keeps as many as they may.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: _read(archive, name, limit) for name, limit in _FILES.items()}
        plan, outcome = _runs.validate_json(files[_RUN])
    except (ValidationError, OptionsError) as error:  # the former is a ValueError too
        raise _refused("What it says of the training cannot be.") from error
    except (*ZIP_ERRORS, KeyError) as error:
        raise _refused(f"It cannot be read ({type(error).__name__}).") from error
    if not believable(plan, outcome):
        raise _refused("What it says of the training cannot be.")
    # Whatever it names on its own machine is not to be looked for on this one.
    run = new_run(owner, replace(plan, dataset="", pair=None, created=time.time()))
    try:
        run.classifier.mkdir()
        for name in files.keys() - {_RUN}:
            (run.classifier / Path(name).name).write_bytes(files[name])
        card = read_card(run.classifier)
        if card.labels != (outcome.examination.report.labels if outcome.examination else card.labels):
            raise ClassifierDamaged("The report is not on this classifier.", "One was expected.", "Export it again.")
        write_outcome(run, replace(outcome, examination=_without_folders(outcome.examination, names=False)))
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return open_run(run.id)


def _read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if len(archive.infolist()) > _MOST_MEMBERS:
        raise _refused("It holds too many files.")
    found = archive.getinfo(name)
    if found.compress_type not in ZIP_METHODS:
        raise _refused(f"{name} is packed in an unknown way.")
    if found.file_size > limit:
        raise _refused(f"{name} is larger than any that this program writes.")
    with archive.open(name) as file:
        data = file.read(limit + 1)  # what a header promises need not be so
    if len(data) > limit:
        raise _refused(f"{name} is larger than any that this program writes.")
    return data


def _without_folders(examination: Examination | None, *, names: bool = True) -> Examination | None:
    """Clips named by label and file alone, or not at all."""
    if examination is None:
        return None
    clips = tuple(
        ClipVerdict(
            f"{Path(clip.path).parent.name}/{Path(clip.path).name}" if names else "",
            clip.label,
            clip.predicted,
            clip.confidence,
            clip.group,
        )
        for clip in examination.report.clips
    )
    return replace(examination, report=replace(examination.report, clips=clips))


def _refused(reason: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"This zip was not taken. {reason}", "A run that was taken away from this program was expected.", "Bring that."
    )
