"""Leave-one-recording-out: offered where few clips are for testing, followed, and shown with a run's report."""

import streamlit as st

from har import runs
from har.errors import HarError
from har.evaluation import Proportion
from har.jobs import JobState, Lane
from har.runs import FEW_TEST_CLIPS, RecordingsReport, Run
from ui import jobs, visitor
from ui.dataset_cache import opened_if_there
from ui.formatting import format_count
from ui.messages import show_error, show_failure
from ui.pace import rough_duration
from ui.tables import table
from ui.train.metrics import show_share

_HELP = (
    "Leave-one-recording-out: the recipe is trained once without each recording and tested on it, so that each clip is "
    "tested once. The classifier itself does not change."
)


def offer(test_clips: int, seconds: float) -> bool:
    """Whether the visitor wants it with a new training."""
    st.caption(f":material/info: {explain(test_clips)}")
    return st.toggle(f"Also test on each recording in turn ({rough_duration(seconds)} more)", help=_HELP, key="in-turn")


def explain(test_clips: int) -> str:
    """Why a test on so few clips says little."""
    low, _ = Proportion(test_clips, test_clips).interval
    clips = format_count(test_clips, "clip")
    return f"Only {clips} for testing: even if all are recognised, the accuracy may be as low as {low:.0%}."


def start(run: Run, *, detached: bool = True) -> None:
    """Queue it.

    Raises:
        HarError: the queue is full, or the visitor has too many jobs.
    """
    jobs.jobs().submit(
        runs.leave_recordings_out,
        run.id,
        job_id=runs.recordings_job_id(run.id),
        lane=Lane.TRAIN,
        visitor=visitor.visitor(),
        detached=detached,
    )


def show(run: Run, test_clips: int, can_start: bool) -> None:
    """Show the result, or the progress, or the offer where it makes sense."""
    report, status = runs.read_recordings(run), jobs.find_status(runs.recordings_job_id(run.id))
    is_running = can_start and jobs.is_running(status)  # the progress comes with a button to cancel
    is_offered = can_start and test_clips < FEW_TEST_CLIPS
    if report is None and not is_running and not is_offered:
        return
    st.subheader("Each recording in turn", anchor=False, help=_HELP)
    if status is not None and is_running:
        jobs.follow(status.id, start="Waiting for the worker")
    elif report is not None:
        _show_report(report)
    else:
        if status is not None and status.state is JobState.FAILED:
            show_failure(status)
        _show_offer(run, test_clips)


def _show_report(report: RecordingsReport) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        show_share("Accuracy over all recordings", report.share)
        if report.failed:
            st.caption(f"{format_count(len(report.failed), 'training')} failed.")
    with right:
        table(
            {
                "left out": [fold.group for fold in report.folds],
                "correct": [f"{fold.right} of {fold.count}" for fold in report.folds],
            }
        )


def _show_offer(run: Run, test_clips: int) -> None:
    dataset = opened_if_there(run.plan.dataset)
    if dataset is None:
        st.caption(f"{explain(test_clips)} The clips are no longer on this server, so it cannot be tested further.")
        return
    dataset = dataset.select_labels(label for label in run.plan.labels if label in dataset.labels)
    seconds = runs.estimate_recordings(dataset, run.plan.recipe)
    takes = "" if seconds is None else f" It takes {rough_duration(seconds)}."
    st.write(f"{explain(test_clips)} Training once without each recording tests every clip once.{takes}")
    if st.button("Test on each recording", icon=":material/rule:"):
        try:
            start(run)
        except HarError as error:
            show_error(error)
        else:
            st.rerun()
