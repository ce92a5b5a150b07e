import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from har.classifier import list_cards, place_of, read_card
from har.classifier.card import write_card
from har.errors import ClassifierDamaged, ClassifierMissing
from har.networks import NETWORKS
from har.settings import settings
from tests.classifier.conftest import CARD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_card(tmp_path / "card.json", CARD)
    return tmp_path


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))


def test_a_written_card_is_read_unchanged_with_the_name_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    write_card(tmp_path / "tiny/card.json", CARD)
    assert read_card(tmp_path / "tiny") == CARD
    (tmp_path / "tiny").rename(tmp_path / "other")
    assert read_card(tmp_path / "other").name == "other"


def test_a_text_is_a_bundled_classifier_or_a_folder_or_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert place_of(folder.name) == place_of(f"./{folder.name}") == Path(folder.name)
    assert place_of("none/here") == Path("none/here")
    assert place_of("not-here") == "not-here"
    monkeypatch.setattr(
        "har.classifier.card.settings", lambda: settings().model_copy(update={"weights": folder.parent})
    )
    assert place_of(folder.name) == folder.name


def test_a_card_is_readable_json_with_one_line_per_video(folder: Path) -> None:
    lines = (folder / "card.json").read_text().splitlines()
    assert any(line.strip() == '"labels": ["jump", "run", "wäve"],' for line in lines)
    assert max(map(len, lines)) <= 115
    assert len([line for line in lines if ".mp4" in line]) == 2


@pytest.mark.promise("hostile", "An invalid classifier card is refused with the problem")
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda card: card.pop("labels"), "labels: Field required"),
        (lambda card: card.update(labels=["jump", 3]), "labels.1"),
        (lambda card: card.update(labels=["jump", "jump", "run"]), "a label twice"),
        (lambda card: card.update(labels=["jump"]), "fewer than two labels"),
        (lambda card: card.update(labels=["jump", " "]), "empty label"),
        (lambda card: card.update(labels=[f"l{n}" for n in range(6000)]), "more than 5000 labels"),
        (lambda card: card["spec"].update(frames="20"), "spec.frames"),
        (lambda card: card["spec"].update(frames=0), "invalid clip spec"),
        (lambda card: card["spec"].update(fit="squeeze"), "spec.fit"),
        (lambda card: card["spec"].update(height=100_000, width=100_000), "too large"),
        (lambda card: card["spec"].update(frames=1000, height=64, width=64), "too large"),
        (lambda card: card["spec"].update(span_sec=0.001), "frames per second"),
        (lambda card: card.update(labels=["jump", "r" * 300]), "label of more than"),
        (lambda card: card.update(title="t" * 10_000), "text of more than"),
        (lambda card: card.update(stride_sec=-1), "stride"),
        (lambda card: card.update(stride_sec=float("nan")), "stride"),
        (lambda card: card["data"].update(trained=[["00ff", "g01"]]), "data.trained.0"),
        (lambda card: card.update(options={"units": [1]}), "options.units"),
        (lambda card: card.update(format_version=True), "format_version"),
    ],
)
def test_an_invalid_card_is_refused_with_the_problem(
    folder: Path, change: Callable[[dict[str, Any]], object], problem: str
) -> None:
    edit(folder, change)
    with pytest.raises(ClassifierDamaged) as caught:
        read_card(folder)
    assert problem in str(caught.value)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("text", [b"", b"{", b"[1, 2]", b"\xff\xfe{}", b'{"a": ' * 100_000, b"null"])
def test_a_file_that_is_not_a_card_is_refused(folder: Path, text: bytes) -> None:
    (folder / "card.json").write_bytes(text)
    with pytest.raises(ClassifierDamaged):
        read_card(folder)


def test_a_newer_format_is_refused_with_advice_to_update(folder: Path) -> None:
    (folder / "card.json").write_text('{"format_version": 3, "everything": "is different"}')
    with pytest.raises(ClassifierDamaged, match="Update the program"):
        read_card(folder)


def test_unknown_keys_of_later_versions_are_ignored(folder: Path) -> None:
    edit(folder, lambda card: card.update(colour="red"))
    assert read_card(folder).labels == CARD.labels


@pytest.mark.promise("hostile", "The name of a classifier never leads to another folder")
@pytest.mark.parametrize(
    "name", ["", "unknown", "..", "../tiny", "/etc", "a/b", "a\\b", ".hidden", "i3d-kinetics400/", "i3d-kinetics400\n"]
)
def test_a_name_never_leads_to_another_folder(name: str) -> None:
    with pytest.raises(ClassifierMissing, match="i3d-kinetics400"):
        read_card(name)


def test_a_name_is_not_a_relative_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    with pytest.raises(ClassifierMissing):
        read_card(folder.name)
    assert read_card(Path(folder.name)).labels == CARD.labels


def test_the_list_has_bundled_classifiers_first_then_those_trained_here(folder: Path) -> None:
    mine = settings().classifiers / "aaa-mine"
    damaged = settings().classifiers / "bbb-damaged"
    shadow = settings().classifiers / "i3d-kinetics400"
    try:
        for copy in (mine, damaged, shadow):
            shutil.copytree(folder, copy)
        (damaged / "card.json").write_text("{")
        names = [card.name for card in list_cards()]
        assert names.index("i3d-kinetics400") < names.index("aaa-mine")
        assert names.count("i3d-kinetics400") == 1
        assert "bbb-damaged" not in names
        assert len(read_card("i3d-kinetics400").labels) == 400
    finally:
        shutil.rmtree(settings().classifiers)


def test_every_bundled_classifier_has_a_known_network_a_licence_and_a_notice() -> None:
    for card in list_cards():
        assert card.network in NETWORKS
        assert card.licence
        assert (settings().weights / card.name / "NOTICE").is_file()


def test_listing_cards_and_importing_plots_do_not_import_tensorflow() -> None:
    code = (
        "import sys, har.plots, har.networks.summary; from har.classifier import list_cards; "
        "sys.exit(not list_cards() or 'tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
