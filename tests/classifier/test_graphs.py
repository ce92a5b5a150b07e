import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.classifier import folder_of, list_cards, load, read_card
from har.classifier.graphs import prepared
from har.errors import ClassifierDamaged
from har.settings import settings
from har.video import write_video
from tests.conftest import ROOT
from tests.runtime.smooth import smooth_clips

SHIPPED = [
    card.name for card in list_cards() if folder_of(card.name).parent == settings().weights and not card.base
]  # of these, everything is part of the project


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_classifiers_bring_their_files_and_use_nothing_else(
    name: str, override: Callable[..., object], tmp_path: Path
) -> None:
    override(home=tmp_path)
    assert load(name).card.name == name
    assert not list(tmp_path.iterdir())


def test_no_file_is_shipped_without_need() -> None:
    homes = [folder_of(card.name) for card in list_cards()]
    ours = [home for home in homes if (home / "weights.npz").is_file()]
    needed = {path for home in ours for path in prepared(home, read_card(home)).values()}
    assert set((settings().weights / "graphs").iterdir()) <= needed


def test_annotating_does_not_import_tensorflow(tmp_path: Path) -> None:
    write_video(tmp_path / "film.mp4", smooth_clips(1, (30, 64, 64, 3))[0], Fraction(10))
    program = """
import sys
from har.cli import main
main(["annotate", "film.mp4", "--classifier", "lrcn-figures"], standalone_mode=False)
sys.exit("tensorflow" in sys.modules or "keras" in sys.modules)
"""
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert (tmp_path / "film-annotated/annotated.mp4").is_file()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A shipped classifier with slightly other weights, so that nothing is known of it."""
    shutil.copytree(folder_of("lrcn-figures"), tmp_path / "copied")
    with np.load(tmp_path / "copied/weights.npz") as file:
        arrays = dict(file)
    arrays["labels|bias"] = arrays["labels|bias"] + np.arange(len(arrays["labels|bias"]), dtype=np.float32)
    np.savez(tmp_path / "copied/weights.npz", **arrays)
    return tmp_path / "copied"


@pytest.mark.training
def test_a_classifier_from_elsewhere_is_converted_once_and_no_file_beside_its_weights_is_run(
    copied: Path, override: Callable[..., object], tmp_path: Path
) -> None:
    override(home=tmp_path / "home")
    for path in (folder_of("lrcn-figures").parent / "graphs").glob("lrcn-*"):
        (copied / path.name).write_bytes(b"not a network")
    clips = smooth_clips(2, load("lrcn-figures").card.spec.shape)
    first = load(copied)(clips)
    assert np.abs(first - load("lrcn-figures")(clips)).max() > 0.05
    files = [path for path in (tmp_path / "home/graphs").rglob("*") if path.is_file()]
    changed = [path.stat().st_ino for path in files]
    np.testing.assert_array_equal(load(copied)(clips), first)
    assert [path.stat().st_ino for path in files] == changed


@pytest.mark.training
def test_damaged_weights_are_reported_by_the_process_that_converts(copied: Path) -> None:
    card = json.loads((copied / "card.json").read_text())
    (copied / "card.json").write_text(json.dumps(card | {"labels": ["a", "b"]}))
    program = f"""
from pathlib import Path
from har.classifier import load
from har.errors import ClassifierDamaged
try:
    load(Path({str(copied)!r}))
except ClassifierDamaged as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert "weights" in done.stdout


def test_missing_weights_are_reported(copied: Path) -> None:
    (copied / "weights.npz").unlink()
    with pytest.raises(ClassifierDamaged, match="cannot be read"):
        load(copied)


def test_an_unknown_network_is_reported_without_tensorflow(copied: Path) -> None:
    card = json.loads((copied / "card.json").read_text())
    (copied / "card.json").write_text(json.dumps(card | {"network": "resnet"}))
    with pytest.raises(ClassifierDamaged, match="resnet"):
        load(copied)
