"""Which clips Samples shows, and what it says of them. The wall's pictures: tests/ui/test_preview_wall.py."""

from fractions import Fraction
from pathlib import Path

import pytest

from har.video import VideoInfo
from tests.ui.data_pages import buttons, open_page, press, ran, texts, write_clip
from ui import preview_wall
from ui.explore import samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes: one by groups, one in which two clips have a name in common and nothing has a group."""
    folder = tmp_path_factory.mktemp("samples") / "set"
    for number, name in enumerate(("g01_c01", "g01_c02", "g01_c03", "g02_c01")):
        write_clip(folder / "train" / "Run" / f"v_Run_{name}.mp4", number)
    write_clip(folder / "train" / "Sit" / "a.mp4", 4)
    write_clip(folder / "test" / "Sit" / "a.mp4", 5, count=20)
    (folder / "train" / "Sit" / "words.mp4").write_text("words, not pictures")
    return folder


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[preview_wall.Cell]:
    """The cells of the walls that were shown last."""
    cells: list[preview_wall.Cell] = []

    def keep(given: list[preview_wall.Cell], **_: object) -> None:
        cells[:] = given

    monkeypatch.setattr(samples, "wall", keep)
    return cells


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Two files in each of 30 classes; nothing opens them."""
    for label in range(30):
        for number in range(2):
            path = tmp_path / f"class {label:02}" / f"{number}.mp4"
            path.parent.mkdir(exist_ok=True)
            path.touch()
    return tmp_path


def in_address(page, name):
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def toggle(page, name):
    return next(toggle for toggle in page.toggle if toggle.label == name)


def test_a_large_set_begins_with_twenty_classes_and_can_show_all(many: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", many)
    assert "each of 20 of 30 classes" in texts(page)
    assert len({cell.title for cell in shown}) == len(shown) == 20
    toggle(page, "All 30 classes").set_value(True)
    page = ran(page)
    assert "each of the 30 classes" in texts(page)
    assert len({cell.title for cell in shown}) == len(shown) == 30
    toggle(page, "All clips").set_value(True)
    assert "60 clips" in texts(ran(page))
    assert len(shown) == 60


def test_chosen_classes_are_all_shown_however_many(many: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", many)
    page.multiselect[0].set_value([f"class {label:02}" for label in range(25)])
    assert "each of the 25 classes" in texts(ran(page))
    assert len(shown) == 25


def test_shuffle_shows_others_and_nothing_else_does(many: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", many)
    first = list(shown)
    ran(page)
    assert shown == first
    press(page, "Shuffle")
    assert shown != first


def test_a_set_of_few_classes_offers_no_more_of_them(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder)
    assert [toggle.label for toggle in page.toggle] == ["All clips"]
    assert sorted(cell.title for cell in shown) == ["Run", "Sit"]


def test_filters_that_leave_nothing_say_so(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder)
    page.multiselect[0].set_value(["Sit"])
    page.multiselect[1].set_value(["g01"])
    assert "No clip has both" in texts(ran(page))


def test_a_class_is_shown_by_its_groups(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder, label="Run")
    assert "4 clips in 2 groups, a row for each" in texts(page)
    assert [cell.heading for cell in shown] == ["g01", None, None, "g02"]
    assert [cell.title for cell in shown] == ["c01", "c02", "c03", "c01"]


def test_a_class_without_groups_says_so(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder, label="Sit")
    assert "3 clips. Nothing tells which of them are of one recording." in texts(page)
    assert {cell.heading for cell in shown} == {None}


def test_a_clip_plays_beside_its_facts_and_the_others_of_its_group(
    folder: Path, shown: list[preview_wall.Cell]
) -> None:
    page = open_page("samples", folder, label="Run", clip="v_Run_g01_c02.mp4")
    assert len(page.get("video")) == 1
    table = page.table[0].value
    facts = dict(zip(table.index, table.iloc[:, 0], strict=True))
    assert (facts["group"], facts["duration"], facts["size"]) == ("g01", "1.00 s", "64×48")
    assert [cell.title for cell in shown] == ["c01", "c03"]
    page = press(page, "All of Run")
    assert "clip" not in page.query_params
    assert in_address(page, "label") == "Run"


def test_a_clip_leads_to_what_a_network_sees_of_it(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = press(open_page("samples", folder, label="Run", clip="v_Run_g02_c01.mp4"), "What a network sees of it")
    assert in_address(page, "view") == "sight"
    assert in_address(page, "clip") == "v_Run_g02_c01.mp4"


def test_clips_that_have_a_name_in_common_are_told_apart(folder: Path, shown: list[preview_wall.Cell]) -> None:
    open_page("samples", folder, label="Sit")
    frames = set()
    for video in [cell.video for cell in shown if cell.video.path.name == "a.mp4"]:
        page = open_page("samples", folder, label="Sit", clip=preview_wall.Cell(video, "").id)
        frames.add(page.table[0].value.loc["frames"].iloc[0])
    assert frames == {"10", "20"}


def test_a_file_that_is_no_video_says_so_and_leads_back(folder: Path, shown: list[preview_wall.Cell]) -> None:
    page = open_page("samples", folder, label="Sit", clip="words.mp4")
    assert page.error
    assert not page.get("video")
    assert "All of Sit" in buttons(page)


@pytest.mark.parametrize("clip", ["../../etc/passwd", "v_Run_g01_c01", "a.mp4", "", "<script>"])
def test_an_address_of_no_clip_shows_those_there_are(folder: Path, shown: list[preview_wall.Cell], clip: str) -> None:
    page = open_page("samples", folder, label="Run", clip=clip)
    assert "Run has no clip" in page.warning[0].value
    assert len(shown) == 4


@pytest.mark.parametrize(
    ("width", "height", "wide"),
    [(320, 240, 640), (64, 64, 240), (1920, 1080, 853), (1080, 1920, 270), (640, 480, 640)],
)
def test_a_small_clip_is_not_blown_up_and_an_upright_one_fits(width: int, height: int, wide: int) -> None:
    info = VideoInfo(
        path=Path("a.mp4"),
        width=width,
        height=height,
        fps=Fraction(25),
        duration_sec=1.0,
        frame_count=25,
        has_audio=False,
        codec="h264",
        container="mp4",
        variable_rate=False,
        size_bytes=1,
        warning=None,
    )
    assert samples._wide(info) == wide
