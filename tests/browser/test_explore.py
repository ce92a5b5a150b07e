import re
import zipfile
from fractions import Fraction

import pytest
from playwright.sync_api import expect

from har.datasets.figures import draw_clip
from har.video import write_video

_MAKING_MS = 60_000  # pictures on a slow machine


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """Three short clips of each of two actions."""
    folder = tmp_path_factory.mktemp("own")
    for label in ("Kick", "Wave"):
        for group in (1, 2, 3):
            write_video(folder / f"{label} {group}.mp4", draw_clip(label, group, 1), Fraction(25))
    return folder


def playing(page):
    return page.locator(".cell.playing")


def test_previews_move_and_lead_to_a_class_and_a_clip(page):
    page.goto("/explore")
    playing(page).first.wait_for(timeout=_MAKING_MS)
    expect(page.locator(".cell")).to_have_count(10)
    picture = playing(page).first.locator(".picture")
    before = picture.evaluate("p => getComputedStyle(p).backgroundPositionX")
    page.wait_for_function(
        "([p, before]) => getComputedStyle(p).backgroundPositionX !== before", arg=[picture.element_handle(), before]
    )
    page.get_by_role("button", name=re.compile("^Squat")).click()
    page.wait_for_url(re.compile("label=Squat"))
    expect(page.locator(".heading")).to_have_count(25)
    page.get_by_role("button", name="c01").first.click()
    page.wait_for_url(re.compile(r"clip=v_Squat_g01_c01\.mp4"))
    video = page.locator("video")
    video.wait_for(timeout=_MAKING_MS)
    page.wait_for_function("v => v.readyState === 4 && !v.error", arg=video.element_handle())
    page.get_by_role("button", name="All of Squat").click()
    expect(page.locator(".heading")).to_have_count(25)


def test_ones_own_clips_become_a_data_set(page, clips):
    page.goto("/explore?view=get-data")
    for label in ("Kick", "Wave"):
        page.get_by_role("textbox", name="Label").fill(label)
        page.get_by_role("textbox", name="Label").press("Tab")
        page.locator("input[type=file]").first.set_input_files(sorted(clips.glob(f"{label}*.mp4")))
        page.get_by_role("button", name="Add these clips").click()
        expect(page.get_by_text("Added 3 clips of 1 class.")).to_be_visible(timeout=_MAKING_MS)
    expect(page.get_by_text("So far: Kick (3), Wave (3).")).to_be_visible()
    page.get_by_role("button", name="Open it").click()
    page.wait_for_url(re.compile("dataset=own-"))
    expect(playing(page)).to_have_count(2, timeout=_MAKING_MS)


def test_an_archive_with_a_bad_file_says_what_was_left_out(page, clips, tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in clips.glob("*.mp4"):
            archive.write(path, f"set/{path.name.split()[0]}/{path.name}")
        archive.writestr("set/Kick/text.avi", "no video")
        archive.writestr("../evil.avi", "no video")
    page.goto("/explore?view=get-data")
    page.get_by_text("Archive with label folders").click()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "set.zip")
    page.get_by_role("button", name="Add this archive").click()
    expect(page.get_by_text("Added 6 clips of 2 classes; 2 files skipped.")).to_be_in_viewport(timeout=_MAKING_MS)
    expect(page.get_by_role("tab", name="Archive with label folders")).to_have_attribute("aria-selected", "true")
    values = page.locator("input").evaluate_all("all => all.map(input => input.value)")
    assert "Your own clips" in values
    expect(page.get_by_text("So far: Kick (3), Wave (3).")).to_be_visible()
