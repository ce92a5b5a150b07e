"""Which clips Samples shows. Their previews: tests/ui/test_preview_wall.py."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.exports.data import INFO
from tests.ui.data_pages import buttons, in_address, open_page, press, ran, texts, write_clip
from ui import preview_wall
from ui.explore import samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes: one with groups; one without, in which two clips have the same name."""
    folder = tmp_path_factory.mktemp("samples") / "set"
    for number, name in enumerate(("g01_c01", "g01_c02", "g01_c03", "g02_c01")):
        write_clip(folder / "train" / "Run" / f"v_Run_{name}.mp4", number)
    write_clip(folder / "train" / "Sit" / "a.mp4", 4)
    write_clip(folder / "test" / "Sit" / "a.mp4", 5, count=20)
    (folder / "train" / "Sit" / "words.mp4").write_text("words, not pictures")
    return folder


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[preview_wall.Cell]:
    """The cells of the last wall."""
    cells: list[preview_wall.Cell] = []

    def keep(given: list[preview_wall.Cell], **_: object) -> None:
        cells[:] = given

    monkeypatch.setattr(samples, "wall", keep)
    return cells


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Two files in each of 30 classes; they are never opened."""
    for label in range(30):
        for number in range(2):
            path = tmp_path / f"class {label:02}" / f"{number}.mp4"
            path.parent.mkdir(exist_ok=True)
            path.touch()
    return tmp_path


def toggle(page, name):
    return next(toggle for toggle in page.toggle if toggle.label == name)


def test_large_data_set_shows_twenty_classes_or_all(many: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", many)
    assert "each of 20 of 30 classes" in texts(page)
    assert len({cell.title for cell in shown}) == len(shown) == 20
    first = list(shown)
    page = ran(page)
    assert shown == first
    page = press(page, "Shuffle")
    assert shown != first
    toggle(page, "All 30 classes").set_value(True)
    page = ran(page)
    assert "each of the 30 classes" in texts(page)
    assert len({cell.title for cell in shown}) == len(shown) == 30
    toggle(page, "All clips").set_value(True)
    assert "60 clips" in texts(ran(page))
    assert len(shown) == 60
    page = open_page("samples", many)
    page.multiselect[0].set_value([f"class {label:02}" for label in range(25)])  # more than 20, but chosen
    assert "each of the 25 classes" in texts(ran(page))
    assert len(shown) == 25


def test_filters_apply_and_without_matches_that_is_explained(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder)
    assert [toggle.label for toggle in page.toggle] == ["All clips"]  # none for all classes, which are few
    assert sorted(cell.title for cell in shown) == ["Run", "Sit"]
    page.multiselect[1].set_value(["g02"])
    toggle(page, "All clips").set_value(True)
    assert "1 clip. Click" in texts(ran(page))
    assert [cell.video.path.name for cell in shown] == ["v_Run_g02_c01.mp4"]
    page.multiselect[0].set_value(["Sit"])
    assert "No clip is in both" in texts(ran(page))


def test_class_is_shown_in_groups_if_it_has_any(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder, label="Run")
    assert "4 clips in 2 groups, one row per group" in texts(page)
    assert [cell.heading for cell in shown] == ["g01", None, None, "g02"]
    assert [cell.title for cell in shown] == ["c01", "c02", "c03", "c01"]
    page = open_page("samples", folder, label="Sit")
    assert "3 clips. Which of them come from the same recording is unknown." in texts(page)
    assert {cell.heading for cell in shown} == {None}


def test_clip_plays_next_to_its_properties_and_its_group(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder, label="Run", clip="v_Run_g01_c02.mp4")
    assert len(page.get("video")) == 1
    table = page.table[0].value
    facts = dict(zip(table.index, table.iloc[:, 0], strict=True))
    assert (facts["group"], facts["duration"], facts["size"]) == ("g01", "1.00 s", "64×48")
    assert [cell.title for cell in shown] == ["c01", "c03"]
    page = press(page, "Show as model input")
    assert (in_address(page, "view"), in_address(page, "clip")) == ("sight", "v_Run_g01_c02.mp4")
    page = press(page, "All of Run")
    assert "clip" not in page.query_params
    assert in_address(page, "label") == "Run"


def test_clips_with_the_same_name_have_different_addresses(folder: Path, shown: list[preview_wall.Cell]) -> None:
    open_page("samples", folder, label="Sit")
    frames = set()
    for video in [cell.video for cell in shown if cell.video.path.name == "a.mp4"]:
        page = open_page("samples", folder, label="Sit", clip=preview_wall.Cell(video, "").id)
        frames.add(page.table[0].value.loc["frames"].iloc[0])
    assert frames == {"10", "20"}


def test_file_that_is_not_a_video_is_reported(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder, label="Sit", clip="words.mp4")
    assert page.error
    assert not page.get("video")
    assert "All of Sit" in buttons(page)


@pytest.mark.parametrize("clip", ["../../etc/passwd", "a.mp4", ""])
def test_unknown_clip_leads_to_the_class(folder: Path, shown: list[preview_wall.Cell], clip: str) -> None:
    page = open_page("samples", folder, label="Run", clip=clip)
    assert "Run has no clip" in page.warning[0].value
    assert len(shown) == 4


@pytest.mark.parametrize(
    ("width", "height", "wide"),
    [(320, 240, 640), (64, 64, 240), (1920, 1080, 853), (1080, 1920, 270)],
)
def test_display_width_suits_small_and_upright_clips(width: int, height: int, wide: int) -> None:
    assert samples._display_width(replace(INFO, width=width, height=height)) == wide
