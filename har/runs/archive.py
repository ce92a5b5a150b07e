"""A run as a zip file for download, and such a file imported. Imported files are untrusted: only data is read."""

import math
import multiprocessing
import shutil
import sys
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har import networks
from har.classifier import Card, read_card
from har.datasets.archives.entries import ZIP_ERRORS, ZIP_METHODS, check_zip_directory
from har.errors import ArchiveRefused, ClassifierDamaged, OptionsError, RunMissing
from har.evaluation import Evaluation
from har.networks.weights import check_headers
from har.plots.training_report import render_training_report
from har.progress import OnProgress, Progress, Stage, ignore
from har.runs.naming import clean_name
from har.runs.store import Plan, Run, new_run, open_run, read_run
from har.runs.validate import is_plausible
from har.settings import MIB, settings
from har.storage import atomic, quota
from har.training import Outcome
from har.training.outcome import write_outcome
from har.training_pipeline import KERAS_FILE, NOTICE_FILE, REPORT_FILE

_ZIP, _RUN = "run.zip", "run.json"
_CARD, _WEIGHTS = "classifier/card.json", "classifier/weights.npz"
_MAX_BYTES = {_CARD: 32 * MIB, _WEIGHTS: 256 * MIB, _RUN: 32 * MIB}  # of the files that are read when importing
_MAX_ENTRIES = 50
_MAX_ITEM_BYTES, _MAX_HEADER_BYTES = 4, 1000  # of a number, and around an array, in a file of weights
_runs = TypeAdapter(tuple[Plan, Outcome])


def export_run(run_id: str) -> Path:
    """Write a run's zip file: the classifier, the report, and the network for Keras with its NOTICE, if any.

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
        for name in (_CARD, _WEIGHTS):
            zip.write(run.folder / name, name)
        for name in (KERAS_FILE, NOTICE_FILE):
            if (run.folder / name).exists():
                zip.write(run.folder / name, name)
        zip.writestr(_RUN, _runs.dump_json((plan, outcome), indent=1))
        if (run.folder / REPORT_FILE).exists():
            zip.write(run.folder / REPORT_FILE, REPORT_FILE)
        else:  # an imported run, or one of an earlier version
            title = f"{run.name}: {run.plan.title}"
            zip.writestr(REPORT_FILE, render_training_report(title, run.plan.recipe, run.outcome))
    return run.folder / _ZIP


def import_run(owner: str, path: Path, on_progress: OnProgress = ignore) -> Run:
    """Create a run of an owner from a zip file that `export_run` wrote, here or elsewhere; it may be malicious.

    Its arrays are compared with the network in its card before any is unpacked.

    Raises:
        ArchiveRefused: not such a zip file, or too large.
        ClassifierDamaged: its card is invalid.
        TooManyRuns: the owner, or all owners together, have as many runs as allowed.
        DiskFull: there is no room for it.
    """
    on_progress(Progress(Stage.UNPACK))
    check_zip_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _import(owner, archive, on_progress)
    except (ValidationError, OptionsError) as error:  # the former is a ValueError too
        raise _refused("Its description of the training is invalid.") from error
    except (*ZIP_ERRORS, KeyError) as error:
        raise _refused(f"It cannot be read ({type(error).__name__}).") from error


@quota.raising_disk_full()
def _import(owner: str, archive: zipfile.ZipFile, on_progress: OnProgress) -> Run:
    if len(archive.infolist()) > _MAX_ENTRIES:
        raise _refused("It has too many files.")
    entries = {name: _entry(archive, name, limit) for name, limit in _MAX_BYTES.items()}
    plan, outcome = _runs.validate_json(archive.read(entries[_RUN]))
    if not is_plausible(plan, outcome):
        raise _refused("Its description of the training is invalid.")
    # Names of files on the machine that exported it mean nothing here.
    plan = replace(plan, dataset="", pair=None, created=time.time(), name=clean_name(plan.name))
    run = new_run(owner, plan, imported=True)
    try:
        run.classifier.mkdir()
        _write(archive, entries[_CARD], run.classifier)
        card = read_card(run.classifier)
        if outcome.examination is not None and outcome.examination.report.labels != card.labels:
            raise ClassifierDamaged(
                "The labels of the report differ from those of the classifier.",
                "They must be the same.",
                "Export the run again.",
            )
        on_progress(Progress(Stage.UNPACK))
        shapes = _weight_shapes(card)
        needed = sum(_MAX_ITEM_BYTES * math.prod(shape) + _MAX_HEADER_BYTES for shape in shapes.values()) + MIB
        if entries[_WEIGHTS].file_size > needed:
            raise _refused(f"{_WEIGHTS} is larger than its network needs.")
        with archive.open(entries[_WEIGHTS]) as file:
            check_headers(Path(_WEIGHTS), shapes, file)
        on_progress(Progress(Stage.UNPACK))
        _write(archive, entries[_WEIGHTS], run.classifier)
        write_outcome(run.folder, replace(outcome, examination=_without_paths(outcome.examination, names=False)))
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return open_run(run.id)


def _entry(archive: zipfile.ZipFile, name: str, limit: int) -> zipfile.ZipInfo:
    """An entry within the limits. Python reads no more of it than its header announces."""
    entry = archive.getinfo(name)
    if entry.compress_type not in ZIP_METHODS:
        raise _refused(f"{name} is compressed with an unsupported method.")
    if entry.file_size > limit:
        raise _refused(f"{name} is larger than {limit // MIB} MiB.")
    ratio = settings().max_compression_ratio
    if entry.file_size > MIB and entry.file_size > ratio * entry.compress_size:
        raise _refused(f"{name} unpacks to more than {ratio:g} times its size.")
    return entry


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    with archive.open(entry) as source, (folder / Path(entry.filename).name).open("xb") as file:
        shutil.copyfileobj(source, file)


def _weight_shapes(card: Card) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights of a card's network.

    The network is built in its own process, since TensorFlow stays in memory; unless this one has loaded it already.
    """
    if "tensorflow" in sys.modules:
        return _build_shapes(card)
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(_build_shapes, card).result()
    except BrokenProcessPool as error:
        raise _refused("Its network is too large.") from error


def _build_shapes(card: Card) -> dict[str, tuple[int, ...]]:
    try:
        model = networks.build(card.network, len(card.labels), card.spec, **card.options)
    except OptionsError as error:
        raise ClassifierDamaged(
            f"Its card describes a network that cannot be built: {error.received}", error.expected, error.remedy
        ) from error
    return {weight.path: tuple(weight.shape) for weight in networks.trained_weights(model, card.network)}


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
