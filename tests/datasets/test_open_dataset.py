from pathlib import Path

import pytest

from har.datasets import ensure_drawn, figures, list_datasets, open_dataset
from har.datasets.sources import SOURCES
from har.errors import DatasetError, DatasetMissing, LabelsError
from har.progress import Progress, Stage
from har.settings import settings
from tests.datasets.conftest import SetSettings

OWN = "own-Zk3_abcdefghijk-mnop"


@pytest.fixture(autouse=True)
def empty_folders(home: SetSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No data sets, and an empty current directory."""
    monkeypatch.chdir(tmp_path)


def create(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_the_generated_set_is_always_listed_before_the_folders_and_all_can_be_opened() -> None:
    datasets = settings().datasets
    create(datasets, "mine/run/a.mp4", ".unfinished/a.mp4", "figures-v4/a.mp4", "figures/a.mp4", "notes.zip")
    create(settings().own_datasets / OWN, "run/a.mp4")
    assert [entry.name for entry in list_datasets()] == ["figures", "mine"]
    assert [open_dataset(entry.name, draw=False).name for entry in list_datasets()] == ["figures", "mine"]


def test_known_sources_have_their_titles_and_licences(tmp_path: Path) -> None:
    create(settings().datasets / "ucf101", "TaiChi/v_TaiChi_g01_c01.avi")
    create(tmp_path / "elsewhere" / "ucf101", "TaiChi/v_TaiChi_g01_c01.avi")
    ucf101 = SOURCES["ucf101"]
    assert [entry.title for entry in list_datasets()[1:]] == [ucf101.title]
    for name in ("ucf101", str(settings().datasets / "ucf101")):
        dataset = open_dataset(name)
        assert (dataset.name, dataset.title, dataset.licence) == ("ucf101", ucf101.title, ucf101.licence)
    assert open_dataset("elsewhere/ucf101").licence.startswith("Not stated")


def test_a_name_is_a_path_if_the_current_directory_has_it(tmp_path: Path) -> None:
    create(settings().datasets / "mine", "run/a.mp4")
    assert open_dataset("mine").labels == ("run",)
    with pytest.raises(DatasetMissing):
        open_dataset("./mine")
    create(tmp_path / "mine", "jump/a.mp4")
    assert open_dataset("mine").labels == ("jump",)
    assert open_dataset("./mine").labels == ("jump",)
    assert open_dataset(str(settings().datasets / "mine")).labels == ("run",)


@pytest.mark.promise("private", "Visitors' data sets open by a secret name")
def test_a_users_set_opens_by_its_secret_name_under_its_title() -> None:
    folder = create(settings().own_datasets / OWN, "run/a.mp4", "jump/b.mp4")
    assert open_dataset(OWN).title == "Own videos"
    assert open_dataset(OWN).licence == SOURCES["own"].licence
    (folder / "title.txt").write_text("  Grandma's gym \nmore\n")
    own = open_dataset(OWN, ["run"])
    assert (own.name, own.title, own.labels) == ("own", "Grandma's gym", ("run",))  # the name is on cards
    (folder / "title.txt").write_bytes(b"\xff" * 1000)
    assert len(open_dataset(OWN).title) == 100


@pytest.mark.parametrize(
    "name",
    [
        *("", "nowhere", "no/where", "a\0b", "~unknown", "x" * 5000, "own-short"),
        *(
            "own-Zk3_abcdefghijk-mnoq",
            "own-../../../../secrets",
            "own-aaaaaaaaaaaaaaaa/..",
            f"{OWN}\n",
            f"own-{'a' * 44}",
        ),
    ],
)
def test_other_names_are_refused_and_open_nothing_that_users_have_uploaded(name: str) -> None:
    create(settings().own_datasets / OWN, "run/a.mp4")
    with pytest.raises(DatasetMissing) as raised:
        open_dataset(name)
    assert str(settings().own_datasets) not in str(raised.value)


@pytest.mark.promise("private", "Errors do not reveal where a visitor's data set is stored")
def test_errors_of_a_users_set_do_not_reveal_its_path() -> None:
    create(settings().own_datasets / OWN, "loose.mp4")
    with pytest.raises(DatasetMissing, match=r"loose\.mp4") as raised:
        open_dataset(OWN)
    assert str(settings().home) not in str(raised.value)
    folder = create(settings().own_datasets / OWN, "run/a.mp4")
    (folder / "groups.csv").write_text("wrong\n1\n")
    with pytest.raises(DatasetError, match=r"groups\.csv") as raised_by_table:
        open_dataset(OWN)
    assert str(settings().home) not in str(raised_by_table.value)


def test_the_generated_set_is_drawn_when_its_videos_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    requested: list[Path] = []
    monkeypatch.setattr(
        figures.dataset_files, "_draw_files", lambda paths, folder, on_progress: drawn.append(len(paths))
    )
    monkeypatch.setattr(figures.background_drawing.DrawingProcess, "draw", lambda self, path: requested.append(path))
    dataset = open_dataset("figures", ["walk"], draw=False)
    assert (len(dataset.videos), dataset.labels) == (100, ("Walk",))
    assert dataset.licence.startswith("MIT")
    assert drawn == []
    missing = [video for video in dataset.videos if not video.path.exists()][:7]
    reports: list[Progress] = []
    ensure_drawn(missing, reports.append)
    assert requested == [video.path for video in missing]
    assert reports == [Progress(Stage.DRAW_CLIPS, done, 7) for done in range(8)]
    assert open_dataset("figures", ["walk"]) == dataset
    assert drawn == [100]
    with pytest.raises(LabelsError):
        open_dataset("figures", ["juggle"], draw=False)
