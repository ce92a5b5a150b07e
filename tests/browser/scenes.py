"""Every screen in the states in which visitors meet it: for the tests of all of them, and for `make screenshots`."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.made import make_lesson, make_result
from tests.ui.train_pages import OWNER, epoch, evaluation, finished, outcome

_MS = 120_000  # what is made for the first time, on a slow machine


@dataclass(frozen=True)
class Stage:
    """What the scenes are played on."""

    home: Path  # the app's `HAR_HOME`
    run_id: str  # of a run that is through, and of `OWNER`
    no_video: Path  # a file under a video's name
    addresses: dict[str, str] = field(default_factory=dict)  # of what a scene has made, for the others


Scene = Callable[[Page, Stage], None]  # brings the page into its state


def build_stage(home: Path, folder: Path) -> Stage:
    """Put what scenes need into an app's folders.

    Args:
        home: the app's `HAR_HOME`.
        folder: for a file to bring.
    """
    clips = [("Kick", "Kick")] * 13 + [("Wave", "Wave")] * 11 + [("Wave", "Kick")] * 4
    history = tuple(epoch(number, 1 - 0.7 / number, best=number == 8) for number in range(1, 11))
    found = outcome(evaluation(clips, {"shuffled": 20, "reversed": 17, "frozen": 13}))
    run = finished(replace(found, history=history, best=history[7]))
    if run.folder.parent != home / "runs":
        shutil.copytree(run.folder, home / "runs" / run.id)
    no_video = folder / "holiday.mp4"
    no_video.write_text("not a video at all " * 100)
    return Stage(home, run.id, no_video)


def as_owner(page: Page) -> None:
    """From now on the browser is the one whose run it is."""
    page.add_init_script(f"localStorage.setItem('har-owner', {json.dumps(OWNER)})")


def settle(page: Page) -> None:
    """Until nothing on the page waits any more."""
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'")


def _at(address: str, seen: str) -> Scene:
    """An address, and a selector of what stands there when the page is whole."""

    def show(page: Page, stage: Stage) -> None:
        page.goto(address.format(run=stage.run_id))
        page.locator(seen).first.wait_for(timeout=_MS)

    return show


def _text(words: str) -> str:
    return f"text={words}"


def _sample_result(page: Page, stage: Stage) -> None:
    if "sample" in stage.addresses:
        page.goto(stage.addresses["sample"])
    else:
        page.goto("/")
        page.get_by_role("button", name="Six actions in a row").click()
        page.wait_for_url("**/annotate?job=*")
        stage.addresses["sample"] = page.url
    page.locator(".player .item").first.wait_for(timeout=_MS)
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")


def _unsure(page: Page, stage: Stage) -> None:
    """Guesses, and labels to choose from for a segment."""
    made = make_result(stage.home, [None] * 17, tuple(f"action {letter}" for letter in "abcdefghijkl"))
    page.goto(made.address)
    page.locator(".player .item").first.wait_for(timeout=_MS)
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator(".player .item").first.click()
    page.get_by_role("listbox", name="Labels").wait_for()


def _files(page: Page, stage: Stage) -> None:
    _sample_result(page, stage)
    page.locator(".st-key-result-heading").get_by_role("button", name="Download").click()
    page.get_by_role("button", name="Frame table").wait_for()


def _film(page: Page, stage: Stage) -> None:
    _sample_result(page, stage)
    page.get_by_text("Make a highlight film").click()
    page.get_by_role("button", name="Make the film").wait_for(timeout=_MS)


def _shared(page: Page, stage: Stage) -> None:
    _sample_result(page, stage)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Create a link").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    page.goto(re.sub(r".*/shared", "/shared", link))
    page.locator(".player .item").first.wait_for(timeout=_MS)


def _camera(page: Page, stage: Stage) -> None:
    page.goto("/annotate")
    page.get_by_text("Camera", exact=True).click()
    page.get_by_role("button", name="Start the camera").wait_for(timeout=_MS)


def _failed(page: Page, stage: Stage) -> None:
    page.goto("/annotate")
    page.get_by_text("Your own video", exact=True).click()
    page.locator("input[type=file]").set_input_files(stage.no_video)
    page.get_by_test_id("stAlert").wait_for(timeout=_MS)


def _runs(page: Page, stage: Stage) -> None:
    as_owner(page)
    page.goto("/train")
    page.get_by_text("Select one run to open or delete it").wait_for(timeout=_MS)


def _predictions(page: Page, stage: Stage) -> None:
    as_owner(page)
    page.goto("/explore?dataset=figures&view=tested")
    page.get_by_text(re.compile("^Wrong ")).wait_for(timeout=_MS)


def _report(page: Page, stage: Stage) -> None:
    as_owner(page)
    page.goto(f"/train?run={stage.run_id}")
    page.get_by_text("Does it need motion?").wait_for(timeout=_MS)


def _how_convlstm(page: Page, stage: Stage) -> None:
    page.goto("/how")
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="ConvLSTM on figures").click()
    page.get_by_text("A ConvLSTM remembers").wait_for(timeout=_MS)


def _taught(page: Page, stage: Stage) -> None:
    """Clips, and a classifier trained on them."""
    as_owner(page)
    page.goto(make_lesson(stage.home))
    page.get_by_text("too few takes to say").wait_for(timeout=_MS)
    page.locator(".wall:not(:has(.waiting)) .cell.playing").first.wait_for(timeout=_MS)


def _no_camera(page: Page, stage: Stage) -> None:
    page.goto("/teach")
    page.get_by_role("button", name="Record").first.click()
    page.get_by_role("alert").first.wait_for(timeout=_MS)


STILL: dict[str, Scene] = {
    "home": _at("/", "video"),
    "explore": _at("/explore", ".wall:not(:has(.waiting)) .cell.playing"),
    "explore-class": _at("/explore?dataset=figures&label=Squat", ".cell.playing"),
    "explore-facts": _at("/explore?dataset=figures&view=facts", ".js-plotly-plot"),
    "explore-split": _at("/explore?dataset=figures&view=split", ".js-plotly-plot"),
    "explore-sight": _at("/explore?dataset=figures&view=sight&label=Kick", _text("Animation")),
    "explore-predictions": _predictions,
    "explore-get-data": _at("/explore?view=get-data", "[data-testid=stFileUploaderDropzone]"),
    "explore-failed": _at("/explore?dataset=no-such-set", _text("There is no data set")),
    "train": _at("/train", _text("Your runs")),
    "train-runs": _runs,
    "train-report": _report,
    "train-gone": _at("/train?run=gone", _text("There is no training run")),
    "teach": _at("/teach", _text("Add a class")),
    "teach-trained": _taught,
    "teach-no-camera": _no_camera,
    "annotate": _at("/annotate", _text("Generated by this program")),
    "annotate-result": _sample_result,
    "annotate-unsure": _unsure,
    "annotate-files": _files,
    "annotate-film": _film,
    "annotate-camera": _camera,
    "annotate-failed": _failed,
    "annotate-gone": _at("/annotate?job=gone", _text("There is no result")),
    "how": _at("/how", _text("Donahue et al.")),
    "how-convlstm": _how_convlstm,
    "shared": _shared,
    "shared-gone": _at("/shared?link=gone", _text("There is nothing at this link")),
    "status": _at("/status", _text("Jobs waiting")),
}


def _annotate_busy(page: Page, stage: Stage) -> None:
    page.goto("/annotate")
    page.get_by_text("A boxer's training", exact=True).click()
    page.get_by_role("button", name="Annotate", exact=True).click()
    page.get_by_role("button", name="Cancel").wait_for()
    page.wait_for_timeout(1500)


def _train_busy(page: Page, stage: Stage) -> None:
    page.goto("/train")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile("run="))
    page.get_by_role("button", name=re.compile("Cancel|Stop")).first.wait_for(timeout=_MS)
    page.wait_for_timeout(int(os.environ.get("HAR_SCREENSHOT_TRAIN_MS", "4000")))


BUSY: dict[str, Scene] = {
    "annotate-busy": _annotate_busy,
    "train-busy": _train_busy,
}
