"""The registry of sources."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from har.cli import main
from har.datasets import list_datasets, open_dataset
from har.datasets.source import Source
from har.datasets.sources import SOURCES, figures, find_source, register
from har.errors import OptionsError
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings
from tests.datasets.conftest import MakeVideo, SetSettings

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch, video: MakeVideo) -> Source:
    """A source that a test has registered."""

    def fetch(classes: Sequence[str] = (), on_progress: OnProgress = ignore) -> Path:
        folder = settings().datasets / "dances"
        for number, label in enumerate(classes or ("Tango", "Waltz")):
            (folder / label).mkdir(parents=True)
            (folder / label / f"v_{label}_g01_c01.mp4").write_bytes(video(number))
            on_progress(Progress(Stage.DOWNLOAD, number + 1, 2, label))
        return folder

    source = Source("dances", "Dances of the world", "Two dances.", "CC0.", "2 clips", fetch=fetch)
    monkeypatch.setitem(SOURCES, source.name, source)  # restored after the test
    register(source)
    return source


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_described(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert source.title
    assert source.size
    assert source.description.endswith(".")
    assert source.licence.endswith(".")
    for preset in source.presets.values():
        assert preset.labels is None or len(set(preset.labels)) == len(preset.labels) > 0


def test_a_registered_source_can_be_listed_fetched_and_opened(made_up: Source) -> None:
    run = CliRunner().invoke
    assert "Dances of the world: 2 clips. CC0." in run(main, ["datasets", "sources"]).stdout
    assert not made_up.is_complete
    result = run(main, ["datasets", "get", "dances", "--labels", "Waltz"])
    assert result.exit_code == 0
    assert "1 labels, 1 clips" in result.stdout
    assert made_up.is_complete
    assert ("dances", "Dances of the world") in [(entry.name, entry.title) for entry in list_datasets()]
    dataset = open_dataset("dances")
    assert (dataset.title, dataset.licence, dataset.labels) == ("Dances of the world", "CC0.", ("Waltz",))


def test_an_unknown_source_is_refused_with_the_known_ones(made_up: Source) -> None:
    with pytest.raises(OptionsError, match=r"'plays'.*figures, ucf101, ucf50, own, dances"):
        find_source("plays")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["get", "own"], "cannot be downloaded"),
        (["get", "ucf101"], "--labels A,B or --preset"),
        (["get", "ucf101", "--preset", "best"], "tutorial, ucf50, all"),
        (["classes", "ucf50"], "as a whole"),
    ],
)
def test_impossible_requests_are_refused(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["datasets", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr


def test_figures_are_complete_and_can_be_drawn_in_advance(home: SetSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, ...]] = []
    monkeypatch.setattr(figures, "open_figures", lambda labels, on_progress: drawn.append(labels))
    assert SOURCES["figures"].is_complete
    assert figures.fetch(("Walk",)).parent == home().datasets
    assert drawn == [("Walk",)]
