"""Names that owners give to runs, and to the classifiers made from them."""

from dataclasses import replace

from har.classifier import retitle
from har.exports import single_line
from har.runs.store import Run, open_run, write_plan
from har.storage import quota
from har.training_pipeline import REPORT_FILE

MAX_NAME = 80  # characters


@quota.raising_disk_full()
def rename_run(run_id: str, name: str) -> Run:
    """Give a run and its classifier another name; the run may be training meanwhile.

    If the name is empty, they get the one that they had at first.

    Raises:
        RunMissing: there is no such run.
        ClassifierDamaged: its classifier cannot be read.
        DiskFull: there is no room for the change.
    """
    run = open_run(run_id)
    run = replace(run, plan=replace(run.plan, name=clean_name(name)))
    write_plan(run)
    name_classifier(run)
    (run.folder / REPORT_FILE).unlink(missing_ok=True)  # its heading is the old name; `export_run` writes another
    return run


def name_classifier(run: Run) -> None:
    """Give the classifier of a finished run the run's name.

    Raises:
        ClassifierDamaged: it cannot be read.
        OSError: it cannot be written.
    """
    if run.outcome is not None:
        retitle(run.classifier, run.name)


def clean_name(name: str) -> str:
    """A name in one line, of at most `MAX_NAME` characters."""
    return single_line(name)[:MAX_NAME].strip()
