"""Imported ground truth above the timeline, and a second classifier below it."""

import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

from har.classifier import read_card
from har.results import SCORES, import_ground_truth, open_annotation
from har.results.store import write_notes
from har.timeline import Scored, WindowScores, load_scores, save_scores
from tests.browser.made import SHARP, make_result
from tests.browser.test_player import open_result, settled

PLAN = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2]  # of half seconds: squat, wave, walk
TRUTH = "start_sec,end_sec,label\n0,2,squat\n2,4,wave\n5,8,jump\n"


def add_second(folder, plan, names):
    first = load_scores(folder / SCORES)
    shares = np.full((len(plan), len(names)), 0.1, np.float32)
    shares[np.arange(len(plan)), plan] = 0.8
    scores = WindowScores(names, first.scores.start_sec, first.scores.end_sec, shares)
    (folder / "second").mkdir()
    save_scores(folder / "second" / SCORES, Scored(scores, first.times_sec, first.duration_sec))
    write_notes(folder / "second", open_annotation(folder).info, read_card("lrcn-ucf101-10"), SHARP)


@pytest.fixture(scope="module")
def compared(app):
    """The second classifier predicts squat instead of wave, and hop instead of walk."""
    made = make_result(app.home, PLAN)
    add_second(made.folder, [0] * 8 + [1] * 9, ("squat", "hop"))
    return made


def colours(page, strip):
    bars = page.locator(f".{strip} .bar")
    return [bar.evaluate("(one) => one.style.getPropertyValue('--colour')") for bar in bars.all()]


def test_two_timelines_are_shown_and_differences_marked(page, compared):
    open_result(page, compared)
    expect(page.locator(".compared")).to_contain_text("They agree on 24% of frames")
    first, second = colours(page, "segments"), colours(page, "other")
    assert (len(first), len(second)) == (3, 2)
    assert first[0] == second[0]  # squat
    assert second[1] not in first  # hop
    marks = page.locator(".differing .mark")
    shown = [mark.evaluate("(one) => parseFloat(one.style.left)") for mark in marks.all()]
    assert shown == pytest.approx([100 * 2 / compared.duration_sec, 100 * 4 / compared.duration_sec], abs=1)
    boxes = [page.locator(name).bounding_box() for name in (".segments", ".differing", ".other")]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    assert boxes[1]["y"] + boxes[1]["height"] <= boxes[2]["y"]


def test_keys_and_clicks_work_on_both(page, compared):
    open_result(page, compared)
    page.locator(".timeline").focus()
    page.keyboard.press("]")
    _, panel = settled(page)
    assert panel["label"] == "wave"
    expect(page.locator(".which")).to_contain_text(": squat")
    page.keyboard.press("[")
    assert settled(page)[0] == 0
    other = page.locator(".other").bounding_box()
    page.mouse.click(other["x"] + 0.9 * other["width"], other["y"] + 10)
    assert settled(page)[1]["label"] == "walk"
    expect(page.locator(".which")).to_contain_text(": hop")


def test_imported_ground_truth_is_shown_with_metrics(page, app, tmp_path):
    made = make_result(app.home, PLAN)
    open_result(page, made)
    expect(page.locator(".truth")).to_be_hidden()
    page.get_by_text("Import ground truth").click()
    (tmp_path / "wrong.csv").write_text(TRUTH + "90,91,wave\n")
    box = page.locator("input[type=file][accept*='.csv']")
    box.set_input_files(tmp_path / "wrong.csv")
    expect(page.get_by_text("Line 5 is from 90 to 91 s")).to_be_visible()
    (tmp_path / "truth.csv").write_text(TRUTH)
    box.set_input_files(tmp_path / "truth.csv")
    expect(page.get_by_text("Compared with ground truth")).to_be_visible()
    expect(page.get_by_text("always wrong: jump")).to_be_visible()
    expect(page.locator(".truth .bar")).to_have_count(5)
    assert colours(page, "truth")[:2] == colours(page, "segments")[:2]
    page.keyboard.press("Escape")
    page.locator(".timeline").focus()
    page.keyboard.press("]")
    expect(page.locator(".true")).to_have_text("✓")
    page.get_by_role("button", name="Remove ground truth").click()
    expect(page.locator(".truth")).to_be_hidden()


def test_on_a_phone_all_timelines_fit(phone, app, compared):
    made = make_result(app.home, PLAN)
    shutil.copytree(compared.folder / "second", made.folder / "second")
    import_ground_truth(made.folder, TRUTH.encode(), made.duration_sec)
    page = open_result(phone, made)
    wide = "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
    assert page.evaluate(wide) <= 390
    for strip in (".truth", ".segments", ".differing", ".other", ".compared"):
        box = page.locator(strip).bounding_box()
        assert box["x"] + box["width"] <= 390
