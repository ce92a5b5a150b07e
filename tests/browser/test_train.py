import re
from fractions import Fraction
from itertools import product

import pytest
from playwright.sync_api import expect

from har.datasets.figures import draw_clip
from har.video import write_video
from tests.browser.scenes import settle

_EPOCH_MS = 400_000  # clips are drawn and decoded first, on a slow machine
_TEST_MS = 200_000


@pytest.fixture
def dataset(app):
    """The name of a small data set: so few clips are decoded and trained on in seconds."""
    name = "own-squats-and-waves-0001"
    folder = app.home / "own-datasets" / name
    for label, group, clip in product(("Kick", "Squat", "Wave"), range(1, 6), range(1, 4)):
        if label != "Kick" or clip == 1:
            path = folder / label / f"v_{label}_g{group:02}_c{clip:02}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_video(path, draw_clip(label, group, clip), Fraction(25))
    (folder / "title.txt").write_text("squats and waves", encoding="utf-8")
    return name


def choose_two_classes(page, dataset):
    page.goto(f"/train?dataset={dataset}")
    page.get_by_role("button", name="None", exact=True).click(timeout=_TEST_MS)  # once the data set is read
    expect(page.get_by_text("Choose at least two classes.")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    for count, label in enumerate(("Squat", "Wave"), start=1):
        box = page.get_by_role("combobox", name="Classes")
        box.click()
        box.fill(label)
        box.press("Enter")
        expect(page.locator("[data-tag]")).to_have_count(count)
    box.press("Escape")
    settle(page)  # of the boxes, former ones may still be there
    page.get_by_test_id("stRadioOption").filter(has_text="From scratch").click()
    expect(page.get_by_text("Squat · Wave (LRCN)")).to_be_visible()
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_text("Tutorial", exact=True).click()  # without pretraining: its epochs start at once
    expect(page.get_by_role("spinbutton", name="Maximum epochs")).to_have_value("70")
    for name in ("Maximum epochs", "Patience"):  # it must still be running once the page has been loaded again
        field = page.get_by_role("spinbutton", name=name)
        field.fill("500")
        field.press("Enter")
        settle(page)
    expect(page.get_by_text("30 clips")).to_be_visible()


_LIVE = "[class*='st-key-live-'] .js-plotly-plot"  # the network may be drawn on the page too
_LINES = f"""() => [...document.querySelectorAll("{_LIVE} .scatterlayer path.js-line")]
    .map(line => line.getAttribute('d')).join(' ')"""


@pytest.mark.promise("jobs", "The address of a page leads back to the run")
def test_a_training_is_followed_stopped_read_and_taken_away(page, dataset, clip, tmp_path):
    choose_two_classes(page, dataset)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile("run="))
    stop = page.get_by_role("button", name="Stop and keep the best")
    stop.wait_for(timeout=_EPOCH_MS)
    page.reload()  # while it goes on
    stop.wait_for()
    page.locator(_LIVE).first.wait_for()  # the one of before the reload may still be there
    before = page.evaluate(_LINES)
    page.wait_for_function(f"before => ({_LINES})() !== before", arg=before, timeout=_EPOCH_MS)
    stop.click()
    expect(page.get_by_text("Accuracy on test clips")).to_be_visible(timeout=_TEST_MS)
    expect(page.get_by_text("Stopped on request after epoch")).to_be_visible()
    expect(page.get_by_text("from recordings it has not seen")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Does it need motion?")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    with page.expect_download(timeout=_TEST_MS) as download:
        page.get_by_role("button", name="Download", exact=True).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    address = page.url
    page.get_by_role("button", name="Use in Annotate").click()
    page.wait_for_url(re.compile(rf"/annotate\?classifier={address.rpartition('=')[2]}"))
    classifier = page.get_by_role("combobox", name="Classifier")
    expect(classifier).to_have_value(re.compile("^Yours: Squat · Wave"))
    page.locator("input[type=file]").set_input_files(clip)
    annotate = page.get_by_role("button", name="Annotate", exact=True)
    expect(annotate).to_be_enabled(timeout=_TEST_MS)
    annotate.click()
    page.wait_for_url(re.compile("job="))
    expect(page.get_by_text("The whole video")).to_be_visible(timeout=_TEST_MS)
    expect(page.get_by_text(re.compile("fps · Squat · Wave"))).to_be_visible()
    page.goto("/train")  # another session of the same browser
    expect(page.get_by_text("Select one run to open or delete it")).to_be_visible()
    page.get_by_text("Import a run", exact=True).click()
    page.locator("input[type=file]").last.set_input_files(path)
    page.get_by_role("button", name="Import it").click()
    page.wait_for_url(re.compile("run="), timeout=_TEST_MS)
    expect(page.get_by_text("This run was imported.")).to_be_visible()
    assert page.url != address
