import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from har.datasets import Dataset, LabelledVideo, open_dataset
from har.errors import StopRequested
from har.progress import Progress, Stage
from har.recipe import recipe_for
from har.runs import Plan, estimate, estimate_recordings, leave_recordings_out, new_run, read_recordings
from har.settings import Settings
from tests.runs.conftest import OWNER
from tests.tiny_clips import write_shades


def clips(groups: int, known: bool = True) -> Dataset:
    videos = (
        LabelledVideo(Path(f"{label}{group}.mp4"), label, f"g{group}" if known else None)
        for label in "ab"
        for group in range(groups)
    )
    return Dataset("d", "D", tuple(videos))


def test_it_takes_one_training_for_each_recording() -> None:
    recipe = recipe_for("lrcn")
    assert estimate_recordings(clips(5), recipe) == pytest.approx(5 * estimate(clips(5), recipe).seconds)


def test_it_is_not_possible_with_unknown_or_too_few_recordings_or_too_little_time(
    override: Callable[..., Settings],
) -> None:
    recipe = recipe_for("lrcn")
    assert estimate_recordings(clips(5, known=False), recipe) is None
    assert estimate_recordings(clips(2), recipe) is None
    override(max_training_sec=estimate(clips(5), recipe).seconds + 1)
    assert estimate_recordings(clips(5), recipe) is None


@pytest.mark.training
def test_every_clip_is_tested_once_without_its_recording(plan: Plan, tmp_path: Path) -> None:
    folder = write_shades(tmp_path, range(3))
    run = new_run(OWNER, replace(plan, dataset=str(folder), recipe=replace(plan.recipe, epochs=1)))
    assert read_recordings(run) is None
    with pytest.raises(StopRequested):
        leave_recordings_out(run.id, stop_after(1))
    seen: list[Progress] = []
    leave_recordings_out(run.id, seen.append)
    report = read_recordings(run)
    assert [fold.group for fold in report.folds] == list(open_dataset(str(folder)).groups)
    assert (report.share.count, report.failed) == (6, ())
    trained = [event for event in seen if event.stage is Stage.TASKS]
    assert trained[0].done == 1  # the others are not repeated
    assert trained[-1].text == "3 of 3 recordings"


def stop_after(count: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.stage is Stage.TASKS and progress.done >= count:
            raise StopRequested

    return report


def test_a_report_that_cannot_be_read_is_none(plan: Plan) -> None:
    run = new_run(OWNER, plan)
    path = run.folder / "recordings" / "report.json"
    path.parent.mkdir()
    path.write_text("{")
    assert read_recordings(run) is None
    path.write_text(json.dumps({"folds": []}))
    assert read_recordings(run) is None
